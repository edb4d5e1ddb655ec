import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../limits.ts";
import { type AttemptResult, EndpointRecord } from "./endpoint-record.ts";

const NOW = 1_000_000;
const result = (given: Partial<AttemptResult> = {}): AttemptResult => ({ at: NOW, succeeded: true, tookMs: 5, holdMs: 0, ...given });
const failure = (at = NOW): AttemptResult => result({ at, succeeded: false });
const record = (limits = {}) => new EndpointRecord("we_1", { ...DEFAULT_LIMITS, ...limits });

/** Ends the same attempt so many times. */
function times(count: number, one: EndpointRecord, ended: AttemptResult, now = NOW): EndpointRecord {
  for (let n = 0; n < count; n++) one.ended(ended, now);
  return one;
}

describe("the window", () => {
  test("doubles with each success up to the limit, and halves with each failure down to one", () => {
    const one = record();
    const windows = [one.window];
    for (const succeeded of [true, true, true, true, false, false, true, false, false, false, false, false]) {
      one.ended(result({ succeeded }), NOW);
      windows.push(one.window);
    }
    expect(windows).toEqual([4, 8, 16, 32, 32, 16, 8, 16, 8, 4, 2, 1, 1]);
  });

  test("is one for an endpoint that was failing before this engine knew it", () => {
    const one = record();
    one.failedBefore();
    expect([one.window, one.lane, one.worthHolding]).toEqual([1, "failing", 2]);
    times(3, one, result());
    one.failedBefore();
    expect([one.window, one.lane, one.worthHolding]).toEqual([8, "healthy", null]);
  });

  test("is never larger than the limit for an endpoint", () => {
    expect(record({ attemptsInFlightPerEndpoint: 2 }).window).toBe(2);
  });
});

describe("that the engine before left it alone", () => {
  test("holds on until then, by a breaker to be followed by one probe, which opens it again for longer", () => {
    const one = record({ breakerFailures: 8, breakerOpenMs: 10_000 });
    one.heldBefore({ until: NOW + 7_000, by: "breaker" }, NOW);
    expect([one.hold, one.window, one.down]).toEqual([{ until: NOW + 7_000, by: "breaker" }, 1, true]);
    one.ended(failure(NOW + 7_000), NOW + 7_000);
    expect(one.heldUntil - NOW - 7_000).toBeGreaterThan(17_000);
    times(1, one, result(), NOW + 30_000);
    expect([one.heldUntil, one.down]).toEqual([0, false]);
  });

  test("holds on for what it asked for, and says nothing of a breaker", () => {
    const one = record({ breakerFailures: 8 });
    one.heldBefore({ until: NOW + 7_000, by: "retry_after" }, NOW);
    expect([one.hold, one.down]).toEqual([{ until: NOW + 7_000, by: "retry_after" }, false]);
  });

  test("holds on no longer than a hold may last, and not at all by a breaker that there is not any more", () => {
    const limits = { breakerFailures: 8, breakerOpenLongestMs: 60_000, retryAfterHoldLongestMs: 90_000 };
    const year = NOW + 365 * 24 * 3_600_000;
    for (const [by, until, given] of [
      ["breaker", NOW + 60_000, limits],
      ["retry_after", NOW + 90_000, limits],
      ["breaker", 0, { ...limits, breakerFailures: 0 }],
    ] as const) {
      const one = record(given);
      one.heldBefore({ until: year, by }, NOW);
      expect(one.heldUntil).toBe(until);
    }
  });
});

describe("the lane", () => {
  test("of an endpoint that has not answered yet: unproven, until its first attempt ends", () => {
    expect(record().lane).toBe("unproven");
    expect(times(1, record(), result()).lane).toBe("healthy");
    expect(times(1, record(), failure()).lane).toBe("failing");
  });

  test("of one that has answered well: failing from the third failure in a row on", () => {
    const one = times(1, record(), result());
    expect(times(2, one, failure()).lane).toBe("healthy");
    expect(times(1, one, failure()).lane).toBe("failing");
    expect(times(1, one, result()).lane).toBe("healthy");
  });

  test("of one whose answers take too long on average, or one of them just now", () => {
    const slow = result({ tookMs: DEFAULT_LIMITS.slowAnswerMs + 1 });
    expect(times(1, record(), slow).lane).toBe("failing");
    const one = times(1, record(), result());
    expect(times(1, one, result({ tookMs: 4_000 })).lane).toBe("healthy");
    expect(times(3, one, result({ tookMs: 4_000 })).lane).toBe("failing");
    expect(times(5, one, result()).lane).toBe("healthy");
    one.becameOverdue();
    expect(one.lane).toBe("failing");
    one.overdueEnded();
    expect(one.lane).toBe("healthy");
  });
});

test("an endpoint whose bodies are cut off is slow, also while the heads of its answers come at once", () => {
  const one = times(3, record(), result());
  for (let n = 0; n < 10; n++) {
    one.bodyCut();
    expect([one.lane, one.worthHolding]).toEqual(["failing", 8 * one.window]);
    times(1, one, result());
  }
  expect(one.lane).toBe("failing");
  expect(times(3, one, result()).lane).toBe("healthy");
});

describe("the breaker", () => {
  const limits = { breakerFailures: 3, breakerOpenMs: 10_000, breakerOpenLongestMs: 35_000 };

  test("opens at so many failures in a row, for longer each time up to a bound, and by a little less for each endpoint", () => {
    const one = record(limits);
    times(2, one, failure());
    expect(one.heldUntil).toBe(0);
    const openings: number[] = [];
    for (let now = NOW, n = 0; n < 4; n++) {
      one.ended(failure(now), now);
      openings.push(one.heldUntil - now);
      now = one.heldUntil;
    }
    for (const [n, most] of [10_000, 20_000, 35_000, 35_000].entries()) {
      expect(openings[n]).toBeLessThanOrEqual(most);
      expect(openings[n]).toBeGreaterThanOrEqual(0.9 * most);
    }
    const other = times(3, new EndpointRecord("we_2", { ...DEFAULT_LIMITS, ...limits }), failure());
    expect(other.heldUntil - NOW).not.toBe(openings[0]);
  });

  test("is not opened again by what was under way when it opened", () => {
    const one = times(3, record(limits), failure());
    const until = one.heldUntil;
    expect(one.hold).toEqual({ until, by: "breaker" });
    times(5, one, failure(NOW - 1), until + 1);
    expect(one.heldUntil).toBe(until);
  });

  test("is closed by a success, and starts again", () => {
    const one = times(3, record(limits), failure());
    one.ended(failure(one.heldUntil), one.heldUntil);
    times(1, one, result());
    expect(one.heldUntil).toBe(0);
    times(3, one, failure());
    expect(one.heldUntil - NOW).toBeLessThanOrEqual(10_000);
  });

  test("an endpoint that asked to be left alone is, as long as its longest wish, whatever it asks or answers later", () => {
    const one = times(1, record(limits), result({ succeeded: false, holdMs: 60_000 }));
    expect(one.hold).toEqual({ until: NOW + 60_000, by: "retry_after" });
    times(1, one, result({ succeeded: false, holdMs: 5_000 }), NOW + 1);
    times(1, one, result(), NOW + 2);
    expect(one.hold).toEqual({ until: NOW + 60_000, by: "retry_after" });
    times(1, one, result({ succeeded: false, holdMs: 60_000 }), NOW + 3);
    expect(one.heldUntil).toBe(NOW + 60_003);
  });

  test("never opens when its limit is 0", () => {
    expect(times(100, record({ breakerFailures: 0 }), failure()).heldUntil).toBe(0);
  });
});

test("an endpoint that asked for a pause is left alone, even if an attempt succeeds meanwhile; a change by its owner ends that", () => {
  const one = times(1, record(), { ...failure(), holdMs: 7_000 });
  times(1, one, result(), NOW + 1);
  expect(one.heldUntil).toBe(NOW + 7_000);
  expect(one.hold).toEqual({ until: NOW + 7_000, by: "retry_after" });
  one.pardon();
  expect([one.heldUntil, one.lane, one.window]).toEqual([0, "unproven", 4]);
});

test("a token frees a second's share after the last, and a second's worth gathers", () => {
  const one = record();
  expect(one.tokenAt).toBe(0);
  one.rate = 4;
  const starts: number[] = [];
  for (let n = 0; n < 7; n++) {
    const at = Math.max(NOW, one.tokenAt);
    starts.push(at - NOW);
    one.began(at);
  }
  expect(starts).toEqual([0, 0, 0, 0, 250, 500, 750]);
  expect(one.worthHolding).toBe((4 * DEFAULT_LIMITS.leaseMs) / 4_000);
  const later = NOW + 60_000;
  for (let n = 0; n < 4; n++) {
    expect(one.tokenAt).toBeLessThanOrEqual(later);
    one.began(later);
  }
  expect(one.tokenAt).toBe(later + 250);
});
