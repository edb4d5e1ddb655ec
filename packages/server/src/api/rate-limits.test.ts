import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS, type Limits } from "../limits.ts";
import { createRateLimits, RateLimited } from "./rate-limits.ts";

const T0 = Date.UTC(2026, 0, 1);
const limitsOf = (limits: Partial<Limits>) => createRateLimits({ ...DEFAULT_LIMITS, ...limits });
const PER_KEY = { requestsPerSecondPerKey: 1, requestBurstPerKey: 3 };

/** How many of `count` requests are allowed. */
function passed(count: number, ask: () => unknown): number {
  let through = 0;
  for (let n = 0; n < count; n++) {
    try {
      ask();
      through++;
    } catch (error) {
      expect(error).toBeInstanceOf(RateLimited);
    }
  }
  return through;
}

test("nothing is limited by default", () => {
  const rates = limitsOf({});
  expect(passed(10_000, () => rates.admitAddress("a", T0))).toBe(10_000);
  expect(passed(10_000, () => rates.admitKey("key", "a", T0))).toBe(10_000);
});

describe("a key", () => {
  /** A request whose key proves valid. */
  const good = (rates: ReturnType<typeof limitsOf>, key: string, address: string, now = T0) => {
    if (rates.admitKey(key, address, now)) rates.proveKey(key, address, now);
  };

  test("has its rate and its burst, wherever its requests come from", () => {
    const rates = limitsOf(PER_KEY);
    let n = 0;
    expect(passed(20, () => good(rates, "key", `address ${n++ % 5}`))).toBe(3);
    expect(passed(20, () => good(rates, "key", "a", T0 + 2_000))).toBe(2);
    expect(passed(20, () => good(rates, "other", "a", T0 + 2_000))).toBe(3);
  });

  test("that is a guess has what all guesses of its address have", () => {
    const rates = limitsOf(PER_KEY);
    let n = 0;
    expect(passed(1_000, () => rates.admitKey(`guess ${n++}`, "a", T0))).toBe(3);
    expect(passed(1_000, () => rates.admitKey(`guess ${n++}`, "b", T0))).toBe(3);
    expect(passed(1_000, () => rates.admitKey(`guess ${n++}`, "a", T0 + 10_000))).toBe(3);
  });

  test("that has proved good is not held up by guesses from its address, nor makes room for more of them", () => {
    const rates = limitsOf(PER_KEY);
    good(rates, "key", "a");
    expect(passed(100, () => rates.admitKey("guess", "a", T0))).toBe(3);
    expect(passed(100, () => good(rates, "key", "a"))).toBe(2);
    expect(passed(100, () => rates.admitKey("guess", "a", T0))).toBe(0);
  });

  test("pays for what was under way when it proved good", () => {
    const rates = limitsOf(PER_KEY);
    const asked = [1, 2, 3].map(() => rates.admitKey("key", "a", T0));
    expect(asked).toEqual([true, true, true]);
    for (const _ of asked) rates.proveKey("key", "a", T0);
    expect(passed(10, () => good(rates, "key", "a"))).toBe(0);
    expect(passed(10, () => good(rates, "key", "a", T0 + 1_000))).toBe(1);
    expect(passed(10, () => rates.admitKey("guess", "a", T0))).toBe(3);
  });
});

test("an address has its rate and its burst", () => {
  const rates = limitsOf({ requestsPerSecondPerAddress: 2, requestBurstPerAddress: 5 });
  expect(passed(20, () => rates.admitAddress("a", T0))).toBe(5);
  expect(passed(20, () => rates.admitAddress("b", T0))).toBe(5);
  expect(passed(20, () => rates.admitAddress("a", T0 + 500))).toBe(1);
  expect(passed(20, () => rates.admitAddress(null, T0))).toBe(20);
});

test("memory is bounded: the least recent caller is forgotten", () => {
  const rates = limitsOf({ requestsPerSecondPerAddress: 1, requestBurstPerAddress: 1, rateLimitsKept: 3 });
  for (const address of ["a", "b", "c"]) expect(passed(2, () => rates.admitAddress(address, T0))).toBe(1);
  expect(passed(1, () => rates.admitAddress("a", T0))).toBe(0);
  rates.admitAddress("d", T0);
  expect(["a", "c", "b"].map((address) => passed(1, () => rates.admitAddress(address, T0)))).toEqual([0, 0, 1]);
});

test.each([
  [1, 1],
  [1_000, 1],
  [1_001, 2],
  [59_500, 60],
])("a wait of %s ms is reported as %s s", (waitMs, seconds) => {
  const { status, type, code, retryAfterSeconds, message } = new RateLimited(waitMs);
  expect([status, type, code, retryAfterSeconds]).toEqual([429, "invalid_request_error", "rate_limit", seconds]);
  expect(message).toContain(`${seconds} s`);
});

test.each([
  { requestsPerSecondPerKey: -1 },
  { requestsPerSecondPerKey: Number.NaN },
  { requestsPerSecondPerAddress: Number.POSITIVE_INFINITY },
  { requestBurstPerKey: 0 },
  { requestBurstPerAddress: Number.NaN },
])("%j is refused by its name", (limits) => {
  expect(() => limitsOf(limits)).toThrow(Object.keys(limits)[0]);
});
