import type { JsonObject } from "../../store/contract/rows.ts";
import type { Reads } from "../../store/contract/transaction.ts";

/** The `object` value of balance rows. */
export const BALANCE = "balance";

/** The origin of funds. A payout draws from one kind. Source: https://docs.stripe.com/api/balance/balance_object */
export const SOURCE_TYPES = ["card", "bank_account", "fpx"] as const;
export type SourceType = (typeof SOURCE_TYPES)[number];

/** An account's funds of one currency and kind of source, in the currency's smallest unit. */
export interface Funds {
  available: number;
  /** Pending amounts by the Unix milliseconds at which they become available, earliest first. At most one a day. */
  pending: readonly (readonly [availableOn: number, amount: number])[];
  /** The open batch of transactions available at once. An automatic payout closes it and begins the next. */
  batch: number;
  /** Automatic payouts have paid out the transactions that became available until this time. Unix milliseconds. */
  paidThrough: number;
}

/** An account's balance in one mode. */
export interface BalanceState {
  accountId: string;
  livemode: boolean;
  /** By currency, then by kind of source. */
  funds: Readonly<Record<string, Partial<Record<SourceType, Funds>>>>;
  /** Whether the available funds have grown since the last `balance.available` event. */
  grown: boolean;
}

const NOTHING: Funds = { available: 0, pending: [], batch: 0, paidThrough: 0 };

/** The id of the row that stores an account's balance in one mode. */
export function balanceId(accountId: string, livemode: boolean): string {
  return `balance_${accountId}_${livemode ? "live" : "test"}`;
}

/** Reads an account's balance as last written, where funds that became available since are still pending. */
export async function readKeptBalance(reads: Reads, accountId: string, livemode: boolean): Promise<BalanceState | null> {
  const row = await reads.object(balanceId(accountId, livemode));
  return row === null ? null : (row.data as unknown as BalanceState);
}

/**
 * Reads an account's balance at the given time, in Unix milliseconds: funds due by then are available. An account that
 * never had funds has no currencies.
 */
export async function readBalance(reads: Reads, accountId: string, livemode: boolean, now: number): Promise<BalanceState> {
  const kept = await readKeptBalance(reads, accountId, livemode);
  return settled(kept ?? emptyBalance(accountId, livemode), now);
}

export function emptyBalance(accountId: string, livemode: boolean): BalanceState {
  return { accountId, livemode, funds: {}, grown: false };
}

/** Encodes a balance for its row. */
export function balanceData(balance: BalanceState): JsonObject {
  return balance as unknown as JsonObject;
}

/** The funds of one currency and kind of source; empty by default. */
export function fundsOf(balance: BalanceState, currency: string, sourceType: SourceType): Funds {
  return balance.funds[currency]?.[sourceType] ?? NOTHING;
}

/** A balance with the funds of one currency and kind of source replaced. */
export function withFunds(balance: BalanceState, currency: string, sourceType: SourceType, funds: Funds): BalanceState {
  return { ...balance, funds: { ...balance.funds, [currency]: { ...balance.funds[currency], [sourceType]: funds } } };
}

/** The part of the funds that is still pending. */
export function pendingOf({ pending }: Funds): number {
  return pending.reduce((sum, [, amount]) => sum + amount, 0);
}

/**
 * The amount available for instant payouts. Card payments count as soon as they are made; other pending debits are
 * deducted.
 * Source: https://docs.stripe.com/payouts/instant-payouts
 */
export function instantlyAvailable(balance: BalanceState, currency: string): number {
  const card = fundsOf(balance, currency, "card");
  return Math.max(0, card.available + pendingOf(card));
}

/** Every currency and kind of source that has funds. */
export function allFunds(balance: BalanceState): { currency: string; sourceType: SourceType; funds: Funds }[] {
  return Object.entries(balance.funds).flatMap(([currency, ofTypes]) =>
    SOURCE_TYPES.flatMap((sourceType) => {
      const funds = ofTypes[sourceType];
      return funds === undefined ? [] : [{ currency, sourceType, funds }];
    }),
  );
}

/** Whether the account has or owes anything in any currency. */
export function hasFunds(balance: BalanceState): boolean {
  return allFunds(balance).some(({ funds }) => funds.available !== 0 || funds.pending.some(([, amount]) => amount !== 0));
}

/** A balance with funds due by now moved from pending to available. */
export function settled(balance: BalanceState, now: number): BalanceState {
  let after = balance;
  for (const { currency, sourceType, funds } of allFunds(balance)) {
    const due = funds.pending.filter(([availableOn]) => availableOn <= now);
    if (due.length === 0) continue;
    const released = due.reduce((sum, [, amount]) => sum + amount, 0);
    after = withFunds(after, currency, sourceType, {
      ...funds,
      available: funds.available + released,
      pending: funds.pending.filter(([availableOn]) => availableOn > now),
    });
    if (released > 0) after = { ...after, grown: true };
  }
  return after;
}

/** A balance with an added amount: available if its time has come, otherwise pending until then. */
export function credited(
  balance: BalanceState,
  { currency, sourceType, amount, availableOn }: { currency: string; sourceType: SourceType; amount: number; availableOn: number },
  now: number,
): BalanceState {
  const funds = balance.funds[currency]?.[sourceType] ?? { ...NOTHING, paidThrough: now };
  if (availableOn <= now) {
    const after = withFunds(balance, currency, sourceType, { ...funds, available: sum(funds.available, amount) });
    return amount > 0 ? { ...after, grown: true } : after;
  }
  const others = funds.pending.filter(([time]) => time !== availableOn);
  const already = funds.pending.find(([time]) => time === availableOn)?.[1] ?? 0;
  const pending = [...others, [availableOn, sum(already, amount)] as const].sort(([one], [other]) => one - other);
  return withFunds(balance, currency, sourceType, { ...funds, pending });
}

function sum(one: number, other: number): number {
  const total = one + other;
  if (!Number.isSafeInteger(total)) throw new Error("A balance holds whole numbers up to 2^53 alone.");
  return total;
}
