import { Agent, request as send } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { eachStore } from "../each-store.ts";
import { openDescriptors } from "../open-descriptors.ts";
import { quantileOf } from "../quantile-of.ts";
import type { Row, RowContext, RowResult, Scale } from "../row.ts";
import { type Kind, type Node, until, World } from "../world.ts";

/** Connections that send nothing, and connections that send slowly. */
const IDLE: Record<Scale, number> = { full: 5_000, quick: 150 };
const SLOW: Record<Scale, number> = { full: 200, quick: 20 };
const ASKED: Record<Scale, number> = { full: 500, quick: 20 };
const FLOOD: Record<Scale, number> = { full: 2_000, quick: 60 };
const PER_SECOND = 5;
/** A limit on connections below the number that will come, and times short enough for a run to wait for. */
const LIMITS: Record<Scale, Record<string, number>> = {
  full: { apiConnections: 4_096, requestTimeoutMs: 4_000, requestHeadTimeoutMs: 2_000 },
  quick: {
    apiConnections: 100,
    apiConnectionsPerAddress: 64,
    apiConnectionsReserved: 8,
    requestTimeoutMs: 2_000,
    requestHeadTimeoutMs: 1_000,
  },
};
const LEAST_BASELINE_MS = 25;
/** How many connections are opened at once: fewer than may wait to be accepted. */
const WAVE = 100;
/** How many more files and sockets a node may have than before: to its database, and to clients that get an answer. */
const LEFT_OPEN = 16;
/** Addresses of this machine: one for abusive clients, and one for the others. */
const ABUSER = "127.0.0.1";
const CLIENT = "127.0.0.2";

/** Requests that must be refused with a status of 4xx, and must change nothing. */
const REFUSED: readonly { name: string; path: string; type?: string; body: string | Buffer }[] = [
  { name: "a body of two megabytes", path: "/v1/customers", body: `name=${"x".repeat(2_000_000)}` },
  { name: "a form a thousand deep", path: "/v1/customers", body: `metadata${"[a]".repeat(1_000)}=1` },
  { name: "a form of fifty thousand values", path: "/v1/customers", body: "a=1&".repeat(50_000) },
  { name: "a form for the prototype", path: "/v1/customers", body: "__proto__[polluted]=1&constructor[prototype][polluted]=1" },
  { name: "bytes that are no UTF-8", path: "/v1/customers", body: Buffer.from("name=%ff%fe\xff", "latin1") },
  { name: "half a surrogate", path: "/v1/customers", body: "name=%ED%A0%80" },
  { name: "NUL", path: "/v1/customers", body: "name=a%00b" },
  { name: "JSON a thousand deep", path: "/v1/events", type: "application/json", body: "[".repeat(1_000) },
  { name: "JSON that ends early", path: "/v1/events", type: "application/json", body: '{"events":[{' },
  { name: "a type of body that nobody reads", path: "/v1/customers", type: "application/xml", body: "<a/>" },
];

/** Clients that are slow, many, or ask for too much: they are refused, and other clients do not notice it. */
export const apiAbuse: Row = {
  number: 25,
  name: "abuse of the API",
  run: (context) => eachStore(context, (kind) => abuse(kind, context), ["sqlite"]),
};

async function abuse(kind: Kind, context: RowContext): Promise<RowResult> {
  const { scale } = context;
  const world = await World.create(kind, context);
  const sockets: Socket[] = [];
  try {
    const other = await world.addPlatform("Neighbour");
    const node = await world.startNode({ limits: LIMITS[scale] });
    const breaches: string[] = [];
    const before = openDescriptors(node.child.pid);
    const quiet = await goodClient(node, world.headers, ASKED[scale], breaches, "before");

    for (const { name, path, type = "application/x-www-form-urlencoded", body } of REFUSED) {
      const answer = await fetch(`${node.url}${path}`, { method: "POST", headers: { ...world.headers, "content-type": type }, body });
      const text = await answer.text();
      if (answer.status < 400 || answer.status >= 500) breaches.push(`${name} was answered ${answer.status}`);
      if (!text.includes('"error"')) breaches.push(`${name} was answered without an error`);
    }
    const { body: kept } = await world.call<{ data: unknown[] }>(node, "GET", "/v1/customers");
    if (kept.data.length !== 0) breaches.push(`${kept.data.length} customers were made by calls that were refused`);

    context.progress(`${kind}: ${IDLE[scale]} idle connections, ${SLOW[scale]} slow ones`);
    for (const [open, count] of [
      [idle, IDLE[scale]],
      [slow, SLOW[scale]],
    ] as const)
      for (let left = count; left > 0; left -= WAVE) {
        for (let n = Math.min(left, WAVE); n > 0; n--) sockets.push(open(node));
        await until("the crowd to have connected", () => sockets.every((socket) => !socket.connecting));
      }
    const beside = await goodClient(node, world.headers, ASKED[scale], breaches, "beside the crowd");
    // None of them has sent a whole request in time.
    await until("the crowd's connections to be closed", () => openDescriptors(node.child.pid) <= before + LEFT_OPEN);
    await world.endNode(node, "SIGTERM");

    const limited = await world.startNode({ limits: RATES });
    const flooded = await flood(limited, other, FLOOD[scale]);
    const during = await goodClient(limited, world.headers, PER_SECOND, breaches, "beside a flood");
    if (flooded.tooMany === 0) breaches.push("no call of a flood was answered 429");
    if (flooded.withoutRetryAfter > 0) breaches.push(`${flooded.withoutRetryAfter} answers 429 did not say when to ask again`);
    const [p99, baseline] = [quantileOf(beside, 0.99), quantileOf(quiet, 0.99)];
    if (scale === "full" && p99 > 2 * Math.max(baseline, LEAST_BASELINE_MS))
      breaches.push(`another client was answered after ${p99} ms (p99), and after ${baseline} ms when it was quiet`);
    return {
      breaches,
      figures: {
        refused: REFUSED.length,
        idleConnections: IDLE[scale],
        slowConnections: SLOW[scale],
        p99Ms: p99,
        quietP99Ms: baseline,
        floodCalls: FLOOD[scale],
        floodRefused: flooded.tooMany,
        p99BesideFloodMs: quantileOf(during, 0.99),
      },
    };
  } finally {
    for (const socket of sockets) socket.destroy();
    await world.close();
  }
}

const RATES: Record<string, number> = { requestsPerSecondPerKey: PER_SECOND, requestBurstPerKey: 2 * PER_SECOND };

/**
 * A client at another address that makes one call after another, each on a new connection. Returns how long each took,
 * in milliseconds.
 */
async function goodClient(node: Node, headers: Record<string, string>, calls: number, breaches: string[], when: string): Promise<number[]> {
  const agent = new Agent({ keepAlive: false });
  const took: number[] = [];
  let refused = 0;
  for (let n = 0; n < calls; n++) {
    const began = performance.now();
    const status = await statusOf(node, n % 10 === 0 ? "/health" : "/v1/account", headers, agent);
    took.push(Math.round((performance.now() - began) * 10) / 10);
    if (status !== 200) refused++;
    await pause(2);
  }
  if (refused > 0) breaches.push(`${refused} of ${calls} calls of another client were refused ${when}`);
  return took;
}

/** Null when there was no answer. */
function statusOf({ url }: Node, path: string, headers: Record<string, string>, agent: Agent): Promise<number | null> {
  return new Promise((resolve) => {
    const request = send(`${url}${path}`, { agent, headers, localAddress: CLIENT, timeout: 10_000 }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode ?? null));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(null));
    request.end();
  });
}

function connection({ url }: Node): Socket {
  const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1", localAddress: ABUSER });
  socket.on("error", () => undefined);
  // The content of the answer does not matter.
  socket.resume();
  return socket;
}

const idle = (node: Node): Socket => connection(node);

/** Sends one header at a time, and never the last one. */
function slow(node: Node): Socket {
  const socket = connection(node);
  socket.write("GET /v1/account HTTP/1.1\r\nhost: x\r\n");
  const timer = setInterval(() => socket.write("x-a: b\r\n"), 100);
  socket.on("close", () => clearInterval(timer));
  return socket;
}

async function flood(node: Node, headers: Record<string, string>, calls: number): Promise<{ tooMany: number; withoutRetryAfter: number }> {
  let tooMany = 0;
  let withoutRetryAfter = 0;
  for (let n = 0; n < calls; n++) {
    const answer = await fetch(`${node.url}/v1/account`, { headers });
    await answer.arrayBuffer();
    if (answer.status !== 429) continue;
    tooMany++;
    if (!/^[1-9]\d*$/.test(answer.headers.get("retry-after") ?? "")) withoutRetryAfter++;
  }
  return { tooMany, withoutRetryAfter };
}
