import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSimulatedClock } from "../../test/clock/simulated-clock.ts";
import { type ClockState, createTurnableClock } from "./turnable-clock.ts";

const forever = new AbortController().signal;
const HOUR = 3_600_000;

describe("the turnable clock", () => {
  it("is real time until it is turned", () => {
    const real = createSimulatedClock(1_000);
    const clock = createTurnableClock(real);
    expect([clock.now(), clock.wallNow()]).toEqual([1_000, 1_000]);
    real.advanceTo(2_000);
    expect([clock.now(), clock.wallNow()]).toEqual([2_000, 2_000]);
    expect(clock.state()).toEqual({ offsetMs: 0, frozenAt: null });
  });

  it("is turned forward, ticking or frozen, while wall time stays real", () => {
    const real = createSimulatedClock(1_000);
    const clock = createTurnableClock(real);
    clock.advanceTo(1_000 + HOUR);
    real.advanceTo(1_500);
    expect([clock.now(), clock.wallNow()]).toEqual([1_500 + HOUR, 1_500]);
    clock.freeze();
    clock.freeze();
    real.advanceTo(9_000);
    expect([clock.now(), clock.wallNow()]).toEqual([1_500 + HOUR, 9_000]);
    clock.advanceTo(1_500 + 2 * HOUR);
    expect(clock.now()).toBe(1_500 + 2 * HOUR);
    clock.release();
    clock.release();
    expect(clock.now()).toBe(1_500 + 2 * HOUR);
    real.advanceTo(9_001);
    expect(clock.now()).toBe(1_501 + 2 * HOUR);
  });

  it.each([999, 999.5, 1_000.5, Number.NaN, Number.POSITIVE_INFINITY])("is not turned to %d", (to) => {
    const clock = createTurnableClock(createSimulatedClock(1_000));
    expect(() => clock.advanceTo(to)).toThrow(RangeError);
    clock.freeze();
    expect(() => clock.advanceTo(to)).toThrow(RangeError);
    expect(clock.now()).toBe(1_000);
  });

  it("wakes sleepers by ticking and by turning", async () => {
    const real = createSimulatedClock(0);
    const clock = createTurnableClock(real);
    const woken: string[] = [];
    const sleep = (name: string, ms: number) => void clock.sleep(ms, forever).then(() => woken.push(`${name}@${clock.now()}`));
    sleep("c", 3 * HOUR);
    sleep("a", 10);
    sleep("b", HOUR);
    await real.runTo(10);
    expect(woken).toEqual(["a@10"]);
    clock.advanceTo(2 * HOUR);
    await real.runTo(10);
    expect(woken).toEqual(["a@10", `b@${2 * HOUR}`]);
    clock.freeze();
    await real.runTo(9 * HOUR);
    expect(woken.length).toBe(2);
    clock.release();
    await real.runTo(10 * HOUR - 1);
    expect(woken.length).toBe(2);
    await real.runTo(10 * HOUR);
    expect(woken).toEqual(["a@10", `b@${2 * HOUR}`, `c@${3 * HOUR}`]);
    expect(real.nextWakeAt()).toBeNull();
  });

  it("wakes nobody a millisecond early, ticking or frozen", async () => {
    for (const frozen of [true, false]) {
      const real = createSimulatedClock(0);
      const clock = createTurnableClock(real);
      if (frozen) clock.freeze();
      let awake = false;
      void clock.sleep(HOUR, forever).then(() => {
        awake = true;
      });
      clock.advanceTo(HOUR - 1);
      await real.runTo(0);
      expect(awake).toBe(false);
      clock.advanceTo(HOUR);
      await real.runTo(0);
      expect(awake).toBe(true);
    }
  });

  it("leaves no alarm behind when its sleepers are aborted", async () => {
    const real = createSimulatedClock(0);
    const clock = createTurnableClock(real);
    const controllers = [new AbortController(), new AbortController()];
    const slept = controllers.map((controller, index) => clock.sleep(100 * (index + 1), controller.signal));
    expect(real.nextWakeAt()).toBe(100);
    controllers[0]?.abort();
    expect(real.nextWakeAt()).toBe(200);
    controllers[1]?.abort();
    expect(real.nextWakeAt()).toBeNull();
    await Promise.all(slept);
    await Promise.all([clock.sleep(0, forever), clock.sleep(10, AbortSignal.abort())]);
    expect(real.nextWakeAt()).toBeNull();
  });

  it("reports every turn before the due sleepers wake", async () => {
    const clock = createTurnableClock(createSimulatedClock(0));
    const told: (ClockState | string)[] = [];
    const end = clock.onChange((state) => told.push(state));
    const slept = clock.sleep(50, forever).then(() => told.push("awake"));
    clock.advanceTo(100);
    await slept;
    clock.freeze();
    clock.advanceTo(150);
    clock.release();
    end();
    clock.advanceTo(200);
    expect(told).toEqual([
      { offsetMs: 100, frozenAt: null },
      "awake",
      { offsetMs: 100, frozenAt: 100 },
      { offsetMs: 100, frozenAt: 150 },
      { offsetMs: 150, frozenAt: null },
    ]);
  });

  it("continues after a restart from its old time, frozen or ticking", () => {
    for (const frozen of [true, false]) {
      const before = createTurnableClock(createSimulatedClock(1_000));
      before.advanceTo(1_000 + HOUR);
      if (frozen) before.freeze();
      const real = createSimulatedClock(5_000);
      const after = createTurnableClock(real);
      after.restore(before.state());
      expect(after.now()).toBe(frozen ? 1_000 + HOUR : 5_000 + HOUR);
      expect(after.state()).toEqual(before.state());
    }
  });

  it("never goes back, and never wakes a sleeper early, whatever is done to it", async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("tick" as const), ms: fc.nat(1_000) }),
      fc.record({ kind: fc.constant("turn" as const), ms: fc.nat(100_000) }),
      fc.record({ kind: fc.constant("sleep" as const), ms: fc.nat(50_000) }),
      fc.record({ kind: fc.constantFrom("freeze" as const, "release" as const), ms: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const real = createSimulatedClock(0);
        const clock = createTurnableClock(real);
        const woken: number[] = [];
        const due: number[] = [];
        let last = clock.now();
        for (const { kind, ms } of steps) {
          if (kind === "tick") await real.runTo(real.now() + ms);
          else if (kind === "turn") clock.advanceTo(clock.now() + ms);
          else if (kind === "freeze") clock.freeze();
          else if (kind === "release") clock.release();
          else {
            const wakeAt = clock.now() + ms;
            due.push(wakeAt);
            void clock.sleep(ms, forever).then(() => {
              expect(clock.now()).toBeGreaterThanOrEqual(wakeAt);
              woken.push(wakeAt);
            });
          }
          expect(clock.now()).toBeGreaterThanOrEqual(last);
          last = clock.now();
          await real.runTo(real.now());
          expect(woken.length).toBe(due.filter((wakeAt) => wakeAt <= last).length);
        }
      }),
    );
  });
});
