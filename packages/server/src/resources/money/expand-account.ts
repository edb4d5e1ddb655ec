import { expander } from "../../operations/expandable.ts";
import { connectedAccount } from "../access/accessible-account.ts";
import { renderAccount } from "../connected-account/rendering/render-account.ts";

/** Loads an account named in a response: the call's account, the caller's own, or one connected to the caller. */
export const expandAccount = expander(["account"], async (context, id) => {
  const { account, caller } = context;
  const own = [account, caller].find((one) => one.id === id);
  const row = own ?? (await connectedAccount(context, id));
  return row === null || row.deleted ? null : renderAccount(context, row);
});
