import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { createPlatform, type Limits, type StoreLocation } from "../../src/index.ts";
import { TEST_SECRET } from "../store/store-fixture.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";

type Place = Exclude<StoreLocation, "memory">;

/**
 * Nodes find out soon that another is gone, and send much at once also to endpoints that they know nothing of, or
 * nothing good.
 */
const QUICK: Partial<Limits> = {
  nodeBeatMs: 100,
  nodeGoneMs: 600,
  attemptsInFlightAtFirst: 32,
  unprovenPercent: 100,
  failingPercent: 100,
};

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** How an answer may end the process. An error ends the thread that sends first, if there is one. */
const PLACES: readonly [name: string, endings: readonly string[], make: () => Promise<Place>][] = [
  [
    "one SQLite file",
    ["by an error", "by a signal"],
    async () => {
      const directory = mkdtempSync(join(tmpdir(), "carabiner-unclean-"));
      cleanUp.push(() => rmSync(directory, { recursive: true }));
      return { file: join(directory, "carabiner.db") };
    },
  ],
  [
    "PostgreSQL",
    ["by a signal"],
    async () => {
      const database = await createTestDatabase();
      cleanUp.push(() => database.drop());
      return { url: database.url };
    },
  ],
];

/** What receivers have had, by path and event. */
let arrived: Map<string, Set<string>>;
let answer: (path: string, response: ServerResponse) => void;
/** The events that receivers have answered. */
let answered: Set<string>;
/** What waits for something to arrive. */
let waiting: (() => void)[];
let hook: string;

beforeEach(async () => {
  arrived = new Map();
  answered = new Set();
  waiting = [];
  const receiver: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const path = request.url ?? "";
      const { id } = JSON.parse(Buffer.concat(chunks).toString()) as { id: string };
      arrived.set(path, (arrived.get(path) ?? new Set()).add(id));
      response.once("finish", () => {
        answered.add(id);
        for (const look of waiting) look();
      });
      answer(path, response);
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  cleanUp.push(() => {
    receiver.closeAllConnections();
    receiver.close();
  });
});

/** Resolves once this holds of what has arrived. */
function when(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (holds()) resolve();
    };
    waiting.push(look);
    look();
  });
}

/** Resolves when the receivers have had so many events at a path. */
const has = (path: string, count: number) => when(() => (arrived.get(path)?.size ?? 0) >= count);

interface Delivery {
  id: string;
  event: string;
  state: string;
  attempt_count: number;
  reason: string | null;
  unclean_ends: { at: number; alone: boolean }[];
}

function client(server: ServerProcess, key: string) {
  return async function ask<Answer>(method: string, path: string, body: object | null = null): Promise<Answer> {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: body === null ? null : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return JSON.parse(text) as Answer;
  };
}

async function start(place: Place): Promise<ServerProcess> {
  const server = await startServerProcess({ store: place, limits: QUICK });
  if (server === null) throw new Error("the server ended before it listened");
  cleanUp.push(() => server.kill());
  return server;
}

/** An endpoint at a path, for events of one type. */
const endpointFor = (path: string, type: string) => ({ url: hook + path, enabled_events: [type] });
const published = (type: string, count: number) => ({
  events: Array.from({ length: count }, (_, n) => ({ type, data: { object: { id: `cus_${n}`, object: "customer" } } })),
});

describe.each(PLACES)("on %s", (_, endings, makePlace) => {
  test.each(endings)(
    "a receiver whose answer ends the process %s is found, and everything else arrives",
    async (ending) => {
      const place = await makePlace();
      const key = (await createPlatform({ store: place, secretKeys: { keys: TEST_SECRET }, name: "Acme" })).keys.test.secret;
      // Answers at the poisoned path end the process once they are let.
      let armed = false;
      const held: ServerResponse[] = [];
      answer = (path, response) => {
        if (path === "/poison" && armed) response.writeHead(200, { "x-ends-the-process": ending }).end();
        else held.push(response);
      };

      let server = await start(place);
      let ask = client(server, key);
      await ask("POST", "/v1/webhook_endpoints", endpointFor("/poison", "customer.deleted"));
      await ask("POST", "/v1/webhook_endpoints", endpointFor("/good", "customer.created"));
      await ask("POST", "/v1/events", published("customer.created", 40));
      await ask("POST", "/v1/events", published("customer.deleted", 1));
      await Promise.all([has("/good", 32), has("/poison", 1)]);
      armed = true;
      answer(
        "/poison",
        held.splice(
          held.findIndex((response) => response.req.url === "/poison"),
          1,
        )[0] as ServerResponse,
      );
      await server.ended;
      answer = (path, response) => {
        if (path === "/poison") response.writeHead(200, { "x-ends-the-process": ending }).end();
        else response.end();
      };

      // Among others, then alone, then alone again.
      let ends = 1;
      for (; ; ends++) {
        expect(ends, "it is found after three ends").toBeLessThanOrEqual(3);
        server = await start(place);
        const told = server.said(({ deliveries }) => deliveries !== undefined).then(() => "quarantined");
        const outcome = await Promise.race([server.ended, told]);
        if (outcome === "quarantined") break;
      }
      expect(ends).toBe(3);
      await has("/good", 40);

      ask = client(server, key);
      const list = await ask<{ data: Delivery[] }>("GET", "/console/deliveries?state=quarantined");
      expect(list.data).toHaveLength(1);
      const [{ id, event }] = list.data as [Delivery];
      expect(server.log.find(({ deliveries }) => deliveries !== undefined)).toMatchObject({ level: 50, deliveries: [id] });
      const found = await ask<Delivery>("GET", `/console/deliveries/${id}`);
      expect(found).toMatchObject({ state: "quarantined", attempt_count: 0, reason: expect.stringContaining("only one under way") });
      expect(found.unclean_ends.map(({ alone }) => alone)).toEqual([false, true, true]);
      expect(await ask("GET", `/v1/events/${event}`)).toMatchObject({ pending_webhooks: 1 });
      await settled(ask, 40);

      // At the next start it is reported again, and nothing is sent.
      await server.close();
      server = await start(place);
      expect(server.log.find((line) => line.quarantined !== undefined)).toMatchObject({ level: 50, quarantined: 1 });
      ask = client(server, key);

      // The receiver is mended: it can be released, and sent again.
      answer = (_path, response) => response.end();
      await ask("POST", `/console/deliveries/${id}/release`);
      await expect(ask("POST", `/console/deliveries/${id}/release`)).rejects.toThrow(/400.*not quarantined.*"param": "delivery"/s);
      await settled(ask, 41);
      expect(await ask("GET", `/v1/events/${event}`)).toMatchObject({ pending_webhooks: 0 });
      await server.close();
    },
    120_000,
  );

  test("killed under load with 200 attempts under way, twice, it shelves nothing, and all arrives", async () => {
    const place = await makePlace();
    const key = (await createPlatform({ store: place, secretKeys: { keys: TEST_SECRET }, name: "Acme" })).keys.test.secret;
    const types = [
      "customer.created",
      "customer.updated",
      "customer.deleted",
      "payout.created",
      "payout.updated",
      "payout.paid",
      "payout.failed",
    ];
    const limits: Partial<Limits> = { ...QUICK, carefulAttemptMs: 50, carefulRoundMs: 500 };
    const startWith = async () => {
      const started = await startServerProcess({ store: place, limits });
      if (started === null) throw new Error("the server ended before it listened");
      cleanUp.push(() => started.kill());
      return started;
    };
    let silent = true;
    const held: ServerResponse[] = [];
    answer = (_path, response) => {
      if (silent) held.push(response);
      else response.end();
    };
    let server = await startWith();
    let ask = client(server, key);
    for (const type of types) await ask("POST", "/v1/webhook_endpoints", endpointFor(`/${type}`, type));
    for (const type of types) await ask("POST", "/v1/events", published(type, 40));
    for (let kill = 0; kill < 2; kill++) {
      await when(() => held.length >= 200);
      held.length = 0;
      await server.kill();
      if (kill === 1) silent = false;
      server = await startWith();
    }
    ask = client(server, key);
    await settled(ask, types.length * 40);
    for (const type of types) expect(arrived.get(`/${type}`)?.size).toBe(40);
    expect((await ask<{ data: Delivery[] }>("GET", "/console/deliveries?state=quarantined")).data).toEqual([]);
    await server.close();
  }, 120_000);

  test("stopped as a service is, it leaves nothing suspect, also of what it did not wait for", async () => {
    const place = await makePlace();
    const key = (await createPlatform({ store: place, secretKeys: { keys: TEST_SECRET }, name: "Acme" })).keys.test.secret;
    const held: ServerResponse[] = [];
    answer = (_path, response) => void held.push(response);
    const limits: Partial<Limits> = { ...QUICK, drainMs: 0 };
    let server = (await startServerProcess({ store: place, limits })) as ServerProcess;
    await client(server, key)("POST", "/v1/webhook_endpoints", endpointFor("/good", "customer.created"));
    for (let stops = 0; stops < 3; stops++) {
      await client(server, key)("POST", "/v1/events", published("customer.created", 1));
      await has("/good", stops + 1);
      await server.close();
      if ("file" in place) expect(statSync(`${place.file}-underway`).mode & 0o777).toBe(0o600);
      server = (await startServerProcess({ store: place, limits })) as ServerProcess;
    }
    cleanUp.push(() => server.kill());
    answer = (_path, response) => response.end();
    for (const response of held) response.end();
    await settled(client(server, key), 3);
    expect(server.log.filter(({ underWay: count }) => count !== undefined)).toEqual([]);
    await server.close();
  }, 60_000);
});

/** Resolves when so many deliveries have succeeded: soon after they were answered. */
async function settled(ask: ReturnType<typeof client>, count: number): Promise<void> {
  await when(() => answered.size >= count);
  for (let succeeded = 0; succeeded < count; ) {
    succeeded = 0;
    for (let last = ""; ; ) {
      const page = await ask<{ data: Delivery[]; has_more: boolean }>(
        "GET",
        `/console/deliveries?state=succeeded&limit=100${last === "" ? "" : `&starting_after=${last}`}`,
      );
      succeeded += page.data.length;
      last = page.data.at(-1)?.id ?? "";
      if (!page.has_more) break;
    }
  }
}
