import { ApiError, apiError } from "@carabiner/protocol";
import { StoreUnavailable } from "../store/store.ts";
import { renderBody } from "./render-body.ts";

/** What a client gets for a request that failed. */
export interface ErrorAnswer {
  status: number;
  body: string;
  /** What `Stripe-Should-Retry` says; null leaves it to the client. Source: https://docs.stripe.com/error-low-level */
  shouldRetry: boolean | null;
  /** The table's name of the error, for the log. */
  error: string;
  /** What was thrown, when it is no answer to anybody: a bug, or the store's reason. For the log alone. */
  cause: unknown;
}

/** Turns whatever was thrown into an answer: an `ApiError` says what it says, anything else is ours and told in no detail. */
export function errorAnswer(thrown: unknown): ErrorAnswer {
  if (thrown instanceof ApiError) {
    return answer(thrown, thrown.error === "server_stopping" || thrown.error === "storage_unavailable" ? true : null, null);
  }
  if (thrown instanceof StoreUnavailable) return answer(apiError("storage_unavailable"), true, thrown);
  return answer(apiError("internal_error"), null, thrown);
}

function answer(error: ApiError, shouldRetry: boolean | null, cause: unknown): ErrorAnswer {
  return { status: error.status, body: renderBody(error.toBody()), shouldRetry, error: error.error, cause };
}
