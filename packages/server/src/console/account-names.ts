import { mayActFor } from "../events/connection-access.ts";
import { operation, type Resource } from "../operations/operation.ts";
import { list, listAnswer, params, text } from "../operations/parameters.ts";
import { accountName } from "../resources/connected-account/rendering/account-name.ts";

/** The names of accounts, for lists that show ids. */
export const accountNames: Resource = {
  object: "account_name",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/account_names",
      params: params({ accounts: list(text(255), "listItems") }),
      /** Leaves out accounts that the key may not act for: a list may show an account that has disconnected since. */
      async run({ tx, account, livemode }, { accounts: ids }) {
        const rows = await tx.accountsById(ids);
        const connections = await tx.connectionsTo(account.id, ids);
        const data = [...rows.values()]
          .filter((row) => !row.deleted && (row.id === account.id || mayActFor(connections.get(row.id) ?? [], livemode)))
          .map((row) => ({ object: "account_name", account: row.id, name: accountName(row) }));
        return listAnswer("/console/account_names", data, false);
      },
    }),
  ],
};
