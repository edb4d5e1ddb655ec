import { apiError } from "@carabiner/protocol";
import { isForOwnKeys, type Operation } from "../operations/operation.ts";
import type { Authentication } from "./authenticate.ts";

/**
 * Throws `own_key_required` when a platform acts for an account in a call that only the account's own keys may make.
 * Source of the wording: https://docs.stripe.com/error-codes
 */
export function refuseActing(
  call: Pick<Operation, "path" | "ownKeysOnly">,
  { caller, account }: Pick<Authentication, "caller" | "account">,
): void {
  if (account.id !== caller.id && isForOwnKeys(call)) throw apiError("own_key_required", { account: account.id });
}
