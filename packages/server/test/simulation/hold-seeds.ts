import { expect, test } from "vitest";
import { addFigures, type Figures, noFigures } from "./figures.ts";
import { simulate } from "./simulate.ts";

/** What every hundred seeds must have seen: without, the checker would have judged a walk in the park. */
const MUST_HAPPEN: readonly (keyof Figures)[] = [
  "calm",
  "repeated",
  "succeeded",
  "exhausted",
  "cancelled",
  "crashes",
  "pauses",
  "pausesBeyondLease",
  "restarts",
  "cleanRestarts",
  "handedOver",
  "handedFound",
  "handedBack",
  "takenOver",
  "fenced",
  "settledAgain",
  "late",
  "unacknowledged",
  "callsFailed",
  "commitsFailed",
  "commitsUnknown",
  "answersSlow",
  "partitions",
  "databaseStops",
  "clockJumps",
  "receiverOutages",
  "answersLost",
  "endpointChanges",
  "disabledAsFailing",
  "endpointsTold",
  "tasks",
];

/** A test that these seeds hold, and that together they meet every fault there is. */
export function holdSeeds(from: number, to: number): void {
  test(`seeds ${from} to ${to}: nothing acknowledged is lost, nothing is sent without a lease or early, everything ends`, {
    timeout: 240_000,
  }, async () => {
    const sum = noFigures();
    const broken: string[] = [];
    for (let seed = from; seed <= to; seed++) {
      try {
        addFigures(sum, await simulate(seed));
      } catch (error) {
        broken.push((error as Error).message);
      }
    }
    expect(broken).toEqual([]);
    for (const figure of MUST_HAPPEN) expect(sum[figure], figure).toBeGreaterThan(0);
  });
}
