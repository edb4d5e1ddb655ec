import type { WorkScope } from "../database/scope.ts";

const ANY = "SELECT 1 FROM erased_accounts LIMIT 1";
const ONE = "SELECT 1 FROM erased_accounts WHERE account_id = ?";

/** Whether an account was erased. Usually no account was erased lately, and that is known without a query. */
export const isErased = (scope: Pick<WorkScope, "get" | "known">, account: string): boolean =>
  scope.known("any erased account", "", () => scope.get(ANY) !== undefined) && scope.get(ONE, account) !== undefined;
