import type { LoggedRequest } from "../api/answers.ts";
import { ACCOUNT_OUT_OF_REACH } from "../api/failure.ts";

/** What to change about a refused request, in addition to its message; null when the message says everything. */
export function requestAdvice({ status, error }: Pick<LoggedRequest, "error" | "status">): string | null {
  if (error?.param != null) return `Look at the parameter ${error.param}.`;
  if (error?.code === ACCOUNT_OUT_OF_REACH)
    return "Compare the account's id and the mode of the key, and whether the account is still connected.";
  if (status === 401) return "Send a secret key of this platform and mode.";
  if (status === 403) return "Use a key that may do this: a restricted key has only the permissions it was given.";
  if (status === 404)
    return "Compare the id and the mode of the key, and name the connected account in Stripe-Account if the object is its own.";
  if (status === 409) return "Another request with this idempotency key, or on this object, was under way. Send it again.";
  if (status === 429) return "Send fewer requests a second, and send refused ones again after Retry-After.";
  if (status >= 500) return "Send it again with the same idempotency key: it is done once.";
  return null;
}
