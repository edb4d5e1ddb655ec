import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSimulatedClock } from "./simulated-clock.ts";

const forever = new AbortController().signal;

describe("the simulated clock", () => {
  it("stands still until it is turned, and is its own wall time", () => {
    const clock = createSimulatedClock(1_000);
    expect([clock.now(), clock.wallNow()]).toEqual([1_000, 1_000]);
    clock.advanceTo(5_000);
    expect([clock.now(), clock.wallNow()]).toEqual([5_000, 5_000]);
    clock.advanceTo(5_000);
    expect(() => clock.advanceTo(4_999)).toThrow(RangeError);
    expect(() => clock.advanceTo(Number.NaN)).toThrow(RangeError);
    expect(clock.now()).toBe(5_000);
  });

  it("wakes in order, never early, whoever sleeps", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 50 }), fc.array(fc.nat(300)), async (sleeps, turns) => {
        const clock = createSimulatedClock(0);
        const woken: { ms: number; at: number }[] = [];
        for (const ms of sleeps) void clock.sleep(ms, forever).then(() => woken.push({ ms, at: clock.now() }));
        let now = 0;
        for (const by of turns) {
          now += by;
          clock.advanceTo(now);
          await Promise.resolve();
          for (const { ms, at } of woken) expect(ms).toBeLessThanOrEqual(at);
          expect(woken.length).toBe(sleeps.filter((ms) => ms <= now).length);
        }
        expect(woken.map(({ ms }) => ms)).toEqual(sleeps.filter((ms) => ms <= now).sort((a, b) => a - b));
      }),
    );
  });

  it("run from sleeper to sleeper gives each its own time, those that fall asleep on the way too", async () => {
    const clock = createSimulatedClock(0);
    const log: string[] = [];
    const ticker = async (name: string, every: number) => {
      while (clock.now() < 10) {
        await clock.sleep(every, forever);
        log.push(`${name}${clock.now()}`);
      }
    };
    void ticker("a", 4);
    void ticker("b", 6);
    await clock.runTo(100);
    expect(log).toEqual(["a4", "b6", "a8", "b12", "a12"]);
    expect(clock.now()).toBe(100);
    expect(clock.nextWakeAt()).toBeNull();
    await expect(clock.runTo(99)).rejects.toThrow(RangeError);
  });

  it("lets a sleeper go at once when there is nothing to sleep, or it is aborted", async () => {
    const clock = createSimulatedClock(0);
    await clock.sleep(0, forever);
    const controller = new AbortController();
    const slept = clock.sleep(10, controller.signal);
    expect(clock.nextWakeAt()).toBe(10);
    controller.abort();
    await slept;
    expect(clock.nextWakeAt()).toBeNull();
  });
});
