import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../../operations/operation.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import { fingerprints } from "../../external-accounts/fingerprint.ts";
import { checkExpiry } from "../../external-accounts/judge-card.ts";
import type { JudgedExternalAccount } from "../../external-accounts/judged-external-account.ts";
import { useToken } from "../../token-use/use-token.ts";
import type { Card } from "./card.ts";
import { cardNumbered, testCardNamed } from "./test-cards.ts";

/** A card that a call describes, with the details given beside it. */
export interface CardTold {
  card: Card;
  cvcCheck: "unchecked" | null;
  /** Name and address, if the token has them. */
  billing: JsonObject;
  /** The `card_…` id that a token reserved. */
  id: string | null;
}

/** The payment data of a card token, in addition to its payout data. Tokens of earlier versions lack the card. */
export interface CardTokenKept {
  id: string;
  judged: JudgedExternalAccount;
  card?: Card;
}

/**
 * The card of a `tok_…`: a documented token in test mode, or a created one, which this consumes. Throws
 * `resource_missing` and what `useToken` throws.
 */
export async function cardOfToken(context: OperationContext, token: string, param: string): Promise<CardTold> {
  const { tx, ids, now, livemode } = context;
  const named = livemode ? null : testCardNamed(token, { now, fingerprint: await fingerprints(tx, ids) });
  if (named !== null) return { card: named, cvcCheck: "unchecked", billing: {}, id: null };
  const { kept } = await useToken(context, token, { types: ["card"], param });
  const { id, judged, card } = kept as unknown as CardTokenKept;
  const { shown } = judged;
  return {
    card: card ?? cardOfJudged(judged),
    cvcCheck: shown.cvc_check === "unchecked" ? "unchecked" : null,
    billing: {
      name: shown.name ?? null,
      address: {
        city: shown.address_city ?? null,
        country: shown.address_country ?? null,
        line1: shown.address_line1 ?? null,
        line2: shown.address_line2 ?? null,
        postal_code: shown.address_zip ?? null,
        state: shown.address_state ?? null,
      },
    },
    id,
  };
}

/** Converts a card judged for payouts to a card for payments. */
export function cardOfJudged({ country, shown }: Pick<JudgedExternalAccount, "country" | "shown">): Card {
  return {
    brand: String(shown.brand)
      .toLowerCase()
      .replace("american express", "amex")
      .replace(/ club$/, ""),
    funding: String(shown.funding),
    country,
    last4: String(shown.last4),
    expMonth: Number(shown.exp_month),
    expYear: Number(shown.exp_year),
    fingerprint: String(shown.fingerprint),
    decline: null,
    bypassesPending: false,
    needsAuthentication: false,
    threshold: null,
  };
}

/** A card as described by parameters: by token, or by number. */
export interface CardParameters {
  cvc?: string;
  exp_month?: number;
  exp_year?: number;
  number?: string;
  token?: string;
}

/**
 * The card that a call describes in `param`. Throws `parameter_missing`, `card_number_incorrect`, `card_declined` or an
 * error about its date. No message contains the number.
 */
export async function cardTold(context: OperationContext, given: CardParameters | undefined, param: string): Promise<CardTold> {
  const { tx, ids, now, livemode } = context;
  if (given?.token !== undefined) return cardOfToken(context, given.token, `${param}[token]`);
  if (given?.number === undefined) throw apiError("parameter_missing", { param: `${param}[number]` });
  const { exp_month, exp_year } = given;
  const card = cardNumbered(given.number, given, { now, livemode, fingerprint: await fingerprints(tx, ids) }, `${param}[number]`);
  if (exp_month !== undefined && exp_year !== undefined) checkExpiry({ exp_month, exp_year }, now, param);
  return { card, cvcCheck: given.cvc === undefined ? null : "unchecked", billing: {}, id: null };
}
