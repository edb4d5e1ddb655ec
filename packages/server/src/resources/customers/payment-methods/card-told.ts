import { apiError } from "@carabiner/protocol";
import type { OperationContext } from "../../../operations/operation.ts";
import type { JsonObject } from "../../../store/contract/rows.ts";
import { fingerprints } from "../../external-accounts/fingerprint.ts";
import { checkExpiry } from "../../external-accounts/judge-card.ts";
import type { JudgedExternalAccount } from "../../external-accounts/judged-external-account.ts";
import { useToken } from "../../token-use/use-token.ts";
import type { Card } from "./card.ts";
import { cardNumbered, testCardNamed } from "./test-cards.ts";

/** A card that a call tells of, and what is told with it. */
export interface CardTold {
  card: Card;
  cvcCheck: "unchecked" | null;
  /** Name and address, where a token has them. */
  billing: JsonObject;
  /** The `card_…` that a token promised. */
  id: string | null;
}

/** What a card's token keeps for payments, beside what it keeps for payouts; tokens of earlier versions lack the card. */
export interface CardTokenKept {
  id: string;
  judged: JudgedExternalAccount;
  card?: Card;
}

/**
 * The card a `tok_…` stands for: one of the documentation in test mode, or one that was made, which is used by this.
 * Throws `resource_missing` and what `useToken` throws.
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

/** A card for payments, of one that was judged for payouts. */
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

/** A card as parameters tell of it: by token, or by number. */
export interface CardParameters {
  cvc?: string;
  exp_month?: number;
  exp_year?: number;
  number?: string;
  token?: string;
}

/**
 * The card that a call tells of in `param`. Throws `parameter_missing`, `card_number_incorrect`, `card_declined` or an
 * error about its date; no message holds the number.
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
