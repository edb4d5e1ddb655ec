import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createIdSource } from "@carabiner/protocol";
import Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Engine } from "../../src/deliveries/engine.ts";
import { createThreadedEngine } from "../../src/deliveries/threaded-engine.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/limits.ts";
import { startThread } from "../../src/start-thread.ts";
import type { Claim, DeliveryStore, HotLane } from "../../src/store/contract/delivery-store.ts";
import type { EndpointRow } from "../../src/store/contract/rows.ts";
import { openStore } from "../../src/store/open-store.ts";
import { type Store, StoreUnavailable } from "../../src/store/store.ts";
import { seededRandom } from "../simulation/seeded-random.ts";
import { type DeliveryFixture, deliveryFixture } from "./delivery-fixture.ts";

const SECRET = "whsec_0123456789abcdefghijklmnopqrstuv";
const ids = createIdSource(seededRandom(7).bytes);

interface Arrival {
  path: string;
  signature: string;
  body: string;
  response: ServerResponse;
}

let store: Store;
let fixture: DeliveryFixture;
let receiver: Server;
let engines: Engine[];
/** What has arrived and is not answered. */
let arrivals: Arrival[];
let onArrival: (arrival: Arrival) => void;

beforeEach(async () => {
  const now = Date.now();
  engines = [];
  arrivals = [];
  onArrival = ({ response }) => response.end("thanks");
  store = await openStore({ location: "memory", now });
  receiver = createServer((request, response) => void take(request, response)).listen(0, "127.0.0.1");
  await new Promise((resolve) => receiver.once("listening", resolve));
  const { port } = receiver.address() as AddressInfo;
  fixture = await deliveryFixture(store, {
    ids,
    now: Date.now,
    livemode: true,
    secret: SECRET,
    urlOf: (type) => `http://127.0.0.1:${port}/${type}`,
  });
});

afterEach(async () => {
  for (const { response } of arrivals) response.end();
  for (const engine of engines) await engine.stop();
  await store.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await Array.fromAsync(request)).toString();
  onArrival({ path: request.url ?? "", signature: String(request.headers["stripe-signature"]), body, response });
}

/** Leaves what arrives unanswered; resolves once `count` have arrived. */
function holding(count: number): Promise<void> {
  return new Promise((resolve) => {
    onArrival = (arrival) => {
      arrivals.push(arrival);
      if (arrivals.length === count) resolve();
    };
  });
}

const addEndpoint = (type: string) => fixture.addEndpoint(type);
const publish = (type: string, count?: number) => fixture.publish(type, count);
const deliveries = (endpoint: EndpointRow) => fixture.deliveries(endpoint);
const states = async (endpoint: EndpointRow) => (await deliveries(endpoint)).map(({ state }) => state);

interface EngineCase {
  store?: DeliveryStore;
  limits?: Partial<Limits>;
  onTrouble?(error: StoreUnavailable): void;
  onBug?(error: unknown): void;
}

function startEngine({ store: other, limits, onTrouble, onBug }: EngineCase = {}): Engine {
  const engine = createThreadedEngine({
    store: other ?? store,
    startThread: (data) => startThread("engine-thread", data),
    limits: { ...DEFAULT_LIMITS, drainMs: 5_000, ...limits },
    egress: { allowLocal: true },
    retryPolicy: "stripe",
    underWayFile: null,
    onTrouble: onTrouble ?? fail,
    onBug: onBug ?? fail,
  });
  engines.push(engine);
  engine.start();
  return engine;

  function fail(error: unknown): never {
    throw error;
  }
}

describe("an engine in a thread of its own", () => {
  test("sends what is published and keeps what came of it", async () => {
    const endpoint = await addEndpoint("customer.created");
    const received: Arrival[] = [];
    onArrival = (arrival) => {
      received.push(arrival);
      arrival.response.setHeader("x-receiver", "one").end("thanks");
    };
    const engine = startEngine();
    await publish("customer.created", 300);
    await engine.idle();
    expect(await states(endpoint)).toEqual(Array(300).fill("succeeded"));
    const events = received.map(({ body, signature }) => Stripe.webhooks.constructEvent(body, signature, SECRET));
    expect(new Set(events.map(({ id }) => id)).size).toBe(300);
    const [newest] = await deliveries(endpoint);
    const [attempt] = await store.read((reads) => reads.attempts(newest?.id ?? ""));
    expect(attempt).toMatchObject({
      number: 1,
      outcome: "succeeded",
      status: 200,
      requestHeaders: { "user-agent": expect.stringContaining("Stripe"), "stripe-signature": expect.stringMatching(/^t=\d+,v1=/) },
      responseHeaders: { "x-receiver": "one" },
      responseBody: "thanks",
    });
  });

  test("claims what was there before it, and plans what failed to be tried again", async () => {
    const good = await addEndpoint("customer.created");
    const bad = await addEndpoint("customer.updated");
    await publish("customer.created", 50);
    await publish("customer.updated", 1);
    onArrival = ({ path, response }) => response.writeHead(path === "/customer.updated" ? 500 : 200).end();
    const engine = startEngine();
    const next = await engine.runOnce();
    expect(await states(good)).toEqual(Array(50).fill("succeeded"));
    const [failed] = await deliveries(bad);
    expect(failed).toMatchObject({ state: "pending", attempts: 1, nextAttemptAt: next });
    expect((await store.read((reads) => reads.endpoint(bad.id)))?.firstFailureAt).toEqual(expect.any(Number));
  });

  test("takes no more than there is room for, and what is settled makes room", async () => {
    const endpoint = await addEndpoint("customer.created");
    const { lane, seen } = laneOf(store);
    const engine = startEngine({ store: seen, limits: { claimsHeld: 8, claimsHeldPerEndpoint: 8, attemptsInFlightPerEndpoint: 2 } });
    const arrived = holding(2);
    await publish("customer.created", 20);
    await arrived;
    expect(lane().reserve(endpoint, Date.now(), 1)).toBeNull();
    onArrival = ({ response }) => response.end();
    for (const { response } of arrivals.splice(0)) response.end();
    await engine.runOnce();
    expect(await states(endpoint)).toEqual(Array(20).fill("succeeded"));
    for (let n = 0; n < 8; n++) expect(lane().reserve(endpoint, Date.now(), 1)).not.toBeNull();
    expect(lane().reserve(endpoint, Date.now(), 1)).toBeNull();
    lane().release(endpoint.id, 8, 8);
    expect(lane().reserve(endpoint, Date.now(), 1)).not.toBeNull();
    lane().release(endpoint.id, 1, 1);
  });

  test("sends nothing more to an endpoint that was disabled while deliveries waited", async () => {
    const endpoint = await addEndpoint("customer.created");
    const engine = startEngine({ limits: { attemptsInFlightPerEndpoint: 1 } });
    const arrived = holding(1);
    await publish("customer.created", 5);
    await arrived;
    await store.transaction((tx) => tx.updateEndpoint({ ...endpoint, status: "disabled", disabledReason: "owner" }));
    arrivals.shift()?.response.end();
    await engine.runOnce();
    expect((await states(endpoint)).sort()).toEqual(["cancelled", "cancelled", "cancelled", "cancelled", "succeeded"]);
    expect(arrivals).toEqual([]);
  });

  test("says an outcome again that the store could not take, and is told of no other trouble", async () => {
    const endpoint = await addEndpoint("customer.created");
    const troubles: string[] = [];
    let refusals = 2;
    const away: DeliveryStore = {
      ...deliveryStore(store),
      async settle(settlements, checks) {
        if (refusals-- > 0) throw new StoreUnavailable("The disk is full.");
        return store.settle(settlements, checks);
      },
    };
    const engine = startEngine({ store: away, onTrouble: ({ message }) => troubles.push(message) });
    await publish("customer.created", 3);
    await engine.idle();
    expect(await states(endpoint)).toEqual(["succeeded", "succeeded", "succeeded"]);
    expect(troubles).toEqual(["The disk is full.", "The disk is full."]);
  });

  test("told to stop, lets what is under way end and gives back the rest", async () => {
    const endpoint = await addEndpoint("customer.created");
    const engine = startEngine({ limits: { attemptsInFlightPerEndpoint: 1 } });
    const arrived = holding(1);
    await publish("customer.created", 4);
    await arrived;
    const before = Date.now();
    const stopped = engine.stop();
    arrivals.shift()?.response.end();
    await stopped;
    const rows = await deliveries(endpoint);
    expect(rows.map(({ state }) => state)).toEqual(["pending", "pending", "pending", "succeeded"]);
    // When returned, they are due at their old times, not when a lease ends.
    expect(rows.slice(0, 3).every(({ nextAttemptAt }) => nextAttemptAt !== null && nextAttemptAt <= before)).toBe(true);
    expect(await store.nextDueAt()).toBeLessThanOrEqual(before);
  });

  test("tells of a bug on either side", async () => {
    await addEndpoint("customer.created");
    const bug = new Error("a bug");
    const broken: DeliveryStore = { ...deliveryStore(store), settle: () => Promise.reject(bug) };
    const heard = new Promise((resolve) => {
      const engine = startEngine({ store: broken, onBug: resolve, limits: { drainMs: 0 } });
      engines = engines.filter((other) => other !== engine);
    });
    await publish("customer.created");
    expect(await heard).toBe(bug);

    // Without an event there is nothing to send by; only the thread looks.
    const eventless: DeliveryStore = {
      ...deliveryStore(store),
      claimDue: async () => [{ endpoint: { id: "we_1" }, token: 1, body: new Uint8Array(1) } as Claim],
    };
    const inThread = new Promise((resolve) => {
      const engine = startEngine({ store: eventless, onBug: resolve });
      engines = engines.filter((other) => other !== engine);
    });
    expect(await inThread).toBeInstanceOf(TypeError);
  });

  test("refuses a lease that ends before an attempt does", () => {
    expect(() => startEngine({ limits: { leaseMs: DEFAULT_LIMITS.attemptDeadlineMs } })).toThrow(/leaseMs/);
  });
});

function deliveryStore(of: Store): DeliveryStore {
  return {
    claimDue: (request) => of.claimDue(request),
    settle: (settlements, checks) => of.settle(settlements, checks),
    noteUnderWay: (begun, settled) => of.noteUnderWay(begun, settled),
    nextSuspect: (request) => of.nextSuspect(request),
    releaseSuspects: () => of.releaseSuspects(),
    nextDueAt: () => of.nextDueAt(),
    attach: (lane) => of.attach(lane),
  };
}

/** A store that shows the lane that was attached to it. */
function laneOf(of: Store): { seen: DeliveryStore; lane(): HotLane } {
  let attached: HotLane | null = null;
  return {
    seen: {
      ...deliveryStore(of),
      attach(lane) {
        attached = lane;
        of.attach(lane);
      },
    },
    lane: () => attached as HotLane | null as HotLane,
  };
}
