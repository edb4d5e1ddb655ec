import { expect, test } from "vitest";
import { createSystemClock } from "../clock/system-clock.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { watchClock } from "./clock-watch.ts";

const START = 1_763_942_400_000;
const { clockAheadMs, clockLookedMs } = DEFAULT_LIMITS;

/** Sets the machine's clock by so much before each look. Returns the code of each line in the log, by the look. */
async function looks(steps: readonly number[]): Promise<(string | null)[]> {
  let wall = START;
  const { now, wallNow } = createSystemClock({ wall: () => wall, monotonic: () => 0 });
  const closing = new AbortController();
  const found: (string | null)[] = [];
  let line: string | null = null;
  const left = [...steps];
  const say = ({ code }: { code: string }) => {
    line = code;
  };
  const pause = async (ms: number): Promise<void> => {
    expect(ms).toBe(clockLookedMs);
    found.push(line);
    line = null;
    const step = left.shift();
    if (step === undefined) closing.abort();
    else wall += step;
  };
  await watchClock({ clock: { now, wallNow, pause }, log: { warn: say, info: say } as never, limits: DEFAULT_LIMITS }, closing.signal);
  return found;
}

test("a clock that is set back by clockAheadMs is warned of once, and it is logged when it has caught up", async () => {
  expect(await looks([-clockAheadMs, 0, 1, -1])).toEqual([null, "clock.ahead", null, "clock.caught_up", "clock.ahead"]);
});

test("a clock that is set forward, or back by less, is not warned of", async () => {
  expect(await looks([365 * 86_400_000, 1 - clockAheadMs])).toEqual([null, null, null]);
});
