import type { ChangeContext } from "../../operations/operation.ts";
import type { Payout } from "./payout-state.ts";
import { returnedAt, submittedAt } from "./payout-timing.ts";

/** The task that runs a payout's steps. Its subject is the payout. */
export const PAYOUT_TASK = "payout";

/** The next automatic step of a payout. */
export type PayoutStep = "submit" | "pay" | "fail";

/** The next step of a payout; null when there is none. */
export function nextStep({ status, ending }: Pick<Payout["state"], "status" | "ending">): PayoutStep | null {
  switch (status) {
    case "pending":
      return "submit";
    case "in_transit":
      return ending === null || ending.afterPaid ? "pay" : "fail";
    case "paid":
      return ending === null ? null : "fail";
    default:
      return null;
  }
}

/** Plans the next step of a payout, or cancels the plan when there is none. */
export async function planPayout({ tx, now }: ChangeContext, { row, state }: Payout): Promise<void> {
  const task = { accountId: row.accountId, livemode: row.livemode, kind: PAYOUT_TASK, subject: row.id };
  if (nextStep(state) === null) await tx.cancelTask(task);
  else await tx.scheduleTask({ ...task, dueAt: Math.max(dueAt({ row, state }, now), now) });
}

function dueAt({ row, state }: Payout, now: number): number {
  switch (state.status) {
    case "pending":
      return submittedAt(state.method, row.created);
    case "in_transit":
      return state.arrivalDate;
    default:
      return returnedAt(state.country, now);
  }
}
