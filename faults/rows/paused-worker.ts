import type { Row, Scale } from "../row.ts";
import { until, World } from "../world.ts";

const ROUNDS: Record<Scale, number> = { full: 20, quick: 1 };
/** A lease of four seconds, so that a longer pause takes less than a minute. */
const LIMITS = { attemptDeadlineMs: 1_000, leaseMs: 4_000, nodeBeatMs: 200, nodeGoneMs: 2_000, engineIdleMs: 200 };

/**
 * SIGSTOP of a node with a request in flight, beyond its lease; another node takes over, then the first continues: its
 * settlement must be refused.
 */
export const pausedWorker: Row = {
  number: 9,
  name: "a node is paused beyond its lease",
  async run(context) {
    const world = await World.create("postgresql", context);
    try {
      const api = await world.startNode({ roles: ["api"] });
      const rounds = ROUNDS[context.scale];
      let takenOver = 0;
      for (let round = 0; round < rounds; round++) {
        context.progress(`pause ${round + 1} of ${rounds}`);
        const paused = await world.startNode({ roles: ["send", "work"], limits: LIMITS });
        await world.hold(true);
        const { requests } = await world.arrived();
        await world.publish(api, 1);
        await until("the request of the node that is paused", async () => (await world.arrived()).requests === requests + 1);
        process.kill(paused.child.pid, "SIGSTOP");
        await world.hold(false);
        const other = await world.startNode({ roles: ["send", "work"], limits: LIMITS });
        await until("the other node to send it", async () => (await world.arrived()).requests === requests + 2);
        takenOver++;
        await world.settled(api);
        process.kill(paused.child.pid, "SIGCONT");
        // It settles what it can, and then ends.
        await world.endNode(paused, "SIGTERM");
        await world.endNode(other, "SIGTERM");
      }
      const { breaches, figures } = await world.verdict({ faulty: true });
      if (figures.duplicates !== rounds) breaches.push(`${figures.duplicates} stale requests were sent in ${rounds} pauses, each has one`);
      return { breaches, figures: { ...figures, pauses: rounds, takenOver, staleSettlementsRefused: figures.duplicates } };
    } finally {
      await world.close();
    }
  },
};
