import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSleepers } from "./sleepers.ts";

const forever = new AbortController().signal;

describe("sleepers", () => {
  it("wake by time, then by arrival, never early, each once", async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("add" as const), wakeAt: fc.integer({ min: 0, max: 100 }) }),
      fc.record({ kind: fc.constant("abort" as const), pick: fc.nat(200) }),
      fc.record({ kind: fc.constant("turn" as const), by: fc.integer({ min: 0, max: 20 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 300 }), async (steps) => {
        const sleepers = createSleepers();
        const woken: number[] = [];
        let asleep: { id: number; wakeAt: number; abort: AbortController }[] = [];
        const expected: number[] = [];
        let now = 0;
        let ids = 0;
        for (const one of steps) {
          if (one.kind === "add") {
            const sleeper = { id: ids++, wakeAt: one.wakeAt, abort: new AbortController() };
            asleep.push(sleeper);
            void sleepers.add(one.wakeAt, sleeper.abort.signal).then(() => woken.push(sleeper.id));
          } else if (one.kind === "abort") {
            const [sleeper] = asleep.splice(one.pick % Math.max(1, asleep.length), 1);
            if (sleeper === undefined) continue;
            sleeper.abort.abort();
            expected.push(sleeper.id);
          } else {
            now += one.by;
            sleepers.wakeDue(now);
            const due = asleep.filter(({ wakeAt }) => wakeAt <= now).sort((a, b) => a.wakeAt - b.wakeAt || a.id - b.id);
            asleep = asleep.filter(({ wakeAt }) => wakeAt > now);
            expected.push(...due.map(({ id }) => id));
          }
          expect(sleepers.nextWakeAt()).toBe(asleep.length === 0 ? null : Math.min(...asleep.map(({ wakeAt }) => wakeAt)));
        }
        await new Promise((resolve) => setImmediate(resolve));
        expect(woken).toEqual(expected);
      }),
    );
  });

  it("that leave early, by the thousand, do not disturb those that stay", async () => {
    let told = 0;
    const sleepers = createSleepers(() => told++);
    let awake = false;
    void sleepers.add(1_000_000, forever).then(() => {
      awake = true;
    });
    for (let n = 0; n < 10_000; n++) {
      const controller = new AbortController();
      const slept = sleepers.add(500_000 + n, controller.signal);
      controller.abort();
      await slept;
    }
    expect(told).toBe(10_000);
    expect(sleepers.nextWakeAt()).toBe(1_000_000);
    sleepers.wakeDue(1_000_000);
    await Promise.resolve();
    expect(awake).toBe(true);
    expect(sleepers.nextWakeAt()).toBeNull();
  });

  it("do not fall asleep when they are told to leave beforehand", async () => {
    const sleepers = createSleepers();
    await sleepers.add(10, AbortSignal.abort());
    expect(sleepers.nextWakeAt()).toBeNull();
  });
});
