import type { ClockState, TurnableClock } from "../clock/turnable-clock.ts";
import type { ClockControl } from "../console/clock.ts";
import type { Engine } from "../deliveries/engine.ts";
import type { Store } from "../store/store.ts";

/** The setting that keeps the clock's state across a restart. */
const CLOCK_SETTING = "clock";

/** Sends all that is due, claimed or not: after a start, what an earlier run left. */
export async function quiet(engine: Engine): Promise<void> {
  await whilePaused(engine, () => engine.runOnce());
}

/** Does something while the engine claims only what it is told to. */
async function whilePaused(engine: Engine, work: () => Promise<unknown>): Promise<void> {
  await engine.pause();
  try {
    await work();
  } finally {
    engine.start();
  }
}

/** Turns a clock and runs what falls due on the way. One turn at a time; the others wait. */
export async function createClockControl(clock: TurnableClock, engine: Engine, store: Store): Promise<ClockControl> {
  const kept = await store.read((reads) => reads.setting(CLOCK_SETTING));
  if (kept !== null) clock.restore(kept as unknown as ClockState);
  let turning: Promise<void> = Promise.resolve();

  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = turning.then(work);
    turning = done.catch(() => undefined);
    return done;
  }

  async function keep(): Promise<void> {
    await store.transaction((tx) => tx.saveSetting(CLOCK_SETTING, { ...clock.state() }));
  }

  return {
    now: () => clock.now(),
    frozen: () => clock.state().frozenAt !== null,
    advance: (target) =>
      inTurn(async () => {
        const to = target(clock.now());
        const ticking = clock.state().frozenAt === null;
        // Between two turns the time stands, so that each thing happens at the very time it falls due.
        clock.freeze();
        await whilePaused(engine, async () => {
          try {
            let next = await engine.runOnce();
            while (next !== null && next <= to) {
              if (next > clock.now()) clock.advanceTo(next);
              next = await engine.runOnce();
            }
            if (to > clock.now()) clock.advanceTo(to);
          } finally {
            if (ticking) clock.release();
          }
        });
        await keep();
      }),
    idle: () => inTurn(() => quiet(engine)),
    freeze: () =>
      inTurn(async () => {
        clock.freeze();
        await keep();
      }),
    release: () =>
      inTurn(async () => {
        clock.release();
        await keep();
      }),
  };
}
