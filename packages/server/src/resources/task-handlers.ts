import type { TaskHandlers } from "../operations/task.ts";
import { forgetTask } from "./access/forget-task.ts";
import { accountTask } from "./account-changes/account-task.ts";
import { checkoutTask } from "./checkout/end-session.ts";
import { resendTask } from "./events/resend-task.ts";
import { ownershipTask } from "./external-accounts/ownership-task.ts";
import { disputeTask } from "./money/disputes/decide-dispute.ts";
import { topupTask } from "./money/topups/settle-topup.ts";
import { balanceTask } from "./payouts/automatic-payouts.ts";
import { payoutTask } from "./payouts/payout-task.ts";
import { eraseTask } from "./platforms/erase-account.ts";
import { endpointNoticeTask } from "./webhook-endpoints/endpoint-notice-task.ts";

/** The handlers of every kind of task. */
export const taskHandlers: TaskHandlers = {
  ...accountTask,
  ...balanceTask,
  ...disputeTask,
  ...checkoutTask,
  ...endpointNoticeTask,
  ...eraseTask,
  ...forgetTask,
  ...ownershipTask,
  ...payoutTask,
  ...resendTask,
  ...topupTask,
};
