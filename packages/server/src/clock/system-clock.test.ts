import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSystemClock } from "./system-clock.ts";

const forever = new AbortController().signal;
const START = 1_800_000_000_000;

/** A machine whose wall clock can be set. */
function machine() {
  const state = { wall: START, monotonic: 5_000 };
  return {
    state,
    pass(ms: number) {
      state.wall += ms;
      state.monotonic += ms;
    },
    clock: createSystemClock({ wall: () => state.wall, monotonic: () => state.monotonic }),
  };
}

describe("the system's clock", () => {
  it("is the machine's", () => {
    const before = Date.now();
    const clock = createSystemClock();
    const now = clock.now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
    expect(Number.isSafeInteger(now)).toBe(true);
    expect(Math.abs(clock.wallNow() - Date.now())).toBeLessThan(1_000);
  });

  it("follows the machine forward; when set back, it continues at half speed until the machine has caught up", () => {
    const { state, pass, clock } = machine();
    pass(1_000);
    expect(clock.now()).toBe(START + 1_000);
    state.wall += 3_600_000;
    expect(clock.now()).toBe(START + 3_601_000);
    state.wall -= 3_600_000;
    expect(clock.wallNow()).toBe(START + 1_000);
    expect(clock.now()).toBe(START + 3_601_000);
    pass(1_000);
    expect(clock.now()).toBe(START + 3_601_500);
    pass(2 * 3_600_000);
    expect(clock.now()).toBe(clock.wallNow());
  });

  it("never goes back, and never stands still, however the machine's clock is set", () => {
    const steps = fc.array(
      fc.record({
        passes: fc.integer({ min: 0, max: 100_000 }),
        set: fc.oneof(fc.constant(0), fc.integer({ min: -10_000_000, max: 10_000_000 })),
      }),
    );
    fc.assert(
      fc.property(steps, (all) => {
        const { state, pass, clock } = machine();
        let last = clock.now();
        for (const { passes, set } of all) {
          pass(passes);
          state.wall += set;
          const now = clock.now();
          expect(now).toBeGreaterThanOrEqual(last + Math.floor(passes / 2) - 1);
          expect(now).toBeGreaterThanOrEqual(state.wall);
          last = now;
        }
      }),
    );
  });

  describe("sleeps", () => {
    beforeEach(() => void vi.useFakeTimers({ now: START }));
    afterEach(() => void vi.useRealTimers());

    async function wakesAfter(ms: number): Promise<number> {
      // The machine's counter continues while the faked wall clock stands still, as if the wall clock had been set
      // back.
      const clock = createSystemClock({ wall: Date.now, monotonic: Date.now });
      let wokeAt = 0;
      void clock.sleep(ms, forever).then(() => {
        wokeAt = Date.now();
      });
      while (wokeAt === 0) await vi.advanceTimersToNextTimerAsync();
      return wokeAt - START;
    }

    it.each([1, 20, 1_000, 3_600_000, 2 ** 31 - 1, 2 ** 31, 90 * 24 * 3_600_000])("%d ms", async (ms) => {
      expect(await wakesAfter(ms)).toBe(ms);
    });

    it("no time at all when there is none to sleep", async () => {
      const clock = createSystemClock();
      for (const ms of [0, -5, Number.NaN]) await clock.sleep(ms, forever);
      await clock.sleep(1_000, AbortSignal.abort());
      expect(vi.getTimerCount()).toBe(0);
    });

    it("until they are aborted, and leave no timer behind", async () => {
      const controller = new AbortController();
      const slept = createSystemClock().sleep(Number.POSITIVE_INFINITY, controller.signal);
      expect(vi.getTimerCount()).toBe(1);
      controller.abort();
      await slept;
      expect(vi.getTimerCount()).toBe(0);
    });

    it("not less when a timer fires early", async () => {
      const state = { wall: START, monotonic: 0 };
      const clock = createSystemClock({ wall: () => state.wall, monotonic: () => state.monotonic });
      let awake = false;
      void clock.sleep(100, forever).then(() => {
        awake = true;
      });
      state.wall = START + 99;
      await vi.advanceTimersByTimeAsync(100);
      expect(awake).toBe(false);
      state.wall = START + 100;
      await vi.advanceTimersByTimeAsync(1);
      expect(awake).toBe(true);
    });
  });
});
