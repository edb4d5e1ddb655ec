import { apiError } from "@carabiner/protocol";
import { isForOwnKeys, type Operation } from "../operations/operation.ts";
import type { Authentication } from "./authenticate.ts";

/**
 * Refuses a platform that acts for an account a call that is for the account's own keys alone. Throws `own_key_required`.
 * Source of the wording: https://docs.stripe.com/error-codes
 */
export function refuseActing(
  call: Pick<Operation, "path" | "ownKeysOnly">,
  { caller, account }: Pick<Authentication, "caller" | "account">,
): void {
  if (account.id !== caller.id && isForOwnKeys(call)) throw apiError("own_key_required", { account: account.id });
}
