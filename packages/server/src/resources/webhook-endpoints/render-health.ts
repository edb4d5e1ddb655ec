import { seconds } from "../../operations/time-range.ts";
import type { EndpointRules } from "../../store/contract/platform-settings.ts";
import type { EndpointFailures, EndpointHold, EndpointRow, JsonObject } from "../../store/contract/rows.ts";

/** The data from which an endpoint's health is rendered. */
export interface Health {
  status: "healthy" | "failing" | "disabled" | "recovered";
  /** Unix milliseconds; null without a failure. */
  firstFailureAt: number | null;
  failures: EndpointFailures | null;
}

/**
 * An endpoint's health, in numbers and in words: when it began to fail, the failed attempts since then, the result of
 * the last one, and when it will be or was disabled. Times are Unix seconds.
 */
export function renderHealth({ status, firstFailureAt, failures }: Health, { failingMs }: Pick<EndpointRules, "failingMs">): JsonObject {
  const last = failures?.last ?? null;
  return {
    status,
    failing_since: firstFailureAt === null ? null : seconds(firstFailureAt),
    failed_attempts: failures?.count ?? 0,
    last_failure: last === null ? null : { at: seconds(last.at), outcome: last.outcome, status: last.status, reason: last.reason },
    disabled_after:
      status === "failing" && firstFailureAt !== null && Number.isFinite(failingMs) ? seconds(firstFailureAt + failingMs) : null,
  };
}

/** An endpoint's current status. A disabled one may have failed before, regardless of who disabled it. */
export function healthNow({ status, firstFailureAt }: EndpointRow, failures: EndpointFailures | null): Health {
  if (status === "disabled") return { status, firstFailureAt, failures };
  return { status: firstFailureAt === null ? "healthy" : "failing", firstFailureAt, failures };
}

/**
 * The endpoint's current hold, during which the server that last tried it sends nothing to it; null when it is not held
 * back.
 */
export function holdNow(row: EndpointRow, failures: EndpointFailures | null, now: number): EndpointHold | null {
  if (row.status === "disabled" || row.pausedAt !== null || row.firstFailureAt === null) return null;
  return failures?.held != null && failures.held.until > now ? failures.held : null;
}
