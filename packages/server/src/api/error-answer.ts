import { ApiError, apiError } from "@carabiner/protocol";
import { StoreUnavailable } from "../store/store.ts";
import { RateLimited } from "./rate-limits.ts";
import { renderBody } from "./render-body.ts";

/** What a client gets for a request that failed. */
export interface ErrorAnswer {
  status: number;
  body: string;
  /** What `Stripe-Should-Retry` says; null leaves it to the client. Source: https://docs.stripe.com/error-low-level */
  shouldRetry: boolean | null;
  /** What `Retry-After` says; null leaves it out. */
  retryAfterSeconds: number | null;
  /** The table's name of the error, for the log. */
  error: string;
  /** What was thrown, if it is not an answer: a bug, or the store's reason. For the log only. */
  cause: unknown;
}

/** After a 503, when the client may try again: about as long as a node takes to restart or a database to fail over at best. */
const RETRY_AFTER_SECONDS = 1;

/** Turns whatever was thrown into an answer: an `ApiError` says what it says, anything else is ours and told in no detail. */
export function errorAnswer(thrown: unknown): ErrorAnswer {
  if (thrown instanceof ApiError) return answer(thrown, null);
  if (thrown instanceof StoreUnavailable) return answer(apiError(thrown.uncertain ? "storage_uncertain" : "storage_unavailable"), thrown);
  return answer(apiError("internal_error"), thrown);
}

function answer(error: ApiError, cause: unknown): ErrorAnswer {
  const retryAfterSeconds = error instanceof RateLimited ? error.retryAfterSeconds : error.status === 503 ? RETRY_AFTER_SECONDS : null;
  return {
    status: error.status,
    body: renderBody(error.toBody()),
    // The SDKs do not try a 429 again unless they are told to.
    shouldRetry: retryAfterSeconds === null ? null : true,
    retryAfterSeconds,
    error: error.error,
    cause,
  };
}
