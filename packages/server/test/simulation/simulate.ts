import { createIdSource, type IdSource, LATEST_API_VERSION } from "@carabiner/protocol";
import { createSimulatedClock } from "../../src/clock/simulated-clock.ts";
import { createEngine, type Engine } from "../../src/deliveries/engine.ts";
import { defaultPolicies } from "../../src/deliveries/policies.ts";
import { JITTER, LIVE_DELAYS_MS, TEST_DELAYS_MS } from "../../src/deliveries/policy.ts";
import { recordEvents } from "../../src/events/record-event.ts";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { AccountRow, DeliveryRow, EndpointRow, HotLane, Settlement, Store } from "../../src/store/store.ts";
import type { OutgoingRequest, Posted, Transport } from "../../src/transport/transport.ts";
import { type SeededRandom, seededRandom } from "./seeded-random.ts";

/** What one run did, for the report. */
export interface Figures {
  seed: number;
  acknowledged: number;
  posts: number;
  repeated: number;
  crashes: number;
  simulatedHours: number;
}

const START = 1_763_942_400_000;
const STEPS = 300;
const ENDPOINTS = 6;
const limits = { ...DEFAULT_LIMITS, attemptsInFlight: 24, attemptsInFlightPerEndpoint: 4, claimsHeld: 64, claimsHeldPerEndpoint: 16 };
const policies = defaultPolicies(limits.attemptDeadlineMs);

/** A POST that the network holds until the driver decides what becomes of it. */
interface Post {
  request: OutgoingRequest;
  endpointId: string;
  eventId: string;
  answer(posted: Posted): void;
}

/**
 * One world from one seed: a server that publishes and delivers on a real store, over a network and a clock that the
 * seed drives. First anything may go wrong: receivers fail and hang, endpoints are disabled and deleted, the server
 * dies between any two steps and comes back. Then nothing does, and everything owed must end. Throws what was broken.
 */
export async function simulate(seed: number): Promise<Figures> {
  const random = seededRandom(seed);
  const clock = createSimulatedClock(START);
  const ids = createIdSource(random.bytes);
  const store = await openStore({ location: "memory", now: START });
  const { platform, connected, endpoints } = await populate(store, ids, random);

  /** The receiver that never answers with success, also when all else is well: what is owed to it is given up in the end. */
  const dead = endpoints[0]?.id;
  const network: Post[] = [];
  const bodies = new Map<string, string>();
  const accepted = new Set<string>();
  const settledFor: Set<string> = new Set();
  const owed = new Map<string, string[]>();
  const figures: Figures = { seed, acknowledged: 0, posts: 0, repeated: 0, crashes: 0, simulatedHours: 0 };
  let faults = true;
  let broken: unknown = null;
  let booted = false;
  let node = await boot();
  booted = true;

  for (let step = 0; step < STEPS; step++) {
    await act();
    await turns();
  }
  faults = false;
  await endEverything();
  await judge();
  figures.simulatedHours = Math.round((clock.now() - START) / 3_600_000);
  await node.engine.stop();
  await store.close();
  return figures;

  async function act(): Promise<void> {
    const dice = random.below(100);
    if (dice < 25) void publish(node);
    else if (dice < 70) answerOne();
    else if (dice < 80) clock.advanceTo(clock.now() + random.below(2_000));
    else if (dice < 90) {
      const next = await store.nextDueAt();
      if (next !== null && next > clock.now()) clock.advanceTo(next);
    } else if (dice < 94) await changeEndpoint();
    else if (dice < 97) await crash();
  }

  /** A server in one life: what it asks for after its death is never answered. */
  async function boot(): Promise<{ engine: Engine; store: Store; alive: () => boolean; kill(): void }> {
    let alive = true;
    const mortal = mortalStore(
      () => alive,
      () => {
        if (faults && alive && booted && random.chance(0.004)) void crash();
      },
    );
    const transport: Transport = {
      post: (request) =>
        new Promise((resolve) => {
          const { id } = JSON.parse(Buffer.from(request.body).toString()) as { id: string };
          const endpointId = new URL(request.url).pathname.slice(1);
          arrive(id, endpointId, request);
          network.push({ request, endpointId, eventId: id, answer: (posted) => alive && resolve(posted) });
        }),
      close: async () => undefined,
    };
    await store.releaseLeases(clock.now());
    const engine = createEngine({
      store: mortal,
      clock,
      transport,
      policies,
      limits,
      onTrouble: (error) => {
        throw error;
      },
      onBug: (error) => {
        broken ??= error;
      },
      onSettled: (settlement) => alive && noteSettled(settlement),
    });
    engine.start();
    return { engine, store: mortal, alive: () => alive, kill: () => (alive = false) };
  }

  async function crash(): Promise<void> {
    if (!node.alive()) return;
    node.kill();
    store.attach(null);
    figures.crashes++;
    await turns();
    node = await boot();
  }

  function mortalStore(alive: () => boolean, mayDie: () => void): Store {
    const never = new Promise<never>(() => undefined);
    const mortal =
      <Args extends unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
      async (...args: Args): Promise<Answer> => {
        mayDie();
        if (!alive()) return never;
        const answer = await call(...args);
        mayDie();
        return alive() ? answer : never;
      };
    return {
      transaction: mortal((work) => store.transaction(work)) as Store["transaction"],
      read: mortal((work) => store.read(work)) as Store["read"],
      claimDue: mortal((request) => store.claimDue(request)),
      settle: mortal((settlements, health) => store.settle(settlements, health)),
      nextDueAt: mortal(() => store.nextDueAt()),
      nextTaskAt: mortal(() => store.nextTaskAt()),
      onTask: (listener) => store.onTask(listener),
      releaseLeases: mortal((now) => store.releaseLeases(now)),
      prune: mortal((request) => store.prune(request)),
      close: () => store.close(),
      attach(lane) {
        if (!alive()) return;
        store.attach(lane === null ? null : mortalLane(lane, alive));
      },
    };
  }

  /** Publishes as an API request does; counts as acknowledged only what its caller heard of. */
  async function publish(at: typeof node): Promise<void> {
    const account = random.pick([platform, connected]);
    const livemode = random.chance(0.5);
    const count = 1 + random.below(12);
    const events = await at.store.transaction((tx) =>
      recordEvents(
        tx,
        Array.from({ length: count }, (_, n) => ({
          account,
          livemode,
          type: "customer.created",
          object: { id: `cus_${n}`, object: "customer" },
        })),
        { now: clock.now(), ids, request: null },
      ),
    );
    for (const event of events) {
      const { rows } = await store.read((reads) =>
        reads.deliveries({ accountId: platform.id, livemode: true, eventId: event.id }, { limit: 100 }),
      );
      const test = await store.read((reads) =>
        reads.deliveries({ accountId: platform.id, livemode: false, eventId: event.id }, { limit: 100 }),
      );
      if (rows.length + test.rows.length !== event.pendingWebhooks) throw new Error(`${event.id} is owed to other endpoints than it says`);
      owed.set(
        event.id,
        [...rows, ...test.rows].map(({ id }) => id),
      );
      figures.acknowledged++;
    }
  }

  function arrive(eventId: string, endpointId: string, request: OutgoingRequest): void {
    figures.posts++;
    const key = `${eventId} ${endpointId}`;
    const body = Buffer.from(request.body).toString();
    if (bodies.has(key)) figures.repeated++;
    if ((bodies.get(key) ?? body) !== body) broken ??= new Error(`${key}: the second attempt sent other bytes`);
    bodies.set(key, body);
    if (settledFor.has(key)) broken ??= new Error(`${key}: sent after its success was settled`);
  }

  function noteSettled({ next, deliveryId, endpointId }: Settlement): void {
    if (next.state !== "succeeded") return;
    void store.read((reads) => reads.delivery(deliveryId)).then((row) => settledFor.add(`${row?.eventId} ${endpointId}`));
  }

  function answerOne(): void {
    if (network.length === 0) return;
    const [post] = network.splice(random.below(network.length), 1) as [Post];
    const dice = post.endpointId === dead ? 60 : faults ? random.below(100) : 0;
    if (dice < 55) {
      accepted.add(`${post.eventId} ${post.endpointId}`);
      post.answer(answered(200));
    } else if (dice < 75) post.answer(answered(random.pick([301, 400, 410, 500, 503])));
    else if (dice < 90) post.answer({ kind: "fault", code: "connection_refused", reason: "Nothing listens.", durationMs: 1 });
    // The receiver has it, but its answer is lost.
    else post.answer({ kind: "fault", code: "connection_reset", reason: "The connection broke.", durationMs: 1 });
  }

  async function changeEndpoint(): Promise<void> {
    const { id } = random.pick(endpoints);
    await store.transaction(async (tx) => {
      const row = (await tx.endpoint(id)) as EndpointRow;
      if (row.deleted) return;
      if (random.chance(0.05)) await tx.updateEndpoint({ ...row, deleted: true });
      else
        await tx.updateEndpoint(
          row.status === "enabled"
            ? { ...row, status: "disabled", disabledReason: "owner" }
            : { ...row, status: "enabled", disabledReason: null, firstFailureAt: null },
        );
    });
  }

  async function endEverything(): Promise<void> {
    for (let round = 0; round < 20_000; round++) {
      await turns();
      while (network.length > 0) {
        answerOne();
        await turns();
      }
      const next = await store.nextDueAt();
      if (next === null) return;
      clock.advanceTo(Math.max(next, clock.now() + 1));
    }
    throw new Error("what is owed does not come to an end");
  }

  async function judge(): Promise<void> {
    if (broken !== null) throw broken;
    for (const [eventId, deliveryIds] of owed)
      for (const id of deliveryIds) {
        const row = await store.read((reads) => reads.delivery(id));
        if (row === null) throw new Error(`${id} of ${eventId} is lost`);
        await judgeDelivery(row);
      }
  }

  async function judgeDelivery(row: DeliveryRow): Promise<void> {
    const attempts = await store.read((reads) => reads.attempts(row.id));
    const say = (what: string) => new Error(`${row.id} (${row.state}, ${attempts.length} attempts): ${what}`);
    if (row.state === "pending") throw say("has not ended");
    if (row.attempts !== attempts.length || attempts.some(({ number }, n) => number !== n + 1))
      throw say("attempts are not numbered 1, 2, 3 …");
    if (row.state === "succeeded") {
      if (attempts.at(-1)?.outcome !== "succeeded") throw say("succeeded without a successful attempt");
      if (!accepted.has(`${row.eventId} ${row.endpointId}`)) throw say("succeeded, but the receiver never said so");
    }
    if (attempts.slice(0, -1).some(({ outcome }) => outcome === "succeeded")) throw say("went on after a success");
    const delays = row.eventLivemode ? LIVE_DELAYS_MS : TEST_DELAYS_MS;
    if (row.state === "exhausted" && attempts.length !== delays.length + 1) throw say("was given up early");
    attempts.forEach(({ at }, n) => {
      const before = attempts[n - 1];
      const earliest = before === undefined ? row.created : before.at + (delays[n - 1] as number) * (1 - JITTER) - 1;
      if (at < earliest) throw say(`attempt ${n + 1} came ${earliest - at} ms before it was due`);
    });
  }
}

function mortalLane(lane: HotLane, alive: () => boolean): HotLane {
  return {
    reserve: (endpointId, now, bytes) => (alive() ? lane.reserve(endpointId, now, bytes) : null),
    accept: (claims) => {
      if (alive()) lane.accept(claims);
    },
    release: (endpointId, count, bytes) => {
      if (alive()) lane.release(endpointId, count, bytes);
    },
    due: (at) => {
      if (alive()) lane.due(at);
    },
  };
}

const answered = (status: number): Posted => ({ kind: "answer", status, headers: {}, body: "", truncated: false, durationMs: 1 });

/** Lets everything that can go on go on: promises, and the store's own turns of the event loop. */
async function turns(): Promise<void> {
  for (let n = 0; n < 5; n++) await new Promise((resolve) => setImmediate(resolve));
}

/** A platform with four endpoints of each class and mode, and more; an account connected to it in both modes. */
async function populate(store: Store, ids: IdSource, random: SeededRandom) {
  const account = (): AccountRow => ({
    id: ids.newId("account", START),
    created: START,
    apiVersion: LATEST_API_VERSION,
    deleted: false,
    data: {},
  });
  const platform = account();
  const connected = account();
  const endpoints = Array.from({ length: ENDPOINTS }, (_, n): EndpointRow => {
    const id = ids.newId("webhook_endpoint", START);
    return {
      id,
      accountId: platform.id,
      livemode: n % 2 === 0,
      connect: n % 4 < 2,
      url: `http://receiver.test/${id}`,
      enabledEvents: ["*"],
      apiVersion: random.pick([null, "2017-04-06"]),
      description: null,
      metadata: {},
      status: "enabled",
      disabledReason: null,
      secrets: [{ secret: "whsec_simulated", expiresAt: null }],
      created: START,
      deleted: false,
      firstFailureAt: null,
    };
  });
  await store.transaction(async (tx) => {
    await tx.insertAccount(platform);
    await tx.insertAccount(connected);
    for (const livemode of [false, true])
      await tx.insertApplication({
        id: ids.newId("application", START),
        accountId: platform.id,
        livemode,
        name: "Simulated",
        redirectUris: [],
      });
    for (const livemode of [true, false])
      await tx.insertConnection({
        platformId: platform.id,
        accountId: connected.id,
        livemode,
        created: START,
        controller: true,
        scope: "read_write",
      });
    for (const endpoint of endpoints) await tx.insertEndpoint(endpoint);
  });
  return { platform, connected, endpoints };
}
