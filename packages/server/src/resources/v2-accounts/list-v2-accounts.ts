import type { OperationContext } from "../../operations/operation.ts";
import type { AccountRow, ConnectionRow } from "../../store/contract/rows.ts";
import type { Page, PageOf } from "../../store/contract/transaction.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import type { Configuration } from "../connected-account/v2/capability-names.ts";
import { isApplied } from "../connected-account/v2/configurations.ts";

/** The accounts that a list contains. */
export interface AccountsAsked {
  closed: boolean;
  /** Only accounts that have all of these. */
  configurations: readonly Configuration[];
}

/**
 * A page of a list: its accounts, and the first and the last that were examined, for the next and the previous page.
 */
export interface AccountsFound {
  accounts: AccountRow[];
  seen: PageOf<Pick<AccountRow, "id">>;
}

/**
 * A platform's accounts, newest first. Configurations follow from what is stored, so the store cannot select by them:
 * accounts are read until the page is full, or until so many were examined that the next page has to continue.
 */
export async function listV2Accounts(context: OperationContext, asked: AccountsAsked, page: Page): Promise<AccountsFound> {
  const { tx, account, livemode, limits } = context;
  const filter = { platformId: account.id, livemode };
  const read = (next: Page) => (asked.closed ? tx.closedAccounts(filter, next) : tx.connectedAccounts(filter, next));
  const backwards = page.endingBefore !== undefined;
  const accounts: AccountRow[] = [];
  const seen: AccountRow[] = [];
  for (let next = page; ; ) {
    const { rows, hasMore } = await read(next);
    for (const [at, row] of (backwards ? rows.toReversed() : rows).entries()) {
      seen.push(row);
      if (hasAll(row, asked.configurations, { platformId: account.id, livemode })) accounts.push(row);
      if (accounts.length === page.limit) return found(hasMore || at < rows.length - 1);
    }
    const last = seen.at(-1);
    if (!hasMore || last === undefined) return found(false);
    if (seen.length >= limits.accountsScannedPerList) return found(true);
    next = { limit: page.limit, ...(backwards ? { endingBefore: last.id } : { startingAfter: last.id }) };
  }

  function found(hasMore: boolean): AccountsFound {
    const ends = [seen[0], seen.at(-1)].filter((row) => row !== undefined);
    return {
      accounts: backwards ? accounts.reverse() : accounts,
      seen: { rows: backwards ? ends.reverse() : ends, hasMore },
    };
  }
}

/**
 * Whether an account has all of the configurations that a platform asks for. Only its creator sees that it is a
 * customer.
 */
function hasAll(row: AccountRow, configurations: readonly Configuration[], by: Pick<ConnectionRow, "platformId" | "livemode">): boolean {
  const state = configurations.length === 0 ? null : readAccountState(row.data);
  if (state === null) return true;
  if (configurations.includes("customer") && (state.createdBy !== by.platformId || state.livemode !== by.livemode)) return false;
  return configurations.every((configuration) => isApplied({ state }, configuration));
}
