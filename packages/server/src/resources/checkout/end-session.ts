import { apiError } from "@carabiner/protocol";
import { asJson } from "../../operations/as-json.ts";
import type { ChangeContext } from "../../operations/operation.ts";
import type { TaskHandlers } from "../../operations/task.ts";
import type { AccountRow } from "../../store/contract/rows.ts";
import {
  CHECKOUT_SESSION,
  type CheckoutSession,
  EXPIRE_SESSION_TASK,
  readSession,
  type SessionKept,
  sessionData,
} from "./checkout-session.ts";

/** Writes the changed fields of a session. */
export async function changeSession(
  context: ChangeContext,
  session: CheckoutSession,
  changed: Partial<CheckoutSession["shown"]>,
  keptChanged: Partial<SessionKept> = {},
): Promise<CheckoutSession> {
  const shown = { ...session.shown, ...changed };
  const kept = { ...session.kept, ...keptChanged };
  const row = { ...session.row, data: sessionData(shown, kept) };
  await context.tx.updateObject(row);
  return { row, shown, kept };
}

/** Expires an open session, and drafts the event. Throws `checkout_not_expirable` for any other. */
export async function expireSession(context: ChangeContext, account: AccountRow, session: CheckoutSession): Promise<CheckoutSession> {
  const { status } = session.shown;
  if (status !== "open") throw apiError("checkout_not_expirable", { status: String(status) });
  const after = await changeSession(context, session, { status: "expired", url: null });
  await cancelExpiry(context, session);
  await context.record([{ account, livemode: context.livemode, type: "checkout.session.expired", object: asJson(after.shown) }]);
  return after;
}

/** Cancels the expiry of a session that has ended. */
export function cancelExpiry({ tx, livemode }: ChangeContext, { row }: CheckoutSession): Promise<void> {
  return tx.cancelTask({ accountId: row.accountId, livemode, kind: EXPIRE_SESSION_TASK, subject: row.id });
}

/** Expires sessions that are due. */
export const checkoutTask: TaskHandlers = {
  [EXPIRE_SESSION_TASK]: async (context, { accountId, subject }) => {
    const [account, row] = [await context.tx.account(accountId), await context.tx.object(subject)];
    if (account === null || account.deleted || row?.object !== CHECKOUT_SESSION.object) return;
    const session = readSession(row);
    if (session.shown.status === "open") await expireSession(context, account, session);
  },
};
