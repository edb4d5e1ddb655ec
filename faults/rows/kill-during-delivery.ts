import { setTimeout as pause } from "node:timers/promises";
import { startLoad } from "../load.ts";
import type { Row, RowResult, Scale } from "../row.ts";
import { type Kind, type Node, until, World } from "../world.ts";

const KILLS: Record<Scale, number> = { full: 100, quick: 3 };
/** So that deliveries that a dead node had leased are sent again soon. */
const LIMITS = { nodeBeatMs: 200, nodeGoneMs: 1_000 };

/** kill -9 of the node while it publishes and sends, at points that depend on arrivals and acknowledgements. */
export const killDuringDelivery: Row = {
  number: 1,
  name: "kill -9 during delivery",
  async run(context) {
    const breaches: string[] = [];
    const figures: RowResult["figures"] = {};
    for (const kind of ["sqlite", "postgresql"] satisfies Kind[]) {
      const world = await World.create(kind, context);
      try {
        let node: Node | null = await world.startNode({ limits: LIMITS });
        const load = startLoad(world, () => (node === null ? [] : [node]));
        const kills = KILLS[context.scale];
        let resumeMs = 0;
        for (let kill = 0; kill < kills; kill++) {
          context.progress(`${kind}: kill ${kill + 1} of ${kills}`);
          const before = await world.arrived();
          if (kill % 2 === 0) await until("some arrivals", async () => (await world.arrived()).requests > before.requests + 7 * (kill % 9));
          else await until("some acknowledgements", acknowledgedMore(world, 13 * (kill % 7)));
          const dying: Node = node as Node;
          node = null;
          await world.endNode(dying, "SIGKILL");
          const dead = (await world.arrived()).requests;
          const began = performance.now();
          node = await world.startNode({ limits: LIMITS });
          await until("the first arrival after the start", async () => (await world.arrived()).requests > dead);
          resumeMs = Math.max(resumeMs, performance.now() - began);
        }
        await load.stop();
        const drainS = await world.drained();
        await world.settled(node as Node);
        const { breaches: found, figures: counted } = await world.verdict({ faulty: true });
        breaches.push(...found.map((breach) => `${kind}: ${breach}`));
        for (const [name, value] of Object.entries(counted)) figures[`${kind}.${name}`] = value;
        Object.assign(figures, {
          [`${kind}.kills`]: kills,
          [`${kind}.longestResumeMs`]: Math.round(resumeMs),
          [`${kind}.drainS`]: round(drainS),
        });
      } finally {
        await world.close();
      }
      await pause(0);
    }
    return { breaches, figures };
  },
};

function acknowledgedMore(world: World, count: number): () => boolean {
  const before = world.acknowledged.size;
  return () => world.acknowledged.size > before + count;
}

const round = (value: number): number => Math.round(value * 100) / 100;
