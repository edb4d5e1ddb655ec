import { apiError } from "@carabiner/protocol";
import { type Procedure, procedure } from "../operations/operation.ts";
import { integer, optional, params, timestamp } from "../operations/parameters.ts";
import type { JsonObject } from "../store/contract/rows.ts";

/** A clock that can be turned, with everything that follows from turning it. Times are Unix milliseconds. */
export interface ClockControl {
  now(): number;
  frozen(): boolean;
  /**
   * Goes forward, running everything that falls due on the way, in order, each at its own time. Resolves when all is
   * quiet. `target` is asked for the time to go to when this turn begins, and told the time it is then: turns asked for
   * at once follow one another. What it throws ends the turn before it begins.
   */
  advance(target: (now: number) => number): Promise<void>;
  /** Resolves when nothing is being delivered and nothing is due, turns that are under way included. */
  idle(): Promise<void>;
  /** Stops the clock where it stands. */
  freeze(): Promise<void>;
  /** Lets it run again, from where it stands. */
  release(): Promise<void>;
}

/** Longest single turn: ten years. */
const LONGEST_TURN_S = 10 * 366 * 24 * 3_600;

/** The clock's calls; `control` is null on a server that runs on real time. */
export function clockProcedures(control: ClockControl | null): Procedure[] {
  const turnable = (): ClockControl => {
    if (control === null) throw apiError("clock_unavailable");
    return control;
  };
  return [
    procedure({
      method: "GET",
      path: "/v1/test_helpers/clock",
      ownKeysOnly: true,
      params: params({}),
      perform: async () => clockAnswer(turnable()),
    }),
    procedure({
      method: "POST",
      path: "/v1/test_helpers/clock/advance",
      ownKeysOnly: true,
      params: params({ seconds: optional(integer(0, LONGEST_TURN_S)), to: optional(timestamp()) }),
      async perform(_, { seconds, to }) {
        const clock = turnable();
        if (seconds === undefined && to === undefined) throw apiError("parameter_missing", { param: "seconds" });
        if (seconds !== undefined && to !== undefined) throw apiError("parameters_exclusive", { param: "seconds", other: "to" });
        const by = seconds === undefined ? { to: to as number } : { seconds };
        await clock.advance((now) => turnTarget(by, now));
        return clockAnswer(clock);
      },
    }),
    procedure({
      method: "POST",
      path: "/v1/test_helpers/clock/freeze",
      ownKeysOnly: true,
      params: params({}),
      async perform() {
        await turnable().freeze();
        return clockAnswer(turnable());
      },
    }),
    procedure({
      method: "POST",
      path: "/v1/test_helpers/clock/release",
      ownKeysOnly: true,
      params: params({}),
      async perform() {
        await turnable().release();
        return clockAnswer(turnable());
      },
    }),
  ];
}

/**
 * The time a turn goes to, in Unix milliseconds, from the time it begins at. Throws `clock_backwards` for one that
 * would go back and `parameter_out_of_range` for one longer than ten years.
 */
export function turnTarget(by: { seconds: number } | { to: number }, now: number): number {
  const second = Math.floor(now / 1000);
  const [param, length] = "seconds" in by ? ["seconds", by.seconds] : ["to", by.to - second];
  if (!(length >= 0)) throw apiError("clock_backwards", { param, now: second });
  if (length > LONGEST_TURN_S) {
    const from = "seconds" in by ? 0 : second;
    throw apiError("parameter_out_of_range", { param, min: from, max: from + LONGEST_TURN_S });
  }
  // The second in which the clock stands is no way back, though it has come some way into it.
  return "seconds" in by ? now + Math.round(length * 1000) : Math.max(now, Math.round(by.to * 1000));
}

function clockAnswer(clock: ClockControl): JsonObject {
  return { object: "test_helpers.clock", now: Math.floor(clock.now() / 1000), frozen: clock.frozen() };
}
