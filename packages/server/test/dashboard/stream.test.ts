import { get, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { createTouchedDeliveries } from "../../src/dashboard/live/touched-deliveries.ts";
import { type Carabiner, createPlatform, startCarabiner } from "../../src/index.ts";
import { client, platformOfItsOwn, publish } from "../platform-of-its-own.ts";
import { cleanUp, start } from "../server-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

/** What a page is told while it is open. */

interface Message {
  event: string;
  id: string;
  data: {
    events?: { id: string; type: string; account: string }[];
    deliveries?: { id: string; event: string; state: string; last_attempt: { status: number | null } | null }[];
    endpoints?: string[];
    requests?: { id: string; method: string; path: string; status: number }[];
    reload?: string[];
    heartbeat_ms?: number;
  };
}

/** A stream, as a browser reads it. */
class Followed {
  readonly messages: Message[] = [];
  readonly response: IncomingMessage;
  readonly ended: Promise<void>;
  #text = "";

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding("utf8");
    response.on("data", (text: string) => this.#read(text));
    this.ended = new Promise((resolve) => response.once("close", resolve));
    cleanUp.push(() => response.destroy());
  }

  #read(text: string): void {
    const blocks = (this.#text + text).split("\n\n");
    this.#text = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? "";
      if (field("data") !== "") this.messages.push({ event: field("event"), id: field("id"), data: JSON.parse(field("data")) });
    }
  }

  /** What all messages so far say of one list. */
  all<Name extends keyof Message["data"]>(name: Name): NonNullable<Message["data"][Name]> {
    return this.messages.flatMap(({ data }) => (data[name] ?? []) as unknown[]) as NonNullable<Message["data"][Name]>;
  }

  has(what: (followed: Followed) => boolean): Promise<void> {
    return expect.poll(() => what(this), { timeout: 10_000, interval: 20 }).toBe(true);
  }
}

function ask(server: Carabiner, headers: Record<string, string>, query = ""): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(`${server.url}/console/stream${query}`, { headers }, resolve).on("error", reject);
  });
}

async function follow(server: Carabiner, key: string, headers: Record<string, string> = {}): Promise<Followed> {
  const followed = new Followed(await ask(server, { authorization: `Bearer ${key}`, ...headers }));
  await followed.has(({ messages }) => messages.length > 0);
  return followed;
}

/** The address of a receiver that takes everything. */
async function receiving(): Promise<string> {
  const receiver = await startWebhookReceiver();
  cleanUp.push(() => receiver.close());
  return receiver.url("/");
}

const QUICK = { liveEveryMs: 20, liveCheckedMs: 20 };

describe("on one server", () => {
  let server: Carabiner;
  beforeAll(async () => {
    server = await startCarabiner({ limits: QUICK });
  });
  afterAll(() => server.close());

  test("a page is told of events, of deliveries as they end, of endpoints and of requests", async () => {
    const platform = await platformOfItsOwn(server);
    const url = await receiving();
    const followed = await follow(server, platform.keys.test.secret);
    const endpoint = await platform.test.webhookEndpoints.create({ url, enabled_events: ["*"] });
    const event = await publish(platform.test, { type: "customer.created", data: { object: { id: "cus_1", object: "customer" } } });
    await followed.has((seen) => seen.all("deliveries").some((each) => each.event === event.id && each.state === "succeeded"));
    await followed.has((seen) => seen.all("requests").some(({ path, method }) => path === "/v1/events" && method === "POST"));
    expect(followed.all("events").filter(({ id }) => id === event.id)).toEqual([
      { id: event.id, object: "event", type: "customer.created", account: platform.account, created: event.created },
    ]);
    expect(followed.all("endpoints")).toContain(endpoint.id);
    expect(followed.response.headers).toMatchObject({ "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" });
  });

  test("each page is told what its own key and mode may see, and nothing else", async () => {
    const [one, two] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const [own, live, other] = [
      await follow(server, one.keys.test.secret),
      await follow(server, one.keys.live.secret),
      await follow(server, two.keys.test.secret),
    ];
    const object = { id: "cus_1", object: "customer" };
    const mine = await publish(one.test, { type: "customer.created", data: { object } });
    const inLive = await publish(one.live, { type: "customer.created", data: { object } });
    const theirs = await publish(two.test, { type: "customer.created", data: { object } });
    for (const [followed, id] of [
      [own, mine.id],
      [live, inLive.id],
      [other, theirs.id],
    ] as const) {
      await followed.has((seen) => seen.all("events").some((event) => event.id === id));
      await followed.has((seen) => seen.all("requests").length > 0);
      expect(followed.all("events").map((event) => event.id)).toEqual([id]);
    }
  });

  test("a page that comes back is told what it has missed, and to load the rest again", async () => {
    const platform = await platformOfItsOwn(server);
    const first = await follow(server, platform.keys.test.secret);
    first.response.destroy();
    const event = await publish(platform.test, { type: "customer.created", data: { object: { id: "cus_1", object: "customer" } } });
    const again = await follow(server, platform.keys.test.secret, { "last-event-id": first.messages.at(-1)?.id ?? "" });
    expect(again.messages[0]?.event).toBe("hello");
    expect(again.messages[0]?.data.events?.map(({ id }) => id)).toEqual([event.id]);
    expect(again.messages[0]?.data.reload).toEqual(["deliveries", "endpoints", "requests"]);
    expect((await ask(server, { authorization: `Bearer ${platform.keys.test.secret}`, "last-event-id": "x" })).statusCode).toBe(400);
  });

  test("more than a message holds makes the page load its list again", async () => {
    const few = await start({ limits: { ...QUICK, liveItems: 3 } });
    const platform = await platformOfItsOwn(few);
    const followed = await follow(few, platform.keys.test.secret);
    const events = Array.from({ length: 9 }, () => ({ type: "customer.created", data: { object: { id: "cus_1", object: "customer" } } }));
    await publish(platform.test, { events });
    await followed.has((seen) => seen.all("reload").includes("events"));
    expect(followed.messages.every(({ data }) => (data.events?.length ?? 0) <= 3)).toBe(true);
  });

  test("a page is told how long its stream may be silent, and hears of it when nothing else happens", async () => {
    const quiet = await start({ limits: { ...QUICK, liveHeartbeatMs: 50 } });
    const platform = await platformOfItsOwn(quiet);
    const followed = await follow(quiet, platform.keys.test.secret);
    expect(followed.messages[0]).toMatchObject({ event: "hello", data: { heartbeat_ms: 50 } });
    await followed.has(({ messages }) => messages.filter(({ event }) => event === "alive").length > 1);
    expect(followed.messages.filter(({ event }) => event === "alive").every(({ id }) => id === "")).toBe(true);
  });

  test("a stream ends with its key, and is for the browser's own page alone", async () => {
    const { keys } = await platformOfItsOwn(server);
    const stripe = client(server, keys.test.secret);
    const extra = (await stripe.rawRequest("POST", "/console/keys", { type: "secret" })) as unknown as { id: string; secret: string };
    const followed = await follow(server, extra.secret);
    await stripe.rawRequest("POST", `/console/keys/${extra.id}/revoke`, {});
    await followed.ended;
    expect(followed.messages.at(-1)?.event).toBe("ended");
    const own = { "sec-fetch-site": "same-origin" };
    expect((await ask(server, own, "?mode=test")).statusCode).toBe(200);
    for (const headers of [{}, { "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "none" }])
      expect((await ask(server, headers as Record<string, string>, "?mode=test")).statusCode).toBe(401);
    expect((await ask(server, { ...own, origin: "https://attacker.example" }, "?mode=test")).statusCode).toBe(403);
    expect((await ask(server, own, "?mode=both")).statusCode).toBe(400);
  });

  test("streams are counted, and a server that closes ends them", async () => {
    const one = await start({ limits: { ...QUICK, liveStreamsPerAccount: 1 } });
    const followed = await follow(one, one.keys.test.secret);
    expect((await ask(one, { authorization: `Bearer ${one.keys.test.secret}` })).statusCode).toBe(429);
    expect((await follow(one, one.keys.live.secret)).messages[0]?.event).toBe("hello");
    await one.close();
    await followed.ended;
  });
});

test("on two servers of one database a page of the one is told what the other does, and its session holds on both", async () => {
  const database = await createTestDatabase();
  cleanUp.push(() => database.drop());
  const secretKeys = { keys: "00".repeat(32) };
  const options = { store: { url: database.url }, secretKeys };
  const { keys } = await createPlatform({ ...options, name: "Two nodes" });
  const url = await receiving();
  const one = await start({ mode: "serve", ...options, allowLocalEndpoints: true, limits: QUICK, roles: ["api"] });
  const two = await start({ mode: "serve", ...options, allowLocalEndpoints: true, limits: QUICK });
  const stripe = client(two, keys.test.secret);
  await stripe.webhookEndpoints.create({ url, enabled_events: ["*"] });
  const followed = await follow(one, keys.test.secret);
  const event = await publish(stripe, { type: "customer.created", data: { object: { id: "cus_1", object: "customer" } } });
  await followed.has((seen) => seen.all("events").some(({ id }) => id === event.id));
  await followed.has((seen) => seen.all("deliveries").some((each) => each.event === event.id && each.state === "succeeded"));

  const answer = await fetch(`${one.url}/console/session`, { method: "POST", body: new URLSearchParams({ key: keys.test.secret }) });
  expect(answer.status).toBe(200);
  const value = answer.headers.get("set-cookie")?.split(";")[0]?.split("=")[1] ?? "";
  const cookie = `carabiner_${two.port}=${value}`;
  const seen = await fetch(`${two.url}/console/events`, { headers: { "carabiner-mode": "test", cookie } });
  expect([seen.status, await seen.text()]).toEqual([200, expect.any(String)]);
});

test("what is settled is remembered while somebody watches, within bounds", () => {
  const touched = createTouchedDeliveries(2);
  touched.note("we_1", "dlv_0");
  const unwatch = touched.watch();
  for (const id of ["dlv_1", "dlv_2", "dlv_2", "dlv_3"]) touched.note("we_1", id);
  touched.note("we_2", "dlv_4");
  touched.note("we_3", "dlv_5");
  expect(touched.take(["we_1"])).toEqual({ deliveryIds: ["dlv_1", "dlv_2"], more: true });
  expect(touched.take(["we_1", "we_2"])).toEqual({ deliveryIds: ["dlv_4"], more: false });
  touched.note("we_2", "dlv_6");
  unwatch();
  expect(touched.take(["we_2", "we_3"])).toEqual({ deliveryIds: [], more: false });
});
