import { setTimeout as pause } from "node:timers/promises";
import { type Child, startChild } from "../../bench/child.ts";
import { eachStore } from "../each-store.ts";
import type { HostileAnswer } from "../hostile-receiver.ts";
import type { Zone } from "../name-server.ts";
import { addNeighbour } from "../neighbour.ts";
import { quantileOf } from "../quantile-of.ts";
import type { Row, RowContext, RowResult, Scale } from "../row.ts";
import { startSteadyLoad, steadyLatencies } from "../steady-load.ts";
import { type Kind, until, World } from "../world.ts";

const OK = "HTTP/1.1 200 OK\r\n";
/** What the neighbour's endpoints do: this many of each kind, enough to use up all simultaneous attempts. */
const POISON: Record<string, HostileAnswer> = {
  silent: { kind: "silent" },
  drips: { kind: "drip", begin: `${OK}content-length: 1000000\r\n\r\n`, again: "a", everyMs: 100 },
  fails: { kind: "bytes", bytes: "HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n", after: "keep" },
  resets: { kind: "bytes", bytes: "", after: "reset" },
};
const EACH = 16;
/** Names that no name server answers for. */
const NAMELESS = Array.from({ length: 12 }, (_, n) => `hangs${n}.test`);
const ENDPOINTS = EACH * Object.keys(POISON).length + NAMELESS.length;
/** Events owed to each of them. */
const QUEUED: Record<Scale, number> = { full: 160, quick: 40 };
/** Events of the platform that must not be affected. */
const MEASURED: Record<Scale, number> = { full: 1_000, quick: 20 };
const BASELINE_MS: Record<Scale, number> = { full: 10_000, quick: 200 };
const EVERY_MS = 10;
/**
 * In the first second the node works on the burst itself: this many attempts, and as many deliveries returned to the
 * store.
 */
const BURST_MS: Record<Scale, number> = { full: 1_000, quick: 0 };
const BURST_LONGEST_MS = 1_000;
/** A baseline below this says more about the machine's pauses than about the node. */
const LEAST_BASELINE_MS = 10;

/**
 * Endpoints that fail in every way, each with a long queue: another platform's events arrive as if these endpoints did
 * not exist.
 */
export const poisonEndpoints: Row = {
  number: 14,
  name: "poison endpoints",
  run: (context) => eachStore(context, (kind) => poison(kind, context), ["sqlite"]),
};

async function poison(kind: Kind, context: RowContext): Promise<RowResult> {
  const { scale } = context;
  const world = await World.create(kind, context);
  const receivers: Child[] = [];
  try {
    const neighbour = await addNeighbour(world);
    const { child: names, hello: asked } = await startChild<{ port: number }>(new URL("../name-server.ts", import.meta.url), [
      JSON.stringify(Object.fromEntries(NAMELESS.map((name) => [name, null])) satisfies Zone),
    ]);
    receivers.push(names);
    const node = await world.startNode({
      limits: { endpointsPerMode: ENDPOINTS },
      egress: { nameServers: [`127.0.0.1:${asked.port}`] },
    });
    for (const name of NAMELESS) await neighbour.addEndpoint(node, `http://${name}/hook`);
    for (const answer of Object.values(POISON)) {
      const { child, hello } = await startChild<{ port: number }>(new URL("../hostile-receiver.ts", import.meta.url), [
        `${world.arrivalsFile}-neighbour`,
        "whsec_neighbour",
      ]);
      receivers.push(child);
      await child.ask(answer);
      for (let n = 0; n < EACH; n++) await neighbour.addEndpoint(node, `http://127.0.0.1:${hello.port}/${n}`);
    }
    const quiet = await steadyLatencies(world, node, { everyMs: EVERY_MS, forMs: BASELINE_MS[scale] });
    await neighbour.publish(node, QUEUED[scale]);
    context.progress(`${kind}: ${QUEUED[scale] * ENDPOINTS} deliveries for poison endpoints`);
    const load = startSteadyLoad(world, node, EVERY_MS);
    await pause(BURST_MS[scale]);
    const burst = load.events.length;
    await until("enough events of the other platform", () => load.events.length >= burst + MEASURED[scale]);
    await load.stop();
    await world.drained();
    const inBurst = world.latencies(load.events.slice(0, burst));
    const beside = world.latencies(load.events.slice(burst));
    // An attempt at a silent endpoint ends after half a minute. An event that had to wait this long has waited for its
    // neighbour.
    const waited = [...inBurst, ...beside].filter((ms) => ms >= 25_000).length;
    const breaches = waited > 0 ? [`${waited} events waited until attempts at silent endpoints had ended`] : [];
    const [p50, p99] = [quantileOf(beside, 0.5), quantileOf(beside, 0.99)];
    const baseline = Math.max(quantileOf(quiet, 0.99), LEAST_BASELINE_MS);
    if (scale === "full" && p99 > 2 * baseline)
      breaches.push(`events took ${p99} ms (p99), and ${quantileOf(quiet, 0.99)} ms without the neighbour`);
    const longestInBurst = Math.max(0, ...inBurst);
    if (longestInBurst > BURST_LONGEST_MS) breaches.push(`an event took ${longestInBurst} ms in the first second`);
    if (load.refusals > 0) breaches.push(`${load.refusals} calls were refused`);
    await world.settled(node);
    // The test does not wait for its attempts at silent endpoints.
    await world.endNode(node, "SIGKILL");
    const verdict = await world.verdict({ faulty: false });
    return {
      breaches: [...breaches, ...verdict.breaches],
      figures: {
        ...verdict.figures,
        p50Ms: p50,
        p99Ms: p99,
        longestInBurstMs: longestInBurst,
        quietP50Ms: quantileOf(quiet, 0.5),
        quietP99Ms: quantileOf(quiet, 0.99),
        ratioP99: Math.round((10 * p99) / quantileOf(quiet, 0.99)) / 10,
      },
    };
  } finally {
    await world.close();
    for (const receiver of receivers) await receiver.stop();
  }
}
