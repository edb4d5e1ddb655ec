import type { Clock } from "../clock/clock.ts";
import type { ClockState, TurnableClock } from "../clock/turnable-clock.ts";
import type { ClockControl } from "../console/clock.ts";
import type { Engine } from "../deliveries/engine.ts";
import type { Store } from "../store/store.ts";
import type { TaskRunner } from "./task-runner.ts";

/** The setting that keeps the clock's state across a restart. */
const CLOCK_SETTING = "clock";

/** The workers that do what falls due: the tasks, and the deliveries of the events that tasks record. */
export interface Workers {
  tasks: TaskRunner;
  engine: Engine;
}

/** Does all due work, claimed or not. Used after startup, for what an earlier run left behind. */
export async function quiet(workers: Workers, clock: Clock): Promise<void> {
  await whilePaused(workers, async () => {
    let next = await runDue(workers);
    while (next !== null && next <= clock.now()) next = await runDue(workers);
  });
}

/**
 * Does what is due now, tasks first. Returns when the next work is due, or null. That is now if a receiver caused it
 * meanwhile.
 */
async function runDue({ tasks, engine }: Workers): Promise<number | null> {
  engine.ownWork?.(true);
  await tasks.runOnce().finally(() => engine.ownWork?.(false));
  const nextDelivery = await engine.runOnce();
  const nextTask = await tasks.nextAt();
  return nextDelivery === null || nextTask === null ? (nextDelivery ?? nextTask) : Math.min(nextDelivery, nextTask);
}

/**
 * Makes attempts that fall due from `next` until `to`, each at its own time, until something else falls due. The engine
 * stores many of them together. Returns whether it turned the clock.
 */
async function runAhead({ tasks, engine }: Workers, clock: TurnableClock, next: number, to: number): Promise<boolean> {
  if (engine.runThrough === undefined || tasks.mayBeDueBy(next)) return false;
  const before = clock.now();
  await engine.runThrough(to, (at) => {
    if (tasks.mayBeDueBy(at)) return false;
    clock.advanceTo(at);
    return true;
  });
  return clock.now() > before;
}

/** Runs `work` while the workers are paused and do only what it asks of them. */
async function whilePaused({ tasks, engine }: Workers, work: () => Promise<unknown>): Promise<void> {
  await tasks.pause();
  await engine.pause();
  try {
    await work();
  } finally {
    engine.start();
    tasks.start();
  }
}

/** Advances a clock and runs what falls due on the way. Advances run one at a time; the others wait. */
export async function createClockControl(clock: TurnableClock, workers: Workers, store: Store): Promise<ClockControl> {
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
        // Between two steps the clock stands still, so that each thing happens exactly when it is due.
        clock.freeze();
        await whilePaused(workers, async () => {
          workers.engine.turning?.(to);
          try {
            let next = await runDue(workers);
            while (next !== null && next <= to) {
              if (next > clock.now() && !(await runAhead(workers, clock, next, to))) clock.advanceTo(next);
              next = await runDue(workers);
            }
            if (to > clock.now()) clock.advanceTo(to);
          } finally {
            workers.engine.turning?.(null);
            if (ticking) clock.release();
          }
        });
        await keep();
      }),
    idle: () => inTurn(() => quiet(workers, clock)),
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
