import { expander } from "../../operations/expandable.ts";
import type { AccountRow, JsonObject } from "../../store/contract/rows.ts";
import { connectedAccount } from "../access/accessible-account.ts";
import { renderAccounts } from "../connected-account/rendering/render-accounts.ts";

/** Loads accounts named in a response: the call's account, the caller's own, and those connected to the caller. */
export const expandAccount = expander(["account"], async (context, ids) => {
  const { account, caller } = context;
  const rows: AccountRow[] = [];
  for (const id of ids) {
    const row = [account, caller].find((one) => one.id === id) ?? (await connectedAccount(context, id));
    if (row !== null && !row.deleted) rows.push(row);
  }
  const shown = await renderAccounts(context, rows);
  return new Map(rows.map(({ id }, n) => [id, shown[n] as JsonObject]));
});
