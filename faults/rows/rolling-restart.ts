import { startLoad } from "../load.ts";
import type { Row, Scale } from "../row.ts";
import { type Node, until, World } from "../world.ts";

const ROUNDS: Record<Scale, number> = { full: 50, quick: 2 };
const NODES = 3;

/**
 * SIGTERM for one node after another, under load, each of which is replaced: no call fails on two nodes, nothing is
 * sent twice.
 */
export const rollingRestart: Row = {
  number: 21,
  name: "rolling restart",
  async run(context) {
    const world = await World.create("postgresql", context);
    try {
      const nodes = await Promise.all(Array.from({ length: NODES }, () => world.startNode()));
      // A load balancer no longer sends to a node that was told to end.
      const load = startLoad(world, () => nodes);
      const breaches: string[] = [];
      let longestMs = 0;
      const rounds = ROUNDS[context.scale];
      for (let round = 0; round < rounds; round++) {
        context.progress(`restart ${round + 1} of ${rounds}`);
        const known = world.acknowledged.size;
        await until("some acknowledgements", () => world.acknowledged.size > known + 30);
        const at = round % NODES;
        const began = performance.now();
        const code = await world.endNode(nodes[at] as Node, "SIGTERM");
        longestMs = Math.max(longestMs, performance.now() - began);
        if (code !== 0) breaches.push(`a node that was told to end ended with ${code}`);
        nodes[at] = await world.startNode();
      }
      await load.stop();
      const drainS = await world.drained();
      await world.settled(nodes[0] as Node);
      const verdict = await world.verdict({ faulty: false });
      breaches.push(...verdict.breaches);
      if (load.failedTwice > 0) breaches.push(`${load.failedTwice} calls failed on two nodes`);
      return {
        breaches,
        figures: {
          ...verdict.figures,
          restarts: rounds,
          refusedOnce: load.refusals,
          refusedTwice: load.failedTwice,
          longestDrainMs: Math.round(longestMs),
          drainS: Math.round(drainS * 100) / 100,
        },
      };
    } finally {
      await world.close();
    }
  },
};
