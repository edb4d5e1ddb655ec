import type { Clock } from "./clock.ts";
import { createSleepers } from "./sleepers.ts";

/** The state of a turnable clock, which survives a restart. */
export interface ClockState {
  /** Its time minus real time, milliseconds. Unused while it is frozen. */
  offsetMs: number;
  /** The time it is frozen at, Unix milliseconds; null while it ticks. */
  frozenAt: number | null;
}

/**
 * Real time plus an offset that can be changed: the clock can be frozen, advanced and released. It never goes back.
 * `wallNow()` stays the machine's time, so that signatures are valid for receivers, which use real time.
 */
export interface TurnableClock extends Clock {
  /**
   * Sets the time to `to` (whole Unix milliseconds), ticking or frozen. Throws a RangeError when that is in the past.
   */
  advanceTo(to: number): void;
  /** Freezes the time where it is. */
  freeze(): void;
  /** Lets the time tick on from where it is. */
  release(): void;
  state(): ClockState;
  /** Restores an earlier process's state. It may set the time back, so call it before anything reads the time. */
  restore(state: ClockState): void;
  /** Calls `listener` with the state after every change, before due sleepers wake. Returns a function that stops it. */
  onChange(listener: (state: ClockState) => void): () => void;
}

/** `real` returns real time: the system's clock, or a simulated one in a test. */
export function createTurnableClock(real: Clock): TurnableClock {
  let offsetMs = 0;
  let frozenAt: number | null = null;
  let alarm: AbortController | null = null;
  const listeners = new Set<(state: ClockState) => void>();
  const sleepers = createSleepers(setAlarm);

  function now(): number {
    return frozenAt ?? real.now() + offsetMs;
  }

  /** Sets the alarm to the next sleeper's time, or clears it. */
  function setAlarm(): void {
    alarm?.abort();
    alarm = null;
    const next = sleepers.nextWakeAt();
    if (frozenAt !== null || next === null) return;
    const set = new AbortController();
    alarm = set;
    void real.sleep(next - now(), set.signal).then(() => {
      if (!set.signal.aborted) wake();
    });
  }

  function wake(): void {
    sleepers.wakeDue(now());
    setAlarm();
  }

  function state(): ClockState {
    return { offsetMs, frozenAt };
  }

  function turned(): void {
    for (const listener of listeners) listener(state());
    wake();
  }

  return {
    now,
    wallNow: () => real.wallNow(),
    pause: (ms, signal) => real.pause(ms, signal),
    sleep(ms, signal) {
      if (!(ms > 0) || signal.aborted) return Promise.resolve();
      const before = sleepers.nextWakeAt();
      const wakeAt = now() + ms;
      const slept = sleepers.add(wakeAt, signal);
      if (before === null || wakeAt < before) setAlarm();
      return slept;
    },
    advanceTo(to) {
      const at = now();
      if (!Number.isSafeInteger(to) || to < at)
        throw new RangeError(`The clock only goes forward: it stands at ${at}, and was to be set to ${to}.`);
      if (frozenAt === null) offsetMs += to - at;
      else frozenAt = to;
      turned();
    },
    freeze() {
      if (frozenAt !== null) return;
      frozenAt = now();
      turned();
    },
    release() {
      if (frozenAt === null) return;
      offsetMs = frozenAt - real.now();
      frozenAt = null;
      turned();
    },
    state,
    restore(kept) {
      offsetMs = kept.offsetMs;
      frozenAt = kept.frozenAt;
      turned();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
