import { previousAttributes } from "../../events/previous-attributes.ts";
import type { EventDraft } from "../../events/record-event.ts";
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
 * Submits a pending payout to the bank: `payout.updated`. What a schedule paid out can be listed from now on:
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

/** A payout arrives: `payout.paid`. Where the bank will send it back all the same, that is planned. */
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
 * The bank sends a payout back. In this order: the amount returns to the balance and `payout.failed` says so; the
 * destination is errored, and what that means for the account follows; a reversal still pending is cancelled; the grown
 * balance is told of. Source: https://docs.stripe.com/connect/payouts-connected-accounts
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

/** Takes a pending payout back: its amount returns to the balance, and `payout.canceled` says so. */
export async function cancelPayout(context: ChangeContext, account: AccountRow, payout: Payout): Promise<Payout> {
  const back = await giveBack(context, account, payout, "payout_cancel");
  const change = { failureBalanceTransaction: back, trace: UNTRACED, ending: null };
  const canceled = await keepPayout(context, account, payout, moved(payout.state, "canceled", change), "payout.canceled");
  await planPayout(context, canceled);
  await releaseFunds(context, account);
  return canceled;
}

/** The events that tell of a payout after it was made. */
type PayoutEvent = "payout.updated" | "payout.paid" | "payout.failed" | "payout.canceled" | "payout.reconciliation_completed";

/** Writes a payout with another state, and records the event that tells of it. */
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

/** What is told of a change: nothing of an update that shows no difference. */
function payoutEvent(account: AccountRow, before: Payout, after: Payout, type: PayoutEvent): EventDraft[] {
  const object = asJson(renderPayout(after));
  const previous = type === "payout.updated" ? previousAttributes(asJson(renderPayout(before)), object) : undefined;
  return previous === null ? [] : [{ account, livemode: before.row.livemode, type, object, previousAttributes: previous }];
}

/** Characters of what a bank calls a payout. */
const TRACE_LENGTH = 15;
const UNTRACED: PayoutState["trace"] = { status: "unsupported", value: null };

/** Undoes a payout's transaction. Returns the id of the one that does. What a debit was to bring is taken back where it waits. */
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

/** A destination to which a payout failed takes no more until it is updated. */
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

/** There is nothing left for a reversal to take back. Source: https://docs.stripe.com/connect/payout-reversals */
async function cancelReversal(context: ChangeContext, account: AccountRow, { state }: Payout): Promise<void> {
  if (state.reversedBy === null) return;
  const row = await context.tx.object(state.reversedBy);
  if (row?.object !== PAYOUT) return;
  const reversal = readPayout(row);
  if (reversal.state.status === "pending") await cancelPayout(context, account, reversal);
}
