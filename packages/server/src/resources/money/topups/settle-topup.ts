import { asJson } from "../../../operations/as-json.ts";
import type { ChangeContext } from "../../../operations/operation.ts";
import type { TaskHandlers } from "../../../operations/task.ts";
import type { AccountRow } from "../../../store/contract/rows.ts";
import { plain } from "../application-fees/application-fee-moves.ts";
import { finishMoneyChange, type MoneyChange, newMoneyChange, post } from "../money-change.ts";
import { changeMoneyObject, readMoneyObject } from "../money-object.ts";
import { TOPUP, type Topup } from "./topup.ts";

/** The task that completes a top-up. Its subject is the top-up. */
export const TOPUP_TASK = "topup";

/** Completes a pending top-up: its funds arrive, or it fails. Records the event. */
async function settleTopup(context: ChangeContext, change: MoneyChange, account: AccountRow, topup: Topup): Promise<void> {
  const { livemode, now } = context;
  const failure = topup.kept.failure ?? null;
  const { id, amount, currency, description } = topup.shown;
  const transaction =
    failure === null ? await post(context, change, account, { ...plain(amount, currency, id, now), type: "topup", description }) : null;
  const { after } = await changeMoneyObject(
    context,
    topup,
    failure === null
      ? { status: "succeeded", balance_transaction: transaction }
      : { status: "failed", failure_code: failure.code, failure_message: failure.message },
  );
  change.drafts.push({ account, livemode, type: failure === null ? "topup.succeeded" : "topup.failed", object: asJson(after.shown) });
}

/** Completes top-ups that are due. */
export const topupTask: TaskHandlers = {
  [TOPUP_TASK]: async (context, { accountId, subject }) => {
    const [account, row] = [await context.tx.account(accountId), await context.tx.object(subject)];
    if (account === null || account.deleted || row?.object !== TOPUP.object) return;
    const topup: Topup = readMoneyObject(row);
    if (topup.shown.status !== "pending") return;
    const change = newMoneyChange();
    await settleTopup(context, change, account, topup);
    await finishMoneyChange(context, change);
  },
};
