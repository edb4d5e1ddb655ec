import { startLoad } from "../load.ts";
import type { Row, Scale } from "../row.ts";
import { type Node, until, World } from "../world.ts";

const MINUTE_MS = 60_000;
/** How far off each node's wall clock is, one jump after another. */
const JUMPS_MS = [5 * MINUTE_MS, 60 * MINUTE_MS, -60 * MINUTE_MS, 0];
const ROUNDS: Record<Scale, number> = { full: 10, quick: 1 };
const ACKNOWLEDGED = 100;

/**
 * The wall clocks of two nodes differ by minutes and jump by an hour in both directions: nothing is early, nothing
 * stalls, nothing is sent twice.
 */
export const clockJump: Row = {
  number: 12,
  name: "wall clocks jump",
  async run(context) {
    const world = await World.create("postgresql", context);
    try {
      const nodes = [await world.startNode(), await world.startNode()];
      const load = startLoad(world, () => nodes);
      let jumps = 0;
      let stallMs = 0;
      for (let round = 0; round < ROUNDS[context.scale]; round++)
        for (const shift of JUMPS_MS) {
          context.progress(`jump ${++jumps}`);
          await (nodes[jumps % 2] as Node).child.ask({ shift });
          const known = world.acknowledged.size;
          const before = (await world.arrived()).requests;
          const began = performance.now();
          await until("the next arrival", async () => (await world.arrived()).requests > before);
          stallMs = Math.max(stallMs, performance.now() - began);
          await until("acknowledgements after the jump", () => world.acknowledged.size > known + ACKNOWLEDGED);
        }
      await load.stop();
      const drainS = await world.drained();
      await world.settled(nodes[0] as Node);
      const { breaches, figures } = await world.verdict({ faulty: false });
      return { breaches, figures: { ...figures, jumps, longestStallMs: Math.round(stallMs), drainS: Math.round(drainS * 100) / 100 } };
    } finally {
      await world.close();
    }
  },
};
