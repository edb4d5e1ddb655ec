import { accountTask } from "./accounts/account-task.ts";
import { forgetTask } from "./connections/forget-task.ts";
import { ownershipTask } from "./external-accounts/ownership-task.ts";
import { topupTask } from "./money/topups/settle-topup.ts";
import { balanceTask } from "./payouts/automatic-payouts.ts";
import { payoutTask } from "./payouts/payout-task.ts";
import type { TaskHandlers } from "./task.ts";

/** What is done for every kind of task. */
export const taskHandlers: TaskHandlers = { ...accountTask, ...balanceTask, ...forgetTask, ...ownershipTask, ...payoutTask, ...topupTask };
