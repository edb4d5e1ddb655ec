import { createServer, type Server } from "node:net";
import { startChild } from "../../bench/child.ts";
import { HOSTILE_HOSTS } from "../../packages/server/test/transport/hostile-hosts.ts";
import { eachStore } from "../each-store.ts";
import type { Zone } from "../name-server.ts";
import { addNeighbour, type Neighbour } from "../neighbour.ts";
import type { Row, RowContext, RowResult, Scale } from "../row.ts";
import { type Kind, type Node, until, World } from "../world.ts";

/** A documentation address takes the place of a public one: its range is allowed, and nothing is there. */
const PUBLIC = "192.0.2.1";
/** Names whose addresses are not all public, or are public only for a moment. */
const ZONE: Zone = {
  "rebinding.example": { a: [[PUBLIC], ["127.0.0.1"]], aaaa: [[]] },
  "rebinding-late.example": { a: [[PUBLIC], [PUBLIC], ["127.0.0.1"]], aaaa: [[]] },
  "loopback.example": { a: [["127.0.0.1"]], aaaa: [["::1"]] },
  "mixed.example": { a: [[PUBLIC, "127.0.0.1"]], aaaa: [[]] },
  "mixed-families.example": { a: [[PUBLIC]], aaaa: [["::1"]] },
  "mapped.example": { a: [[]], aaaa: [["::ffff:7f00:1"]] },
  "translated.example": { a: [[]], aaaa: [["64:ff9b::7f00:1"]] },
  "metadata.example": { a: [["169.254.169.254"]], aaaa: [[]] },
  "private.example": { a: [["10.0.0.1"]], aaaa: [[]] },
  "silent.example": null,
};
const ROUNDS: Record<Scale, number> = { full: 20, quick: 1 };
const LIMITS = { attemptConnectMs: 300, attemptDeadlineMs: 2_000, endpointsPerMode: 1_000, breakerFailures: 0 };

/** How an attempt may end: refused, or on its way to the replacement address, where nothing is. */
const ENDS = new Set(["address_blocked", "connect_timeout", "connection_refused", "network_unreachable", "dns_failure", "timeout"]);

/**
 * Endpoints that lead to this machine, in every spelling and whatever a name server says: there must never be a
 * connection to this machine.
 */
export const forbiddenAddresses: Row = {
  number: 18,
  name: "addresses that are forbidden, and names that rebind",
  async run(context) {
    let hits = 0;
    const canary = () =>
      createServer((socket) => {
        hits++;
        socket.destroy();
      });
    const [first, second] = [canary(), canary()];
    const port = await listening(first, 0, "127.0.0.1");
    await listening(second, port, "::1");
    try {
      const result = await eachStore(context, (kind) => tryAddresses(kind, context, port), ["sqlite"]);
      if (hits > 0) result.breaches.push(`this machine was connected to ${hits} times`);
      return { breaches: result.breaches, figures: { ...result.figures, hits } };
    } finally {
      first.close();
      second.close();
    }
  },
};

async function tryAddresses(kind: Kind, context: RowContext, port: number): Promise<RowResult> {
  const world = await World.create(kind, context);
  const { child: names, hello } = await startChild<{ port: number }>(new URL("../name-server.ts", import.meta.url), [JSON.stringify(ZONE)]);
  try {
    const neighbour = await addNeighbour(world);
    const urls = HOSTILE_HOSTS.map((host) => `http://${host}:${port}/`);
    // A server that allows this machine registers them. They still exist when a server starts that does not allow it.
    const lenient = await world.startNode({ limits: LIMITS });
    const registered: string[] = [];
    for (const url of [...urls, ...Object.keys(ZONE).map((name) => `http://${name}:${port}/`)]) {
      const { status, body } = await neighbour.register(lenient, url);
      if (status === 200) registered.push(body.id ?? "");
    }
    await world.endNode(lenient, "SIGTERM");

    const breaches: string[] = [];
    const strict = await world.startNode({ limits: LIMITS, allowLocalEndpoints: false });
    for (const url of [...urls, `http://localhost:${port}/`, `http://example.com@127.0.0.1:${port}/`, `http:\\\\127.0.0.1:${port}/`]) {
      const made = await neighbour.register(strict, url);
      const changed = await neighbour.change(strict, registered[0] ?? "", url);
      for (const { status } of [made, changed]) if (status !== 400) breaches.push(`${url} was answered ${status}`);
    }
    await world.endNode(strict, "SIGTERM");

    const egress = { allowedRanges: [`${PUBLIC}/32`], nameServers: [`127.0.0.1:${hello.port}`] };
    const node = await world.startNode({ limits: LIMITS, allowLocalEndpoints: false, egress });
    const owed = await send(neighbour, node, registered, ROUNDS[context.scale]);
    const outcomes = await outcomesOf(neighbour, node, owed);
    for (const [outcome, count] of Object.entries(outcomes)) if (!ENDS.has(outcome)) breaches.push(`${count} attempts ended as ${outcome}`);
    const { asked } = await names.ask<{ asked: number }>({ asked: true });
    if (asked === 0) breaches.push("the name server was not asked: this shows nothing of names");
    return {
      breaches,
      figures: {
        spellings: urls.length,
        names: Object.keys(ZONE).length,
        registered: registered.length,
        attempts: owed,
        questions: asked,
        ...outcomes,
      },
    };
  } finally {
    await world.close();
    await names.stop();
  }
}

/** Sends in every possible way: an event, a resent event, and a test. Returns how many deliveries that makes. */
async function send(neighbour: Neighbour, node: Node, endpoints: readonly string[], rounds: number): Promise<number> {
  let owed = 0;
  for (let round = 0; round < rounds; round++) {
    const [event = ""] = await neighbour.publish(node, 1);
    owed += endpoints.length;
    for (const endpoint of endpoints) {
      const again = await neighbour.call(node, "POST", `/v1/events/${event}/retry`, { webhook_endpoint: endpoint, for_stripecli: "true" });
      const tested = await neighbour.call(node, "POST", `/console/webhook_endpoints/${endpoint}/test`);
      for (const { status } of [again, tested]) if (status === 200) owed++;
    }
  }
  return owed;
}

/** How the first attempts of this many deliveries ended, once all have ended. */
async function outcomesOf(neighbour: Neighbour, node: Node, owed: number): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  const done = new Set<string>();
  await until("an attempt of each delivery", async () => {
    for (const { id, attempt_count } of await neighbour.deliveries(node)) {
      if (attempt_count === 0 || done.has(id)) continue;
      done.add(id);
      const [attempt] = (await neighbour.delivery(node, id)).attempts;
      const outcome = attempt?.outcome ?? "none";
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    return done.size >= owed;
  });
  return outcomes;
}

function listening(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve((server.address() as { port: number }).port));
  });
}
