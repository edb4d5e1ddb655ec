import { expect, test } from "vitest";
import type { Posted } from "../transport/transport.ts";
import { attemptResult } from "./attempt-result.ts";

const LIMITS = { retryAfterHoldLongestMs: 60_000 };
const answer = (status: number, after?: string): Posted => ({
  ...{ kind: "answer", status, body: "", truncated: false, durationMs: 20 },
  headers: after === undefined ? {} : { "retry-after": after },
});

test.each([
  ["a 429 for as long as it says", answer(429, "7"), 7_000],
  ["a 503 as well", answer(503, "7"), 7_000],
  ["neither for longer than the limit", answer(503, "3600"), 60_000],
  ["a 429 that does not say", answer(429), 0],
  ["a failure of the one delivery", answer(500, "7"), 0],
  ["a success", answer(200, "7"), 0],
])("an endpoint is held by %s", (_, posted, holdMs) => {
  const succeeded = posted.kind === "answer" && posted.status === 200;
  expect(attemptResult(posted, 1_000, 2_000, LIMITS)).toEqual({ at: 1_000, succeeded, tookMs: 20, holdMs });
});

test("an attempt that this server cut off says nothing of its endpoint, and one that timed out does", () => {
  const fault = (code: "interrupted" | "timeout"): Posted => ({ kind: "fault", code, reason: "", durationMs: 30 });
  expect(attemptResult(fault("interrupted"), 1_000, 2_000, LIMITS)).toBeNull();
  expect(attemptResult(fault("timeout"), 1_000, 2_000, LIMITS)).toEqual({ at: 1_000, succeeded: false, tookMs: 30, holdMs: 0 });
});
