import { apiError } from "@carabiner/protocol";
import { type Procedure, procedure } from "../resources/operation.ts";
import { integer, optional, params, timestamp } from "../resources/parameters.ts";
import type { JsonObject } from "../store/store.ts";

/** A clock that can be turned, with everything that follows from turning it. Times are Unix milliseconds. */
export interface ClockControl {
  now(): number;
  frozen(): boolean;
  /** Goes to `to`, running everything that falls due on the way, in order, each at its own time. Resolves when all is quiet. */
  advanceTo(to: number): Promise<void>;
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
    procedure({ method: "GET", path: "/v1/test_helpers/clock", params: params({}), perform: async () => clockAnswer(turnable()) }),
    procedure({
      method: "POST",
      path: "/v1/test_helpers/clock/advance",
      params: params({ seconds: optional(integer(0, LONGEST_TURN_S)), to: optional(timestamp()) }),
      async perform(_, { seconds, to }) {
        const clock = turnable();
        if (seconds === undefined && to === undefined) throw apiError("parameter_missing", { param: "seconds" });
        if (seconds !== undefined && to !== undefined) throw apiError("parameters_exclusive", { param: "seconds", other: "to" });
        const now = clock.now();
        const target = seconds === undefined ? (to as number) * 1000 : now + seconds * 1000;
        if (target < now) throw apiError("clock_backwards", { param: "to", now: Math.floor(now / 1000) });
        if (target > now + LONGEST_TURN_S * 1000)
          throw apiError("parameter_out_of_range", {
            param: "to",
            min: Math.floor(now / 1000),
            max: Math.floor(now / 1000) + LONGEST_TURN_S,
          });
        await clock.advanceTo(target);
        return clockAnswer(clock);
      },
    }),
    procedure({
      method: "POST",
      path: "/v1/test_helpers/clock/freeze",
      params: params({}),
      async perform() {
        await turnable().freeze();
        return clockAnswer(turnable());
      },
    }),
    procedure({
      method: "POST",
      path: "/v1/test_helpers/clock/release",
      params: params({}),
      async perform() {
        await turnable().release();
        return clockAnswer(turnable());
      },
    }),
  ];
}

function clockAnswer(clock: ClockControl): JsonObject {
  return { object: "test_helpers.clock", now: Math.floor(clock.now() / 1000), frozen: clock.frozen() };
}
