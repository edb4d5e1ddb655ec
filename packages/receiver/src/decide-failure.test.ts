import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UnknownAccount } from "./admit-event.ts";
import { decideFailure, type Failure } from "./decide-failure.ts";
import { Defer, Discard } from "./handler-errors.ts";
import { InboxUnavailable } from "./inbox/inbox.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

const NOW = 1_000_000;

function failure(error: unknown, more: Partial<Failure> = {}): Failure {
  return { error, attempt: 1, attempts: 15, receivedAt: NOW, now: NOW, random: 0, limits: DEFAULT_LIMITS, ...more };
}
const dueIn = (given: Failure): number => {
  const { settlement } = decideFailure(given);
  return settlement.next.state === "pending" ? settlement.next.dueAt - NOW : Number.NaN;
};

describe("what follows from a failure", () => {
  test("is another try, three times as late as the last, up to the longest wait", () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => dueIn(failure(new Error("no"), { attempt })));
    expect(waits).toEqual([5_000, 15_000, 45_000, 135_000, 405_000, 1_215_000, 3_600_000, 3_600_000]);
  });

  test("is kept without the character that a database cannot store", () => {
    expect(decideFailure(failure(new Error("no \0 good"))).settlement.error).toContain("no \uFFFD good");
  });

  test("at random up to a fifth sooner, and never later", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 14 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
        const full = dueIn(failure(new Error("no"), { attempt }));
        const wait = dueIn(failure(new Error("no"), { attempt, random }));
        expect(wait).toBeLessThanOrEqual(full);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(full * 0.8));
      }),
    );
  });

  test("is a dead letter after the last try", () => {
    expect(decideFailure(failure(new Error("no"), { attempt: 14 })).outcome).toBe("retry");
    expect(decideFailure(failure(new Error("no"), { attempt: 15 }))).toMatchObject({
      outcome: "dead",
      settlement: { next: { state: "dead" } },
    });
  });

  test("is told in sentences, whether the error's message ends as one or not", () => {
    for (const message of ["no room", "no room."]) {
      expect(decideFailure(failure(new Error(message))).says).toMatch(/^failed: Error: no room\. Next try at \S+Z\.$/);
      expect(decideFailure(failure(new Error(message), { attempt: 15 })).says).toBe(
        "given up after 15 tries: Error: no room. replayDead() tries again.",
      );
    }
  });

  test("is the delay that the handler asked for", () => {
    expect(decideFailure(failure(new Discard("no")))).toMatchObject({ outcome: "discarded", settlement: { error: "Discard: no" } });
    expect(decideFailure(failure(new UnknownAccount("no"))).outcome).toBe("dead");
    const deferred = failure(new Defer("soon", "10s"), { attempt: 15 });
    expect(decideFailure(deferred)).toMatchObject({ outcome: "deferred", settlement: { counts: false } });
    expect(dueIn(deferred)).toBe(10_000);
    const late = { receivedAt: NOW - DEFAULT_LIMITS.deferMs + 10_000 };
    expect(decideFailure(failure(new Defer("soon", 10_000), late)).outcome).toBe("deferred");
    expect(decideFailure(failure(new Defer("soon", 10_001), late)).outcome).toBe("dead");
  });

  test("is a whole number of milliseconds, and at least one, for every request of the handler", () => {
    for (const [delay, ms] of [
      [0, 1],
      ["0s", 1],
      [0.5, 1],
      ["1.2ms", 2],
    ] as const)
      expect(dueIn(failure(new Defer("soon", delay)))).toBe(ms);
  });

  test("is that of any error where one only has the name of Defer", () => {
    const named = Object.assign(new Error("no"), { name: "Defer" });
    expect(decideFailure(failure(named))).toMatchObject({ outcome: "retry", settlement: { counts: true, error: "Defer: no" } });
  });

  test("does not count when the inbox was at fault", () => {
    expect(decideFailure(failure(new InboxUnavailable("locked"), { attempt: 15 }))).toMatchObject({
      outcome: "retry",
      settlement: { counts: false },
    });
  });

  test("keeps little of the error, and anything may be thrown", () => {
    for (const thrown of [new Error("x".repeat(10_000)), "text", undefined, null, { a: 1 }, Symbol("s")]) {
      const { settlement } = decideFailure(failure(thrown));
      expect(settlement.error?.length).toBeLessThanOrEqual(501);
    }
  });
});

describe("a delay", () => {
  test("is milliseconds, or a number with a unit", () => {
    const delays = ["500ms", "10s", "1.5m", "2h", "3d"].map((delay) => new Defer("", delay).delayMs);
    expect(delays).toEqual([500, 10_000, 90_000, 7_200_000, 259_200_000]);
    for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY, "", "10", "s", "10 s", "1w"])
      expect(() => new Defer("", wrong), String(wrong)).toThrow(/is not a valid delay/);
  });
});
