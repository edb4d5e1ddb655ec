import { startChild } from "../../bench/child.ts";
import { residentMegabytes } from "../../bench/resident-megabytes.ts";
import { eachStore } from "../each-store.ts";
import type { HostileAnswer } from "../hostile-receiver.ts";
import { openDescriptors } from "../open-descriptors.ts";
import { proxiedWorld, tryOnce } from "../proxied-world.ts";
import type { Row, RowContext, RowResult, Scale } from "../row.ts";
import type { Kind } from "../world.ts";

/**
 * The number of events for each kind of slowness. If the node has learnt that the endpoint is slow, it sends them one
 * by one, and each takes a whole deadline.
 */
const EVENTS: Record<Scale, number> = { full: 40, quick: 2 };
const DEADLINE_MS = 1_000;
/** Deliveries go to the endpoint however often it fails, and as many at once. */
const LIMITS = { attemptDeadlineMs: DEADLINE_MS, breakerFailures: 0 };
/**
 * How much longer than its deadline the recorded time of an attempt may be, because timers are late on a busy machine.
 */
const SLACK_MS = 1_500;
/** Connections may be kept open for the next request. */
const KEPT_OPEN = 64;
const GROWN_MB = 96;

const HEAD = "HTTP/1.1 200 OK\r\n";
const SLOW: readonly { name: string; answer: HostileAnswer; outcome: string }[] = [
  { name: "accepts and is silent", answer: { kind: "silent" }, outcome: "timeout" },
  { name: "drips its head", answer: { kind: "drip", begin: "HTTP/1.1 200 ", again: "O", everyMs: 100 }, outcome: "timeout" },
  { name: "drips headers", answer: { kind: "drip", begin: HEAD, again: "x-a: b\r\n", everyMs: 50 }, outcome: "timeout" },
  {
    name: "drips its body",
    answer: { kind: "drip", begin: `${HEAD}content-length: 100000\r\n\r\n`, again: "a", everyMs: 50 },
    outcome: "succeeded",
  },
  {
    name: "drips chunks without end",
    answer: { kind: "drip", begin: `${HEAD}transfer-encoding: chunked\r\n\r\n`, again: "1\r\na\r\n", everyMs: 50 },
    outcome: "succeeded",
  },
];

/** Receivers that are slow with each byte: each is cut off at the deadline, and costs no more than that. */
export const slowReceivers: Row = {
  number: 15,
  name: "receivers that drip and are silent",
  run: (context) => eachStore(context, (kind) => waitForSlow(kind, context), ["sqlite"]),
};

async function waitForSlow(kind: Kind, context: RowContext): Promise<RowResult> {
  const proxied = await proxiedWorld(kind, context);
  const { world } = proxied;
  const { child: slow, hello } = await startChild<{ port: number }>(new URL("../hostile-receiver.ts", import.meta.url), [
    world.arrivalsFile,
    world.secret,
  ]);
  try {
    const breaches: string[] = [];
    const node = await world.startNode({ limits: LIMITS });
    await tryOnce(world, node);
    const before = { descriptors: openDescriptors(node.child.pid), mb: residentMegabytes(node.child.pid) };
    let longestMs = 0;
    for (const { name, answer, outcome } of SLOW) {
      context.progress(`${kind}: ${name}`);
      await slow.ask(answer);
      await proxied.order({ to: hello.port });
      const events = await world.publishMany(node, EVENTS[context.scale]);
      for (const { attempts } of await world.firstAttempts(node, events)) {
        const [attempt] = attempts;
        longestMs = Math.max(longestMs, attempt?.duration_ms ?? 0);
        if (attempt?.outcome !== outcome) breaches.push(`${name}: ended as ${attempt?.outcome}`);
      }
    }
    if (longestMs > DEADLINE_MS + SLACK_MS) breaches.push(`an attempt took ${longestMs} ms`);
    await proxied.order({});
    await tryOnce(world, node);
    const descriptors = openDescriptors(node.child.pid) - before.descriptors;
    const grownMb = Math.round(residentMegabytes(node.child.pid) - before.mb);
    if (descriptors > KEPT_OPEN) breaches.push(`${descriptors} more files and sockets are open than before`);
    if (grownMb > GROWN_MB) breaches.push(`the node has grown by ${grownMb} MB`);
    await world.runOut();
    const verdict = await world.verdict({ faulty: false });
    return {
      breaches: [...breaches, ...verdict.breaches],
      figures: { ...verdict.figures, longestAttemptMs: longestMs, moreDescriptors: descriptors, grownMb },
    };
  } finally {
    await proxied.close();
    await slow.stop();
  }
}
