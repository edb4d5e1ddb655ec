import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Bucket, charged, filled, type Rate, refunded, take } from "./token-bucket.ts";

const T0 = Date.UTC(2026, 0, 1);

/** Those of these times at which there was a token. */
function taken(rate: Rate, times: readonly number[]): number[] {
  let bucket: Bucket | undefined;
  return times.filter((at) => {
    const { bucket: left, waitMs } = take(bucket, rate, T0 + at);
    bucket = left;
    return waitMs === 0;
  });
}

describe("a bucket", () => {
  test("gives the burst at once, and then exactly what comes in", () => {
    const rate = { perSecond: 4, burst: 3 };
    expect(taken(rate, [0, 0, 0, 0, 249, 250, 250, 499, 500, 10_000, 10_000, 10_000, 10_000])).toEqual([
      0, 0, 0, 250, 500, 10_000, 10_000, 10_000,
    ]);
  });

  test.each([1, 3, 7, 100, 5_000])("of %s a second gives that many in each of a hundred seconds", (perSecond) => {
    const times = Array.from({ length: 100_000 }, (_, ms) => Array.from({ length: Math.ceil(perSecond / 1_000) }, () => ms)).flat();
    expect(taken({ perSecond, burst: 1 + Math.ceil(perSecond / 1_000) }, times).length).toBeGreaterThanOrEqual(perSecond * 99.999 - 1);
    expect(taken({ perSecond, burst: 1 }, times).length).toBeLessThanOrEqual(perSecond * 100 + 1);
  });

  test("says to the millisecond when the next one is there", () => {
    const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 1_000 }), burst: fc.integer({ min: 1, max: 50 }) });
    fc.assert(
      fc.property(rates, fc.array(fc.nat(2_000), { maxLength: 100 }), (rate, steps) => {
        let bucket: Bucket | undefined;
        let now = T0;
        let given = 0;
        for (const step of steps) {
          now += step;
          const { bucket: left, waitMs } = take(bucket, rate, now);
          bucket = left;
          if (waitMs === 0) given++;
          else {
            expect(take(bucket, rate, now + waitMs).waitMs).toBe(0);
            if (waitMs > 1) expect(take(bucket, rate, now + waitMs - 1).waitMs).toBeGreaterThan(0);
          }
          expect(given * 1_000).toBeLessThanOrEqual(rate.burst * 1_000 + (now - T0) * rate.perSecond);
        }
      }),
    );
  });

  test("takes no harm from a clock that is put back", () => {
    const rate = { perSecond: 1, burst: 1 };
    const { bucket } = take(undefined, rate, T0);
    const back = take(bucket, rate, T0 - 3_600_000);
    expect(back.waitMs).toBe(1_000);
    expect(take(back.bucket, rate, T0 - 3_600_000 + 1_000).waitMs).toBe(0);
  });

  test("is in debt for charges, and refunds never overfill it", () => {
    const rate = { perSecond: 1, burst: 1 };
    const debt = charged(charged(undefined, rate, T0), rate, T0);
    expect(take(debt, rate, T0).waitMs).toBe(2_000);
    expect(filled(refunded(undefined, rate, T0), rate, T0).level).toBe(1_000);
  });
});
