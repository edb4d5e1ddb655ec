import { expander } from "../../../operations/expandable.ts";
import type { AccountRow, JsonObject } from "../../../store/contract/rows.ts";
import { accessibleAccount } from "../../access/accessible-account.ts";
import { renderAccounts } from "./render-accounts.ts";

/** Loads accounts named in a response, which everyone who sees the response may access. */
export const expandAccount = expander(["account"], async (context, ids) => {
  const rows: AccountRow[] = [];
  for (const id of ids) rows.push(await accessibleAccount(context, id));
  const shown = await renderAccounts(context, rows);
  return new Map(ids.map((id, n) => [id, shown[n] as JsonObject]));
});
