import { describe, expect, test } from "vitest";
import type { Posted } from "../transport/transport.ts";
import { grantedWaitMs, retryAfterMs } from "./retry-after.ts";

const NOW = Date.parse("Sun, 06 Nov 1994 08:49:37 GMT");

describe("what an answer asks to wait", () => {
  test.each([
    ["120", 120_000],
    ["0", 0],
    [" 5 ", 5_000],
    ["99999999999999999999", Number.MAX_SAFE_INTEGER],
    ["Sun, 06 Nov 1994 08:50:07 GMT", 30_000],
    ["Sun, 06 Nov 1994 08:49:07 GMT", 0],
    ["-1", null],
    ["1.5", null],
    ["120, 60", null],
    ["soon", null],
    ["", null],
    ["Sunday, 06-Nov-94 08:49:37 GMT", null],
    ["Sun, 99 Nov 1994 08:49:37 GMT", null],
    ["2030-01-01", null],
  ])("%j: %s", (value, expected) => {
    expect(retryAfterMs({ "retry-after": value }, NOW)).toBe(expected);
  });

  test("a date is taken from the answer's own, whose clock may be off", () => {
    const headers = { date: "Mon, 07 Nov 1994 08:00:00 GMT", "retry-after": "Mon, 07 Nov 1994 08:00:10 GMT" };
    expect(retryAfterMs(headers, NOW)).toBe(10_000);
    expect(retryAfterMs({ ...headers, date: "now" }, NOW)).toBe(83_433_000);
  });

  test("nothing", () => {
    expect(retryAfterMs({}, NOW)).toBeNull();
  });
});

describe("what is granted", () => {
  const answer = (status: number, retryAfter?: string): Posted => ({
    kind: "answer",
    status,
    headers: retryAfter === undefined ? {} : { "retry-after": retryAfter },
    body: "",
    truncated: false,
    durationMs: 1,
  });

  test.each([301, 400, 429, 500, 503])("what an answer with status %i asks, up to a limit", (status) => {
    expect(grantedWaitMs(answer(status, "7"), NOW, 60_000)).toBe(7_000);
    expect(grantedWaitMs(answer(status, "7000"), NOW, 60_000)).toBe(60_000);
    expect(grantedWaitMs(answer(status), NOW, 60_000)).toBeNull();
  });

  test("nothing to a success, and nothing where there is no answer", () => {
    expect(grantedWaitMs(answer(200, "7"), NOW, 60_000)).toBeNull();
    expect(grantedWaitMs({ kind: "fault", code: "timeout", reason: "", durationMs: 1 }, NOW, 60_000)).toBeNull();
  });
});
