import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { choice, flag, hash, optional } from "../../operations/parameters.ts";
import { seconds } from "../../operations/time-range.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { BUSINESS_TYPES, companyProperties } from "../accounts/company-parameters.ts";
import { judgeAccount, judgePerson } from "../connected-account/requirements/judge.ts";
import { withoutSecrets } from "../persons/change-person.ts";
import { checkPerson } from "../persons/check-person.ts";
import { individualProperties } from "../persons/person-parameters.ts";
import { tokenKind } from "./token-kind.ts";

/**
 * A token for an account's details: `ct_…`. Accepted terms count as accepted at the token's creation, from the address
 * that created it.
 * Source: https://docs.stripe.com/api/tokens/create_account
 */
export const accountToken = tokenKind({
  id: "account_token",
  params: coversStripeParams<Stripe.TokenCreateParams.Account>()(
    hash({
      business_type: optional(choice(BUSINESS_TYPES)),
      company: optional(hash({ ...companyProperties, ownership_declaration_shown_and_signed: optional(flag()) })),
      individual: optional(hash(individualProperties)),
      tos_shown_and_accepted: optional(flag()),
    }),
  ),
  async keep({ now, livemode, clientIp }, { tos_shown_and_accepted: accepted, company, ...told }) {
    if (told.individual !== undefined) checkPerson(told.individual, { hash: "account[individual]", now, country: null });
    const here: JsonObject = { date: seconds(now), ...(clientIp === null ? {} : { ip: clientIp }) };
    const { ownership_declaration_shown_and_signed: declared, ...toldOfCompany } = company ?? {};
    const kept = {
      ...told,
      ...(company === undefined ? {} : { company: { ...toldOfCompany, ...(declared === true ? { ownership_declaration: here } : {}) } }),
      ...(accepted === true ? { tos_acceptance: here } : {}),
    };
    const found = {
      account: judgeAccount(kept as JsonObject, livemode),
      person: judgePerson((told.individual ?? {}) as JsonObject, livemode),
    };
    return { kept: withoutSecrets(kept as JsonObject), found, shown: {} };
  },
});
