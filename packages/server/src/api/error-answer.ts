import { ApiError, apiError } from "@carabiner/protocol";
import { StoreUnavailable } from "../store/store.ts";
import { isV2 } from "./api-generation.ts";
import { RateLimited } from "./rate-limits.ts";
import { renderBody } from "./render-body.ts";

/** What a client receives for a request that failed. */
export interface ErrorAnswer {
  status: number;
  body: string;
  /** What `Stripe-Should-Retry` says; null leaves it to the client. Source: https://docs.stripe.com/error-low-level */
  shouldRetry: boolean | null;
  /** What `Retry-After` says; null leaves it out. */
  retryAfterSeconds: number | null;
  /** The error's sentence, as it is in the body. */
  message: string;
  /** The error's name in the table, for the log. */
  error: string;
  /** What was thrown, if it is not an `ApiError`: a bug, or the store's reason. For the log only. */
  cause: unknown;
}

/** When to retry after a 503: about the time that a node needs to restart, or a database needs at best to fail over. */
const RETRY_AFTER_SECONDS = 1;

/**
 * Turns a thrown value into an answer: an `ApiError` as it is, anything else as an internal error without details. For
 * a path of the v2 API it has that API's form. `params` are the parameters of the request, without those of its path.
 */
export function errorAnswer(thrown: unknown, path = "", params: Readonly<Record<string, unknown>> = {}): ErrorAnswer {
  if (thrown instanceof ApiError) return { ...answer(thrown, null, path), status: statusOf(thrown, path, params) };
  if (thrown instanceof StoreUnavailable)
    return answer(apiError(thrown.uncertain ? "storage_uncertain" : "storage_unavailable"), thrown, path);
  return answer(apiError("internal_error"), thrown, path);
}

function answer(error: ApiError, cause: unknown, path: string): ErrorAnswer {
  const retryAfterSeconds = error instanceof RateLimited ? error.retryAfterSeconds : error.status === 503 ? RETRY_AFTER_SECONDS : null;
  return {
    status: error.status,
    body: renderBody(isV2(path) ? error.toV2Body() : error.toBody()),
    // The SDKs retry a 429 only when this header says so.
    shouldRetry: retryAfterSeconds === null ? null : true,
    retryAfterSeconds,
    message: error.message,
    error: error.error,
    cause,
  };
}

/**
 * The status of an error. A missing object is 404 when the path names it, and 400 when a parameter does, as recorded
 * answers of Stripe's v1 API show.
 */
function statusOf({ status, code, param = "" }: ApiError, path: string, params: Readonly<Record<string, unknown>>): number {
  const [name = ""] = param.split("[");
  return status === 404 && code === "resource_missing" && Object.hasOwn(params, name) && !isV2(path) ? 400 : status;
}
