import { setTimeout as pause } from "node:timers/promises";
import { startGate } from "../../scripts/tcp-gate.ts";
import { startLoad } from "../load.ts";
import type { Row, Scale } from "../row.ts";
import { until, World } from "../world.ts";

const CUT_MS: Record<Scale, number> = { full: 30_000, quick: 4_000 };
const LIMITS = { databaseConnectMs: 500, databaseAnswerMs: 1_000, nodeBeatMs: 200, nodeGoneMs: 2_000, engineIdleMs: 500 };

/**
 * One node of two is silently cut off from the database, and reconnected later: the other continues, nothing is lost,
 * and the first recovers on its own.
 */
export const partition: Row = {
  number: 11,
  name: "a node is cut off from the database",
  async run(context) {
    const world = await World.create("postgresql", context);
    if (!("url" in world.location)) throw new Error("a world on PostgreSQL has a URL");
    const gate = await startGate(world.location.url);
    try {
      const cut = await world.startNode({ store: { url: gate.url }, limits: LIMITS });
      const other = await world.startNode({ limits: LIMITS });
      const load = startLoad(world, () => [cut, other]);
      await until("some acknowledgements", () => world.acknowledged.size > 100);
      context.progress(`cut off for ${CUT_MS[context.scale] / 1_000} s`);
      gate.shut();
      const known = world.acknowledged.size;
      await pause(CUT_MS[context.scale]);
      const meanwhile = world.acknowledged.size - known;
      gate.open();
      const began = performance.now();
      await until("the node to be back", async () => (await world.call(cut, "GET", "/v1/account")).status === 200);
      const backMs = performance.now() - began;
      await load.stop();
      const drainS = await world.drained();
      await world.settled(other);
      const { breaches, figures } = await world.verdict({ faulty: true });
      if (meanwhile === 0) breaches.push("nothing was acknowledged by the node that was not cut off");
      return {
        breaches,
        figures: {
          ...figures,
          cutMs: CUT_MS[context.scale],
          acknowledgedMeanwhile: meanwhile,
          backMs: Math.round(backMs),
          drainS: Math.round(drainS * 100) / 100,
        },
      };
    } finally {
      await world.close();
    }
  },
};
