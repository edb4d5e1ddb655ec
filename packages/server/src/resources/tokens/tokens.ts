import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { Static } from "typebox";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { inFull } from "../../operations/expandable.ts";
import { type OperationContext, operation, type Resource } from "../../operations/operation.ts";
import { ownedRow } from "../../operations/owned-row.ts";
import { either, optional, params, text } from "../../operations/parameters.ts";
import { seconds } from "../../operations/time-range.ts";
import type { JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import { readToken, type TokenContent, type TokenType, writeToken } from "../token-use/token-state.ts";
import { accountToken } from "./account-token.ts";
import { bankAccountToken } from "./bank-account-token.ts";
import { cardToken } from "./card-token.ts";
import { customerToken } from "./customer-token.ts";
import { personToken } from "./person-token.ts";
import { piiToken } from "./pii-token.ts";
import type { TokenKind } from "./token-kind.ts";

/** Every kind of token, by its type. */
const KINDS = {
  account: accountToken,
  bank_account: bankAccountToken,
  card: cardToken,
  person: personToken,
  pii: piiToken,
} as const satisfies Record<TokenType, TokenKind>;

/**
 * Parameters of a new token, of exactly one kind. Bank accounts and cards are compared with Stripe's types where their
 * kinds are defined. A customer's card is named by its id; bank accounts are not saved here. Source:
 * https://docs.stripe.com/api/tokens
 */
const createTokenParameters = coversStripeParams<Omit<Stripe.TokenCreateParams, "bank_account" | "card">>()(
  params({
    account: optional(KINDS.account.params),
    bank_account: optional(KINDS.bank_account.params),
    card: optional(either(text(), KINDS.card.params)),
    customer: optional(text()),
    person: optional(KINDS.person.params),
    pii: optional(KINDS.pii.params),
  }),
  ["cvc_update"],
);

/** Single-use tokens for data that the platform's server must not see. Source: https://docs.stripe.com/api/tokens */
export const tokens: Resource = {
  object: "token",
  expandable: { bank_account: inFull("bank_account"), card: inFull("card") },
  operations: [
    operation({
      method: "POST",
      path: "/v1/tokens",
      publishable: true,
      params: createTokenParameters,
      async run(context, given) {
        const { tx, account, livemode, now, ids, clientIp } = context;
        const { type, kind, keep } = kindAsked(given);
        const content = await keep(context);
        const row: ObjectRow = {
          id: ids.newId(kind.id, now),
          object: "token",
          accountId: account.id,
          livemode,
          parent: null,
          created: now,
          data: writeToken({ type, used: false, clientIp, ...content }),
        };
        await tx.insertObject(row);
        return renderToken(row);
      },
    }),
    operation({
      method: "GET",
      path: "/v1/tokens/:token",
      params: params({}),
      async run(context, _, path) {
        const id = path.token ?? "";
        const row = await context.tx.object(id);
        return renderToken(ownedRow(row?.object === "token" ? row : null, context, "token", id));
      },
    }),
  ],
};

/** The requested kind of token, and how to make it. Throws `token_content_missing` or `parameters_exclusive`. */
function kindAsked(given: Static<typeof createTokenParameters>): {
  type: TokenType;
  kind: TokenKind;
  keep(context: OperationContext): Promise<TokenContent>;
} {
  const { customer, card } = given;
  const asked = (Object.keys(KINDS) as TokenType[]).filter((type) => given[type] !== undefined);
  if (customer !== undefined) {
    const beside = asked.find((type) => type !== "card" || typeof card !== "string");
    if (beside !== undefined) throw apiError("parameters_exclusive", { param: beside, other: "customer" });
    return { type: "card", kind: KINDS.card, keep: (context) => customerToken(context, customer, card as string | undefined) };
  }
  const [type, other] = asked;
  if (type === undefined) throw apiError("token_content_missing", { kinds: Object.keys(KINDS).join(", ") });
  if (other !== undefined) throw apiError("parameters_exclusive", { param: other, other: type });
  if (typeof given[type] === "string") throw apiError("parameter_missing", { param: "customer" });
  const kind: TokenKind = KINDS[type];
  return { type, kind, keep: (context) => kind.keep(context, given[type]) };
}

/** The Token object. Source: https://docs.stripe.com/api/tokens/object */
function renderToken(row: ObjectRow): JsonObject {
  const { type, used, clientIp, shown } = readToken(row);
  return asJson({
    id: row.id,
    object: "token",
    ...shown,
    client_ip: clientIp,
    created: seconds(row.created),
    livemode: row.livemode,
    type,
    used,
  } satisfies Stripe.Token);
}
