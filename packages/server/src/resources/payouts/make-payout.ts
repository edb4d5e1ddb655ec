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

/** The input of a payout, which the caller has checked already. */
export interface NewPayout
  extends Pick<
    PayoutState,
    "amount" | "automatic" | "currency" | "description" | "metadata" | "method" | "sourceType" | "statementDescriptor"
  > {
  /** Its destination or, for a debit, its origin. */
  destination: ExternalAccount;
  /** The payout it reverses. */
  originalPayout: string | null;
}

/**
 * Makes a payout: debits the balance, plans the payout's steps, and records `payout.created`. For an automatic payout
 * it records the contents. The funds of a debit become available a business day after arrival, when the debit can no
 * longer be returned the same day.
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

/** When the funds of a debit become available, by its time of arrival. */
export function debitAvailableOn(country: string, arrival: number): number {
  return returnedAt(country, arrival);
}

/** The outcome of payouts to a test number. In live mode no number has a special meaning. */
function endingAt({ state: { payoutOutcome: outcome } }: ExternalAccount, method: PayoutMethod, livemode: boolean): PayoutEnding | null {
  if (livemode || outcome === null || !isPayoutFailureCode(outcome.failureCode)) return null;
  return outcome.instantOnly && method !== "instant" ? null : { failureCode: outcome.failureCode, afterPaid: false };
}
