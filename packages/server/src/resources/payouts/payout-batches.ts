import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow, JsonObject, ObjectRow } from "../../store/contract/rows.ts";
import type { Page, PageOf, Reads, TimeRange } from "../../store/contract/transaction.ts";
import { fundsOf, readKeptBalance, type SourceType, settled, withFunds } from "../balance/balance-state.ts";
import { BALANCE_TRANSACTION } from "../balance/balance-transaction.ts";
import { keepBalance } from "../balance/ledger.ts";
import { type BatchRange, batchesOf } from "../balance/payout-batch.ts";

const PAYOUT_BATCHES = "payout_batches";

const batchesId = (payoutId: string): string => `batches_${payoutId}`;

/**
 * Records that an automatic payout contains all funds of one currency and kind of source that are available now. Call
 * it after posting the payout's own transaction, which belongs to the batch too, so that the amounts add up to zero.
 * Takes one write, however many transactions there are.
 */
export async function assignToPayout(
  context: ChangeContext,
  account: AccountRow,
  { payoutId, currency, sourceType }: { payoutId: string; currency: string; sourceType: SourceType },
): Promise<void> {
  const { tx, now, livemode } = context;
  const kept = await readKeptBalance(tx, account.id, livemode);
  if (kept === null) throw new Error("An account without a balance has nothing to pay out.");
  const balance = settled(kept, now);
  const funds = fundsOf(balance, currency, sourceType);
  const range: BatchRange = { currency, sourceType, batch: funds.batch, after: funds.paidThrough, through: now };
  await tx.insertObject({
    id: batchesId(payoutId),
    object: PAYOUT_BATCHES,
    accountId: account.id,
    livemode,
    parent: payoutId,
    created: now,
    data: range as unknown as JsonObject,
  });
  await keepBalance(context, withFunds(balance, currency, sourceType, { ...funds, batch: funds.batch + 1, paidThrough: now }), false);
}

/** The batches of an automatic payout; null for a payout without batches. */
export async function batchesOfPayout(reads: Reads, payoutId: string): Promise<string[] | null> {
  const row = await reads.object(batchesId(payoutId));
  return row?.object === PAYOUT_BATCHES ? batchesOf(row.data as unknown as BatchRange) : null;
}

/** A page of the transactions of several batches, merged into one list. */
export async function transactionsOfBatches(
  reads: Reads,
  filter: { accountId: string; livemode: boolean; created?: TimeRange; where?: Readonly<Record<string, string>> },
  batches: readonly string[],
  page: Page,
): Promise<PageOf<ObjectRow>> {
  const found: ObjectRow[] = [];
  let hasMore = false;
  for (const parent of batches) {
    const { rows, hasMore: more } = await reads.objects({ ...filter, object: BALANCE_TRANSACTION, parent }, page);
    found.push(...rows);
    hasMore ||= more;
  }
  found.sort((one, other) => (one.id < other.id ? 1 : -1));
  // The rows nearest to the cursor were read from each batch, so they include the nearest of all.
  const rows = page.endingBefore === undefined ? found.slice(0, page.limit) : found.slice(-page.limit);
  return { rows, hasMore: hasMore || rows.length < found.length };
}
