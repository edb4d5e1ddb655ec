import { operation, type Resource } from "../../operations/operation.ts";
import { ownedRow } from "../../operations/owned-row.ts";
import { hash } from "../../operations/parameters.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { judgePerson } from "../connected-account/requirements/judge.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import { accountOfAccountPersons } from "../persons/account-of-persons.ts";
import { accountPersonTokenParameters } from "../persons/account-person-parameters.ts";
import { withoutSecrets } from "../persons/change-person.ts";
import { checkAccountPerson } from "../persons/check-person.ts";
import { toldInV1 } from "../persons/told-in-v1.ts";
import { makeV2Token, renderV2Token } from "../token-use/v2-token.ts";

const PATH = "/v2/core/accounts/:account/person_tokens";

/**
 * Tokens of the v2 API for a person of one account: made by the user's browser, and used once, soon after.
 * Source: https://docs.stripe.com/api/v2/core/person-tokens
 */
export const accountPersonTokens: Resource = {
  object: "v2.core.account_person_token",
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: PATH,
      publishable: "required_in_live_mode",
      params: accountPersonTokenParameters,
      async run(context, given, { account = "" }) {
        const { now, livemode, clientIp } = context;
        const { id: ofAccount, data } = await accountOfAccountPersons(context, account, "change");
        const { country } = readAccountState(data);
        const { additional_terms_of_service: terms, ...same } = given;
        const accepted = { date: new Date(now).toISOString(), ...(clientIp === null ? {} : { ip: clientIp }) };
        const change = toldInV1(
          { ...same, ...(terms?.account?.shown_and_accepted === true ? { additional_terms_of_service: { account: accepted } } : {}) },
          "",
        ) as JsonObject;
        checkAccountPerson(change, { hash: "", now, country });
        return makeV2Token(context, "account_person_token", {
          ofAccount,
          kept: withoutSecrets(change),
          found: { person: judgePerson(change, livemode) },
          told: Object.keys(given),
        });
      },
    }),
    operation({
      method: "GET",
      path: `${PATH}/:person_token`,
      params: hash({}),
      async run(context, _, { account = "", person_token: id = "" }) {
        const { id: ofAccount } = await accountOfAccountPersons(context, account, "see");
        const row = await context.tx.object(id);
        const fits = row?.object === "v2.core.account_person_token" && row.parent === ofAccount;
        return renderV2Token(ownedRow(fits ? row : null, context, "token", id));
      },
    }),
  ],
};
