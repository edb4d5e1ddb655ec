import { afterEach, beforeEach, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { retryPolicies } from "../../../src/deliveries/retry-policies.ts";
import { DEFAULT_LIMITS, type Limits } from "../../../src/limits.ts";
import { EventListener } from "../../../src/service/listening/event-listener.ts";
import { Settlements } from "../../../src/service/listening/settlements.ts";
import type { EndpointRow, EventRow, ListenSessionRow } from "../../../src/store/contract/rows.ts";
import { openStore } from "../../../src/store/open-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { createSimulatedClock, type SimulatedClock } from "../../clock/simulated-clock.ts";
import { START, type StoreFixture, storeFixture } from "../../store/store-fixture.ts";

/** What one listener does, on a clock that is turned and a socket that takes what it is told to. */

let store: Store;
let make: StoreFixture;
let clock: SimulatedClock;
let listener: EndpointRow;
beforeEach(async () => {
  store = await openStore({ location: "memory", now: START, limits: DEFAULT_LIMITS });
  make = storeFixture();
  clock = createSimulatedClock(START);
  [listener] = (await make.endpoints(store, 1, { id: "lsn_1" })) as [EndpointRow];
});
afterEach(() => store.close());

/** A socket to a client that reads when it is told to. */
class HeldSocket {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: { type: string; webhook_conversation_id: string; event_payload: string; destination_id?: string }[] = [];
  #drained: (() => void)[] = [];

  send(frame: string, drained?: () => void): void {
    this.sent.push(JSON.parse(frame) as HeldSocket["sent"][0]);
    this.bufferedAmount += frame.length;
    if (drained !== undefined) this.#drained.push(drained);
  }

  /** The client reads all there is. */
  read(): void {
    this.bufferedAmount = 0;
    for (const drained of this.#drained.splice(0)) drained();
  }
}

function listen(given: Partial<Limits> = {}, forwards: Partial<ListenSessionRow["forwards"]> = {}) {
  const limits = { ...DEFAULT_LIMITS, settleWithinMs: 0, ...given };
  const bugs: unknown[] = [];
  const settlements = new Settlements({ store, clock, limits, onTrouble: (error) => bugs.push(error) });
  const parts = {
    store,
    clock,
    limits,
    policies: retryPolicies("quick", 30_000),
    settlements,
    moreSecrets: async () => [],
    onTrouble: (error: unknown) => bugs.push(error),
    onBug: (error: unknown) => bugs.push(error),
  };
  const socket = new HeldSocket();
  const one = new EventListener(parts, { forwards: { own: true, connected: true, together: true, ...forwards } }, listener.id);
  one.attach(socket as unknown as WebSocket);
  return { one, socket, bugs, settlements };
}

/** Events that are owed to the listener, each of so many bytes. */
async function owe(count: number, given: { type?: string; account?: string; bytes?: number } = {}): Promise<EventRow[]> {
  const { type = "customer.created", account, bytes = 10 } = given;
  const rows = Array.from({ length: count }, () => {
    const row = make.event({ type });
    const about = { id: row.id, object: "event", ...(account === undefined ? {} : { account }), api_version: null, created: 1, type };
    const body = Buffer.from(JSON.stringify({ ...about, livemode: false, data: { object: { id: "cus_1", text: "x".repeat(bytes) } } }));
    return { ...row, body };
  });
  await store.transaction(async (tx) => {
    await tx.insertEvents(rows, []);
    await tx.insertDeliveries(rows.map((row) => make.delivery(row, listener)));
  });
  return rows;
}

const deliveries = async () =>
  (await store.read((reads) => reads.deliveries({ accountId: "acct_owner", livemode: false }, { limit: 100 }))).rows;
const say = (one: EventListener, type: string, conversation: string, more: object = {}): boolean =>
  one.hear(JSON.stringify({ type, webhook_conversation_id: conversation, ...more }));
/** Says of an event that was sent that it is taken: both of its copies. */
function acknowledge(one: EventListener, socket: HeldSocket, nth: number): string {
  const ids = socket.sent.slice(2 * nth, 2 * nth + 2).map(({ webhook_conversation_id: id }) => id);
  for (const id of ids) say(one, "event_ack", id);
  return ids[0] as string;
}

test("nothing more is claimed for a client that reads slowly than its buffer may hold: the rest stays in the store", async () => {
  await owe(200, { bytes: 10_000 });
  const { one, socket } = listen({ listenBufferBytes: 100_000, listenUnacknowledged: 1_000 });
  one.wake();
  await expect.poll(() => socket.bufferedAmount).toBeGreaterThanOrEqual(100_000);
  const most = socket.bufferedAmount;
  for (let n = 0; n < 20; n++) {
    one.wake();
    await store.read(async () => undefined);
  }
  expect(socket.bufferedAmount).toBe(most);
  expect(most).toBeLessThan(100_000 + 2 * 11_000);
  const before = socket.sent.length;
  socket.read();
  await expect.poll(() => socket.sent.length).toBeGreaterThan(before);
});

test("large events are claimed in smaller numbers: no more of them than the buffer holds", async () => {
  await owe(200, { bytes: 10_000 });
  const asked: number[] = [];
  const { claim } = store.listeners;
  store.listeners.claim = (request) => {
    asked.push(request.limit);
    return claim.call(store.listeners, request);
  };
  const { socket } = listen({ listenBufferBytes: 100_000 });
  await expect.poll(() => socket.bufferedAmount).toBeGreaterThanOrEqual(100_000);
  await expect.poll(() => socket.read() ?? asked.length).toBeGreaterThan(3);
  expect(asked[0]).toBe(64);
  expect(Math.max(...asked.slice(1))).toBeLessThan(20);
});

test("what was acknowledged and is not answered in time failed, and is tried again by the policy", async () => {
  await owe(1);
  const { one, socket } = listen();
  await expect.poll(() => socket.sent.length).toBe(2);
  acknowledge(one, socket, 0);
  clock.advanceTo(clock.now() + DEFAULT_LIMITS.listenAnswerMs - 1);
  expect(one.tick()).toBe(true);
  expect((await deliveries())[0]).toMatchObject({ state: "pending", attempts: 0 });
  clock.advanceTo(clock.now() + 1);
  one.tick();
  await expect.poll(async () => (await deliveries())[0]?.attempts).toBe(1);
  clock.advanceTo(clock.now() + 6_000);
  await expect.poll(() => one.tick() && socket.sent.length).toBe(4);
});

test("one copy acknowledged is not yet an acknowledgement", async () => {
  await owe(1);
  const { one, socket } = listen({ listenAckMs: 1_000 });
  await expect.poll(() => socket.sent.length).toBe(2);
  say(one, "event_ack", socket.sent[0]?.webhook_conversation_id ?? "");
  say(one, "event_ack", socket.sent[0]?.webhook_conversation_id ?? "");
  clock.advanceTo(clock.now() + 999);
  expect(one.tick()).toBe(true);
  clock.advanceTo(clock.now() + 1);
  expect(one.tick()).toBe(false);
});

test("an event of a type that never is answered, while what was sent after it was, is taken for dropped", async () => {
  await owe(1, { type: "account.updated" });
  const { one, socket } = listen();
  await expect.poll(() => socket.sent.length).toBe(2);
  clock.advanceTo(clock.now() + 1);
  await owe(1, { type: "payout.paid" });
  one.wake();
  await expect.poll(() => socket.sent.length).toBe(4);
  acknowledge(one, socket, 0);
  say(one, "webhook_response", acknowledge(one, socket, 1), { status: 500 });
  clock.advanceTo(clock.now() + DEFAULT_LIMITS.listenAnswerMs);
  one.tick();
  await expect.poll(async () => (await deliveries()).map(({ state }) => state).sort()).toEqual(["pending", "succeeded"]);
});

test("but not while nothing after it was answered, nor by what another receiver answered", async () => {
  await owe(1, { type: "payout.paid" });
  const { one, socket } = listen({}, { together: false });
  await expect.poll(() => socket.sent.length).toBe(2);
  say(one, "webhook_response", acknowledge(one, socket, 0), { status: 200 });
  clock.advanceTo(clock.now() + 1);
  await owe(1, { type: "account.updated", account: "acct_connected" });
  await owe(1, { type: "payout.paid" });
  one.wake();
  await expect.poll(() => socket.sent.length).toBe(6);
  acknowledge(one, socket, 1);
  say(one, "webhook_response", acknowledge(one, socket, 2), { status: 200 });
  clock.advanceTo(clock.now() + DEFAULT_LIMITS.listenAnswerMs);
  one.tick();
  await expect.poll(async () => (await deliveries()).map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
  expect((await deliveries()).map(({ state }) => state)).toEqual(["succeeded", "pending", "succeeded"]);
});

test("whole and thin events are forwarded to different receivers, and neither answers for the other", async () => {
  const thin = { own: true, connected: true, together: true };
  await owe(1, { type: "v1.payout.paid" });
  await owe(1, { type: "payout.paid" });
  const { one, socket } = listen({}, { thin });
  await expect.poll(() => socket.sent.length).toBe(3);
  const of = (type: string) => socket.sent.filter((frame) => frame.type === type);
  say(one, "event_ack", "", { webhook_id: of("v2_event")[0]?.destination_id });
  const copies = of("webhook_event").map(({ webhook_conversation_id: id }) => id as string);
  for (const id of copies) say(one, "event_ack", id);
  say(one, "webhook_response", copies[0] as string, { status: 200 });
  clock.advanceTo(clock.now() + DEFAULT_LIMITS.listenAnswerMs);
  one.tick();
  await expect.poll(async () => (await deliveries()).map(({ attempts }) => attempts)).toEqual([1, 1]);
  expect((await deliveries()).map(({ state }) => state)).toEqual(["succeeded", "pending"]);
});

test("thin events that a session does not forward are delivered with their acknowledgement, and whole ones are not", async () => {
  await owe(1, { type: "v1.payout.paid" });
  await owe(1, { type: "payout.paid" });
  const { one, socket } = listen({}, { thin: { own: false, connected: false, together: false } });
  await expect.poll(() => socket.sent.length).toBe(3);
  for (const { type, destination_id, webhook_conversation_id } of socket.sent)
    say(one, "event_ack", type === "v2_event" ? "" : (webhook_conversation_id as string), { webhook_id: destination_id });
  await expect.poll(async () => (await deliveries()).map(({ state }) => state)).toEqual(["pending", "succeeded"]);
});

test("what a session does not forward is delivered with its acknowledgement", async () => {
  await owe(1, { account: "acct_connected" });
  const { one, socket } = listen({}, { connected: false });
  await expect.poll(() => socket.sent.length).toBe(2);
  acknowledge(one, socket, 0);
  await expect.poll(async () => (await deliveries())[0]?.state).toBe("succeeded");
});

test("memory does not hold the bodies of what was acknowledged, and no more than so many wait for answers", async () => {
  await owe(10);
  const { one, socket } = listen({ listenAnswersAwaited: 4, listenUnacknowledged: 2 });
  for (let nth = 0; nth < 4; nth++) {
    await expect.poll(() => socket.sent.length).toBeGreaterThanOrEqual(2 * nth + 2);
    acknowledge(one, socket, nth);
  }
  one.wake();
  await store.read(async () => undefined);
  expect(socket.sent.length).toBeLessThanOrEqual(2 * 6);
});

test("a thousand events go over one socket, each once, and are settled by their answers", async () => {
  const rows = await owe(1_000);
  const { one, socket, bugs } = listen();
  for (let nth = 0; nth < 1_000; socket.read()) {
    await expect.poll(() => socket.sent.length).toBeGreaterThan(2 * nth);
    for (; 2 * nth < socket.sent.length; nth++) say(one, "webhook_response", acknowledge(one, socket, nth), { status: 200 });
  }
  const sent = socket.sent.map(({ event_payload }) => (JSON.parse(event_payload) as { id: string }).id);
  expect(new Set(sent)).toEqual(new Set(rows.map(({ id }) => id)));
  expect(sent).toHaveLength(2_000);
  await expect
    .poll(async () => store.listeners.claim({ endpointId: listener.id, now: START + 1e9, leaseMs: 1, limit: 1 }))
    .toEqual({
      claims: [],
      nextDueAt: null,
    });
  expect(bugs).toEqual([]);
});
