import type { EventDraft } from "../../events/event-draft.ts";
import { previousAttributes } from "../../events/previous-attributes.ts";
import { asJson } from "../../operations/as-json.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { changeAccountWorld } from "../account-changes/change-account-world.ts";
import { postToLedger } from "../balance/ledger.ts";
import { releaseFunds } from "../balance/release-funds.ts";
import { readAccountWorld } from "../connected-account/state/account-world.ts";
import { debitAvailableOn } from "./make-payout.ts";
import type { PayoutFailureCode } from "./payout-failures.ts";
import { moved, PAYOUT, type Payout, type PayoutState, readPayout, writePayout } from "./payout-state.ts";
import { planPayout } from "./payout-step.ts";
import { renderPayout } from "./render-payout.ts";

/**
 * Submits a pending payout to the bank: `payout.updated`. From now on an automatic payout's contents can be listed:
 * `payout.reconciliation_completed`.
 */
export async function submitPayout(context: ChangeContext, account: AccountRow, payout: Payout): Promise<Payout> {
  const submitted: Payout = { row: payout.row, state: moved(payout.state, "in_transit") };
  const drafts = payoutEvent(account, payout, submitted, "payout.updated");
  let kept = submitted;
  if (submitted.state.reconciliation === "in_progress") {
    kept = { row: payout.row, state: { ...submitted.state, reconciliation: "completed" } };
    drafts.push(...payoutEvent(account, submitted, kept, "payout.reconciliation_completed"));
  }
  await context.tx.updateObject(writePayout(kept));
  await planPayout(context, kept);
  await context.record(drafts);
  return kept;
}

/** Marks a payout as paid: `payout.paid`. If the bank will return it later, plans the return. */
export async function payPayout(context: ChangeContext, account: AccountRow, payout: Payout): Promise<Payout> {
  const trace: PayoutState["trace"] =
    payout.state.type === "card"
      ? { status: "unsupported", value: null }
      : { status: "supported", value: context.ids.secret(TRACE_LENGTH).toUpperCase() };
  const paid = await keepPayout(context, account, payout, moved(payout.state, "paid", { trace }), "payout.paid");
  await planPayout(context, paid);
  return paid;
}

/**
 * The bank returns a payout. In this order: the balance is credited and `payout.failed` recorded; the destination
 * becomes errored, with the effects on the account; a pending reversal is cancelled; the event for the grown balance is
 * recorded.
 * Source: https://docs.stripe.com/connect/payouts-connected-accounts
 */
export async function failPayout(context: ChangeContext, account: AccountRow, payout: Payout, code: PayoutFailureCode): Promise<Payout> {
  const back = await giveBack(context, account, payout, "payout_failure");
  const trace: PayoutState["trace"] = payout.state.trace.status === "pending" ? UNTRACED : payout.state.trace;
  const change = { failureCode: code, failureBalanceTransaction: back, trace, ending: null };
  const failed = await keepPayout(context, account, payout, moved(payout.state, "failed", change), "payout.failed");
  await planPayout(context, failed);
  await disableDestination(context, account, failed);
  await cancelReversal(context, account, failed);
  await releaseFunds(context, account);
  return failed;
}

/** Cancels a pending payout: credits the balance, and records `payout.canceled`. */
export async function cancelPayout(context: ChangeContext, account: AccountRow, payout: Payout): Promise<Payout> {
  const back = await giveBack(context, account, payout, "payout_cancel");
  const change = { failureBalanceTransaction: back, trace: UNTRACED, ending: null };
  const canceled = await keepPayout(context, account, payout, moved(payout.state, "canceled", change), "payout.canceled");
  await planPayout(context, canceled);
  await releaseFunds(context, account);
  return canceled;
}

/** The events of a payout after its creation. */
type PayoutEvent = "payout.updated" | "payout.paid" | "payout.failed" | "payout.canceled" | "payout.reconciliation_completed";

/** Writes a payout's new state, and records its event. */
export async function keepPayout(
  { tx, record }: ChangeContext,
  account: AccountRow,
  before: Payout,
  state: PayoutState,
  type: PayoutEvent,
): Promise<Payout> {
  const after: Payout = { row: before.row, state };
  await tx.updateObject(writePayout(after));
  await record(payoutEvent(account, before, after, type));
  return after;
}

/** The events of a change; none for an update without a visible difference. */
function payoutEvent(account: AccountRow, before: Payout, after: Payout, type: PayoutEvent): EventDraft[] {
  const object = asJson(renderPayout(after));
  const previous = type === "payout.updated" ? previousAttributes(asJson(renderPayout(before)), object) : undefined;
  return previous === null ? [] : [{ account, livemode: before.row.livemode, type, object, previousAttributes: previous }];
}

/** Length of a bank's reference to a payout. */
const TRACE_LENGTH = 15;
const UNTRACED: PayoutState["trace"] = { status: "unsupported", value: null };

/**
 * Reverts a payout's transaction. Returns the id of the new one. The funds of a debit are taken back where they are
 * pending.
 */
async function giveBack(
  context: ChangeContext,
  account: AccountRow,
  { row, state }: Payout,
  type: "payout_failure" | "payout_cancel",
): Promise<string> {
  const { amount, currency, sourceType, description } = state;
  const waits = amount > 0 ? context.now : debitAvailableOn(state.country, state.arrivalDate);
  const [transaction] = await postToLedger(context, account, [
    {
      amount,
      fee: 0,
      feeDetails: [],
      currency,
      type,
      source: row.id,
      sourceType,
      availableOn: Math.max(waits, context.now),
      description,
    },
  ]);
  if (transaction === undefined) throw new Error("The ledger gave no transaction for its entry.");
  return transaction.id;
}

/** Blocks a destination after a failed payout, until it is updated. */
async function disableDestination(context: ChangeContext, { id }: AccountRow, { row, state }: Payout): Promise<void> {
  const account = await context.tx.account(id);
  if (account === null || account.deleted) return;
  const world = await readAccountWorld(context.tx, account, context.limits);
  const externalAccounts = world.externalAccounts.map((one) =>
    one.row.id === state.destination && one.row.livemode === row.livemode && one.state.status !== "errored"
      ? { ...one, state: { ...one.state, status: "errored" as const } }
      : one,
  );
  if (externalAccounts.every((one, index) => one === world.externalAccounts[index])) return;
  await changeAccountWorld(context, world, { ...world, externalAccounts });
}

/** Cancels a reversal that has nothing left to reverse. Source: https://docs.stripe.com/connect/payout-reversals */
async function cancelReversal(context: ChangeContext, account: AccountRow, { state }: Payout): Promise<void> {
  if (state.reversedBy === null) return;
  const row = await context.tx.object(state.reversedBy);
  if (row?.object !== PAYOUT) return;
  const reversal = readPayout(row);
  if (reversal.state.status === "pending") await cancelPayout(context, account, reversal);
}
