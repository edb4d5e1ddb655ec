import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * By how many bytes V8's old generation grows over so many rounds of work, each followed by a collection of the young
 * generation: what two of those could not free, which only a collection of everything does.
 */
export function promotedBytes(rounds: number, round: () => void): number {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as (options?: { type: "minor" | "major" }) => void;
  gc({ type: "major" });
  const before = oldBytes();
  for (let made = 0; made < rounds; made++) {
    round();
    gc({ type: "minor" });
  }
  return oldBytes() - before;
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "old_space")?.space_used_size ?? 0;
}
