import type { TaskHandlers } from "../../operations/task.ts";
import { failPayout, payPayout, submitPayout } from "./move-payout.ts";
import { PAYOUT, readPayout } from "./payout-state.ts";
import { nextStep, PAYOUT_TASK } from "./payout-step.ts";

/** Runs the next step of a payout. */
export const payoutTask: TaskHandlers = {
  [PAYOUT_TASK]: async (context, { subject, accountId }) => {
    const row = await context.tx.object(subject);
    const account = await context.tx.account(accountId);
    if (row?.object !== PAYOUT || account === null) return;
    const payout = readPayout(row);
    const { ending } = payout.state;
    const step = nextStep(payout.state);
    if (step === "submit") await submitPayout(context, account, payout);
    else if (step === "pay") await payPayout(context, account, payout);
    else if (step === "fail" && ending !== null) await failPayout(context, account, payout, ending.failureCode);
  },
};
