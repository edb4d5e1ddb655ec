import type { Limits } from "../limits.ts";
import type { AnswerHead, Posted } from "../transport/transport.ts";
import type { AttemptResult } from "./endpoint-record.ts";
import { isSuccess } from "./outcome.ts";
import { grantedWaitMs } from "./retry-after.ts";

/**
 * What an attempt that began at `at` says about its endpoint; null when this server cut it off. `wallNow` is in Unix
 * milliseconds. Pure.
 */
export function attemptResult(
  posted: Posted | AnswerHead,
  at: number,
  wallNow: number,
  limits: Pick<Limits, "retryAfterHoldLongestMs">,
): AttemptResult | null {
  if (posted.kind === "fault" && posted.code === "interrupted") return null;
  // Too many requests, and service unavailable: these apply to the whole endpoint.
  const ofTheEndpoint = posted.kind === "answer" && (posted.status === 429 || posted.status === 503);
  const holdMs = ofTheEndpoint ? (grantedWaitMs(posted, wallNow, limits.retryAfterHoldLongestMs) ?? 0) : 0;
  return { at, succeeded: isSuccess(posted), tookMs: posted.durationMs, holdMs };
}
