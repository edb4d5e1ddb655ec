import type Stripe from "stripe";
import type { Static } from "typebox";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import { ownedRow } from "../../operations/owned-row.ts";
import { choice, flag, formatted, hash, optional, text } from "../../operations/parameters.ts";
import type { JsonObject } from "../../store/contract/rows.ts";
import { BUSINESS_TYPES } from "../accounts/company-parameters.ts";
import { judgeAccount, judgePerson } from "../connected-account/requirements/judge.ts";
import { accountIndividualProperties } from "../persons/account-person-parameters.ts";
import { withoutSecrets } from "../persons/change-person.ts";
import { checkAccountPerson, type ToldOfPerson } from "../persons/check-person.ts";
import { makeV2Token, renderV2Token } from "../token-use/v2-token.ts";
import { changeInV1, type V2AccountTold } from "./change-in-v1.ts";
import { businessDetails, personsProvided } from "./v2-account-parameters.ts";

const PATH = "/v2/core/account_tokens";

const attested = () => optional(hash({ attested: optional(flag()) }));

const accountTokenParameters = coversStripeParams<Stripe.V2.Core.AccountTokenCreateParams>()(
  hash({
    contact_email: optional(formatted("email", 800)),
    contact_phone: optional(formatted("phone")),
    display_name: optional(text()),
    identity: optional(
      hash({
        attestations: optional(
          hash({
            directorship_declaration: attested(),
            ownership_declaration: attested(),
            persons_provided: optional(personsProvided),
            representative_declaration: attested(),
            terms_of_service: optional(hash({ account: optional(hash({ shown_and_accepted: optional(flag()) })) })),
          }),
        ),
        business_details: optional(businessDetails),
        entity_type: optional(choice(BUSINESS_TYPES)),
        individual: optional(hash(accountIndividualProperties)),
      }),
    ),
  }),
);

type Told = Static<typeof accountTokenParameters>;

/**
 * Tokens of the v2 API for an account: made by the user's browser, and used once, soon after.
 * Source: https://docs.stripe.com/api/v2/core/account-tokens
 */
export const accountTokens: Resource = {
  object: "v2.core.account_token",
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: PATH,
      publishable: "required_in_live_mode",
      params: accountTokenParameters,
      async run(context, given) {
        const { now, livemode, clientIp } = context;
        const individual = given.identity?.individual;
        const here = { date: new Date(now).toISOString(), ...(clientIp === null ? {} : { ip: clientIp }) };
        const change = changeInV1(attestedHere(given, here)) as JsonObject;
        const hash = "identity[individual]";
        if (individual !== undefined) checkAccountPerson(change.individual as ToldOfPerson, { hash, now, country: null });
        const person = (change.individual ?? {}) as JsonObject;
        return makeV2Token(context, "account_token", {
          ofAccount: null,
          kept: withoutSecrets(change),
          found: { account: judgeAccount(change, livemode), person: judgePerson(person, livemode) },
          told: pathsIn(given),
        });
      },
    }),
    operation({
      method: "GET",
      path: `${PATH}/:account_token`,
      params: hash({}),
      async run(context, _, { account_token: id = "" }) {
        const row = await context.tx.object(id);
        return renderV2Token(ownedRow(row?.object === "v2.core.account_token" ? row : null, context, "token", id));
      },
    }),
  ],
};

/**
 * The parameters that the token would apply to an account. Attestations count as made where and when the token is
 * created.
 */
function attestedHere({ identity, ...same }: Told, here: { date: string; ip?: string }): V2AccountTold {
  if (identity === undefined) return same;
  const { attestations, ...rest } = identity;
  if (attestations === undefined) return { ...same, identity: rest };
  const { persons_provided, terms_of_service, ...declarations } = attestations;
  const declared = Object.entries(declarations).flatMap(([name, declaration]) =>
    declaration?.attested === true ? [[name, here] as const] : [],
  );
  return {
    ...same,
    identity: {
      ...rest,
      attestations: {
        ...Object.fromEntries(declared),
        ...(persons_provided === undefined ? {} : { persons_provided }),
        ...(terms_of_service?.account?.shown_and_accepted === true ? { terms_of_service: { account: here } } : {}),
      },
    },
  };
}

/**
 * The parameters of a token by their paths: a call that uses the token may give the rest of the account's identity
 * itself.
 */
function pathsIn({ identity, ...same }: Told): string[] {
  return [...Object.keys(same), ...Object.keys(identity ?? {}).map((name) => `identity.${name}`)];
}
