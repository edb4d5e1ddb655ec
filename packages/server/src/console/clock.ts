import { apiError } from "@carabiner/protocol";
import type { Limits } from "../limits.ts";
import { type Procedure, procedure } from "../operations/operation.ts";
import { integer, LATEST_SECOND, optional, params, timestamp } from "../operations/parameters.ts";
import type { JsonObject } from "../store/contract/rows.ts";

/** A clock that can be advanced, and that runs everything that falls due. Times are Unix milliseconds. */
export interface ClockControl {
  now(): number;
  frozen(): boolean;
  /**
   * Advances the clock and runs everything that falls due on the way, in order, each at its own time. Resolves when all
   * work is done. `target` receives the time at which this advance begins and returns the time to advance to:
   * simultaneous advances run one after another. If it throws, the advance does not begin.
   */
  advance(target: (now: number) => number): Promise<void>;
  /** Resolves when nothing is being delivered and nothing is due, after any advance under way. */
  idle(): Promise<void>;
  /** Stops the clock at its current time. */
  freeze(): Promise<void>;
  /** Lets it run again from that time. */
  release(): Promise<void>;
}

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
      params: params({ seconds: optional(integer(0, "clockAdvanceSeconds")), to: optional(timestamp()) }),
      async perform({ limits }, { seconds, to }) {
        const clock = turnable();
        if (seconds === undefined && to === undefined) throw apiError("parameter_missing", { param: "seconds" });
        if (seconds !== undefined && to !== undefined) throw apiError("parameters_exclusive", { param: "seconds", other: "to" });
        const by = seconds === undefined ? { to: to as number } : { seconds };
        await clock.advance((now) => turnTarget(by, now, limits));
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
 * The time to advance to from `now`, in Unix milliseconds. Throws `clock_backwards` for an earlier time and
 * `parameter_out_of_range` for an advance that is too long, or that leads to a time that cannot be represented.
 */
export function turnTarget(
  by: { seconds: number } | { to: number },
  now: number,
  { clockAdvanceSeconds: longest }: Pick<Limits, "clockAdvanceSeconds">,
): number {
  const second = Math.floor(now / 1000);
  const [param, length] = "seconds" in by ? ["seconds", by.seconds] : ["to", by.to - second];
  if (!(length >= 0)) throw apiError("clock_backwards", { param, now: second });
  const most = Math.max(0, Math.min(longest, LATEST_SECOND - second));
  if (length > most) {
    const from = "seconds" in by ? 0 : second;
    throw apiError("parameter_out_of_range", { param, min: from, max: from + most });
  }
  // The current second is not in the past, even if part of it is over.
  return "seconds" in by ? now + Math.round(length * 1000) : Math.max(now, Math.round(by.to * 1000));
}

function clockAnswer(clock: ClockControl): JsonObject {
  return { object: "test_helpers.clock", now: Math.floor(clock.now() / 1000), frozen: clock.frozen() };
}
