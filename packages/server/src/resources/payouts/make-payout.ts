import { asJson } from "../../operations/as-json.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import { postToLedger } from "../balance/ledger.ts";
import type { ExternalAccount } from "../connected-account/state/external-account-state.ts";
import { assignToPayout } from "./payout-batches.ts";
import { isPayoutFailureCode } from "./payout-failures.ts";
import { PAYOUT, type Payout, type PayoutEnding, type PayoutState, writePayout } from "./payout-state.ts";
import { planPayout } from "./payout-step.ts";
import { arrivesAt, type PayoutMethod, returnedAt } from "./payout-timing.ts";
import { renderPayout } from "./render-payout.ts";

/** A payout to be made; whoever asks has seen to it that it may be. */
export interface NewPayout
  extends Pick<
    PayoutState,
    "amount" | "automatic" | "currency" | "description" | "metadata" | "method" | "sourceType" | "statementDescriptor"
  > {
  /** Where it goes, or for a debit where it comes from. */
  destination: ExternalAccount;
  /** The payout it takes back. */
  originalPayout: string | null;
}

/**
 * Makes a payout: takes its amount from the balance, plans its way, and records `payout.created`. What a schedule pays
 * out is told what is in it. The money of a debit is there a business day after it arrives, when it can no longer come
 * back on the same day.
 */
export async function makePayout(context: ChangeContext, account: AccountRow, asked: NewPayout): Promise<Payout> {
  const { tx, now, livemode, ids } = context;
  const { amount, automatic, currency, method, sourceType, originalPayout, destination } = asked;
  const id = ids.newId("payout", now);
  const arrivalDate = arrivesAt(method, destination.state.country, now);
  const [transaction] = await postToLedger(context, account, [
    {
      amount: -amount,
      fee: 0,
      feeDetails: [],
      currency,
      type: "payout",
      source: id,
      sourceType,
      availableOn: amount > 0 ? now : debitAvailableOn(destination.state.country, arrivalDate),
      description: asked.description,
    },
  ]);
  if (transaction === undefined) throw new Error("The ledger gave no transaction for its entry.");
  if (automatic && amount > 0) await assignToPayout(context, account, { payoutId: id, currency, sourceType });
  const state: PayoutState = {
    status: "pending",
    amount,
    currency,
    arrivalDate,
    automatic,
    balanceTransaction: transaction.id,
    description: asked.description,
    destination: destination.row.id,
    type: destination.state.kind,
    country: destination.state.country,
    failureBalanceTransaction: null,
    failureCode: null,
    metadata: asked.metadata,
    method,
    originalPayout,
    reconciliation: automatic && amount > 0 ? "in_progress" : "not_applicable",
    reversedBy: null,
    sourceType,
    statementDescriptor: asked.statementDescriptor,
    trace: { status: "pending", value: null },
    ending: endingAt(destination, method, livemode),
  };
  const payout: Payout = { row: { id, object: PAYOUT, accountId: account.id, livemode, parent: null, created: now, data: {} }, state };
  await tx.insertObject(writePayout(payout));
  await planPayout(context, payout);
  await context.record([{ account, livemode, type: "payout.created", object: asJson(renderPayout(payout)) }]);
  return payout;
}

/** When the money of a debit that arrives at a time can be used. */
export function debitAvailableOn(country: string, arrival: number): number {
  return returnedAt(country, arrival);
}

/** How payouts to a test number end. In live mode no number means anything. */
function endingAt({ state: { payoutOutcome: outcome } }: ExternalAccount, method: PayoutMethod, livemode: boolean): PayoutEnding | null {
  if (livemode || outcome === null || !isPayoutFailureCode(outcome.failureCode)) return null;
  return outcome.instantOnly && method !== "instant" ? null : { failureCode: outcome.failureCode, afterPaid: false };
}
