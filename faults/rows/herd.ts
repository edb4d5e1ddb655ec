import { setTimeout as pause } from "node:timers/promises";
import { startChild } from "../../bench/child.ts";
import { DEFAULT_LIMITS } from "../../packages/server/src/limits.ts";
import type { CrowdSeen } from "../crowd-receiver.ts";
import { eachStore } from "../each-store.ts";
import { addNeighbour } from "../neighbour.ts";
import { quantileOf } from "../quantile-of.ts";
import type { Row, RowContext, RowResult, Scale } from "../row.ts";
import { startSteadyLoad, steadyLatencies } from "../steady-load.ts";
import { type Kind, until, World } from "../world.ts";

const ENDPOINTS: Record<Scale, number> = { full: 1_000, quick: 16 };
const EVENTS: Record<Scale, number> = { full: 200, quick: 12 };
const BASELINE_MS: Record<Scale, number> = { full: 5_000, quick: 200 };
const EVERY_MS = 20;
/**
 * The backlog keeps the machine busy for more than a minute. Fresh events share the machine with it, but do not wait
 * behind it.
 */
const FRESH_MS = 1_000;

/**
 * Many endpoints were away, a backlog waits for each, and all come back at once: everything arrives once, no endpoint
 * gets more at once than it may, and fresh events of another platform continue meanwhile.
 */
export const herd: Row = {
  number: 13,
  name: "a thundering herd",
  run: (context) => eachStore(context, (kind) => stampede(kind, context), ["postgresql"]),
};

async function stampede(kind: Kind, context: RowContext): Promise<RowResult> {
  const { scale } = context;
  const world = await World.create(kind, context);
  const { child: crowd, hello } = await startChild<{ port: number }>(new URL("../crowd-receiver.ts", import.meta.url));
  const seen = () => crowd.ask<CrowdSeen>({ seen: true });
  try {
    const neighbour = await addNeighbour(world);
    const owed = ENDPOINTS[scale] * EVENTS[scale];
    const limits = { endpointsPerMode: ENDPOINTS[scale] };
    const first = await world.startNode({ limits });
    for (let n = 0; n < ENDPOINTS[scale]; n++) await neighbour.addEndpoint(first, `http://127.0.0.1:${hello.port}/${n}`);
    const quiet = await steadyLatencies(world, first, { everyMs: EVERY_MS, forMs: BASELINE_MS[scale] });
    await world.endNode(first, "SIGTERM");
    // Nothing is sent meanwhile, so the backlog is due when the next node starts.
    const writer = await world.startNode({ limits, roles: ["api"] });
    await neighbour.publish(writer, EVENTS[scale]);
    await world.endNode(writer, "SIGTERM");

    await crowd.ask({ up: false });
    const node = await world.startNode({ limits });
    const load = startSteadyLoad(world, node, EVERY_MS);
    await until("every endpoint to have been asked", async () => (await seen()).requests >= ENDPOINTS[scale]);
    await crowd.ask({ up: true });
    const began = performance.now();
    let before = -1;
    await until("the backlog to be sent", async () => {
      const { taken, refused } = await seen();
      if (taken !== before) context.progress(`${kind}: ${taken} of ${owed} taken`);
      before = taken;
      await pause(100);
      return taken + refused >= owed;
    });
    const drainS = Math.round((performance.now() - began) / 100) / 10;
    await load.stop();
    await world.drained();
    const fresh = world.latencies(load.events);
    // Deliveries that were refused while all endpoints were away are tried again.
    await world.runOut();
    const end = await seen();
    const verdict = await world.verdict({ faulty: false });
    const breaches = [...verdict.breaches];
    if (end.taken !== owed) breaches.push(`${end.taken} of ${owed} webhooks arrived`);
    if (end.again > 0) breaches.push(`${end.again} webhooks arrived twice`);
    if (end.mostAtOnce > DEFAULT_LIMITS.attemptsInFlightPerEndpoint) breaches.push(`${end.mostAtOnce} requests at once for one endpoint`);
    const [p99, baselineP99] = [quantileOf(fresh, 0.99), quantileOf(quiet, 0.99)];
    if (scale === "full" && p99 > FRESH_MS) breaches.push(`fresh events waited for the backlog: ${p99} ms (p99)`);
    return {
      breaches,
      figures: {
        ...verdict.figures,
        backlog: owed,
        refusedAtFirst: end.refused,
        mostAtOnce: end.mostAtOnce,
        mostPerSecond: end.mostPerSecond,
        drainS,
        freshP50Ms: quantileOf(fresh, 0.5),
        freshP99Ms: p99,
        quietP99Ms: baselineP99,
      },
    };
  } finally {
    await world.close();
    await crowd.stop();
  }
}
