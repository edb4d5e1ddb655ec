import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { claimed, claimRequest, idsOf } from "../../../../test/store/store-conformance/opened-store.ts";
import { START, settlementOf, TEST_KEYS } from "../../../../test/store/store-fixture.ts";
import { createTestNodes, type TestNodes } from "../../../../test/store/test-nodes.ts";
import type { Claim, HotLane } from "../../contract/delivery-store.ts";
import type { EndpointRow, NewDelivery } from "../../contract/rows.ts";
import { SecretBox } from "../../secret-box.ts";
import { Transactions } from "../transactions/transactions.ts";
import { HandedLeases, NOTED_AT_ONCE } from "./handed-leases.ts";
import { HANDED_SQL, handedReads } from "./read-handed.ts";

const LEASE_MS = 90_000;
/** Nodes silent since then are gone. */
const LATER = Date.now() + 10 ** 9;

let nodes: TestNodes;
beforeEach(async () => {
  nodes = await createTestNodes();
});
afterEach(() => nodes.close());

/** A lane of a node that sends: takes so many from others, and begins with `begins` what it takes. */
class Lane implements HotLane {
  readonly taken: Claim[] = [];
  readonly due: (at: number) => void;
  readonly dues: number[] = [];
  room = 10;
  begins: (claims: readonly Claim[]) => void = () => undefined;

  constructor() {
    this.due = (at) => this.dues.push(at);
  }

  takes() {
    return { room: this.room, leaseMs: LEASE_MS };
  }

  take(claims: readonly Claim[]): readonly Claim[] {
    const mine = claims.slice(0, this.room);
    this.taken.push(...mine);
    this.begins(mine);
    return claims.slice(this.room);
  }

  reserve(): null {
    return null;
  }

  readonly accept = () => undefined;
  readonly release = () => undefined;
  readonly changes: string[] = [];
  readonly changed = (endpointId: string) => this.changes.push(endpointId);
}

/** Plans as for tables of any size, and for any values. */
async function planByIndexes(): Promise<void> {
  for (const setting of ["plan_cache_mode = force_generic_plan", "enable_seqscan = off", "enable_hashjoin = off", "enable_mergejoin = off"])
    await nodes.client.query(`SET ${setting}`);
}

const leases = async () =>
  (await nodes.client.query("SELECT lease_node, handed IS NOT NULL AS handed FROM pending WHERE due_at > next_attempt_at")).rows as {
    lease_node: string;
    handed: boolean;
  }[];
const noted = async () => (await nodes.client.query("SELECT note FROM under_way")).rowCount;

/** A node that sends, and one that does not, which knows by now that it may hand over. */
async function pair(lane = new Lane()) {
  const [publisher, sender] = [await nodes.open("publisher"), await nodes.open("sender")];
  sender.attach(lane);
  const [endpoint] = (await nodes.make.endpoints(publisher, 1)) as [EndpointRow];
  const two = { publisher, sender, endpoint, lane };
  await known(two, START);
  return two;
}

/** Waits until the publisher has heard at `now` what the sender takes. What was owed meanwhile is gone. */
async function known({ publisher, sender, endpoint, lane }: Awaited<ReturnType<typeof pair>>, now: number): Promise<void> {
  await sender.beat(now, 0);
  const [owed] = await vi.waitFor(async () => {
    await nodes.client.query("DELETE FROM pending");
    const ids = idsOf(await nodes.make.owe(publisher, endpoint, 1, { dueAt: now, created: now }));
    expect(await leases()).toHaveLength(1);
    return ids;
  }, 10_000);
  const taken = () => lane.taken.filter(({ deliveryId }) => deliveryId === owed);
  await vi.waitFor(() => expect(taken()).toHaveLength(1), 10_000);
  await sender.settle(
    taken().map((claim) => settlementOf(claim, { state: "succeeded" }, now)),
    [],
  );
  lane.taken.splice(0);
}

/** Ends every connection on which a node hears from the others. */
const deafen = () => nodes.endConnections("carabiner line");

test("a delivery is leased in the commit that makes it, for a node that sends, which gets it without a claim", async () => {
  const { publisher, sender, endpoint, lane } = await pair();
  const owed = await nodes.make.owe(publisher, endpoint, 3);
  expect(await leases()).toEqual(owed.map(() => ({ lease_node: "sender", handed: true })));
  expect(await publisher.claimDue(claimRequest())).toEqual([]);
  await vi.waitFor(() => expect(claimed(lane.taken)).toEqual(idsOf(owed)), 10_000);
  const [claim] = lane.taken as [Claim];
  expect(claim).toMatchObject({ attempt: 1, leaseUntil: START + LEASE_MS, dueAt: START, created: START, endpoint: { id: endpoint.id } });
  expect(Buffer.from(claim.body)).toEqual(owed[0]?.body);
  expect(claim.endpoint.secrets).toEqual(endpoint.secrets);
  const settled = lane.taken.map((one) => settlementOf(one, { state: "succeeded" }, START));
  expect(await sender.settle(settled, [])).toEqual({ refused: [] });
  expect(await publisher.nextDueAt()).toBeNull();
});

test("leases whose message was lost are found at the next beat, once", async () => {
  const { publisher, sender, endpoint, lane } = await pair();
  await deafen();
  const owed = await nodes.make.owe(publisher, endpoint, 2);
  await sender.beat(START + 1, 0);
  await vi.waitFor(() => expect(claimed(lane.taken)).toEqual(idsOf(owed)), 10_000);
  await sender.beat(START + 2, 0);
  await sender.beat(START + 3, 0);
  await sender.settle([settlementOf(lane.taken[0] as Claim, { state: "pending", dueAt: START + 9 }, START)], []);
  await sender.beat(START + 4, 0);
  await sender.beat(START + 5, 0);
  expect(claimed(lane.taken)).toEqual(idsOf(owed));
});

test("deliveries that the sender has no room for are due again at once, and their endpoint is not handed over again until the next beat", async () => {
  const two = await pair();
  const { publisher, endpoint, lane } = two;
  const [other] = (await nodes.make.endpoints(publisher, 1)) as [EndpointRow];
  const { take } = lane;
  lane.take = (claims) => claims.filter((claim) => claim.endpoint.id === endpoint.id);
  lane.dues.splice(0);
  const [owed] = idsOf(await nodes.make.owe(publisher, endpoint, 1));
  await vi.waitFor(() => expect(lane.dues).toEqual([START]), 10_000);
  const [claim] = (await publisher.claimDue(claimRequest())) as [Claim];
  expect(claim).toMatchObject({ deliveryId: owed, attempt: 1 });
  await vi.waitFor(async () => {
    const [refused] = (await nodes.make.owe(publisher, endpoint, 1)) as [NewDelivery];
    expect(claimed(await publisher.claimDue(claimRequest()))).toContain(refused.id);
  }, 10_000);
  await nodes.make.owe(publisher, other, 1);
  expect(await publisher.claimDue(claimRequest())).toEqual([]);
  lane.take = take;
  await known(two, START);
});

test("a node that is full, or whose engine stops, is handed nothing more", async () => {
  const two = await pair();
  const { publisher, sender, endpoint, lane } = two;
  lane.room = 0;
  await sender.beat(START, 0);
  const claimable = async () => {
    await nodes.make.owe(publisher, endpoint, 1);
    expect(await publisher.claimDue(claimRequest())).toHaveLength(1);
  };
  await vi.waitFor(claimable, 10_000);
  lane.room = 10;
  await known(two, START);
  sender.attach(null);
  await vi.waitFor(claimable, 10_000);
});

test("a node that closes returns what was leased for it last", async () => {
  const { publisher, sender, endpoint } = await pair();
  await deafen();
  sender.attach(null);
  await nodes.make.owe(publisher, endpoint, 1);
  expect(await leases()).toHaveLength(1);
  await sender.close();
  expect(await publisher.claimDue(claimRequest())).toHaveLength(1);
});

/** A third node, which sends and hears from the others. */
async function third(now: number): Promise<Lane> {
  const [hearing, lane] = [await nodes.open("third"), new Lane()];
  hearing.attach(lane);
  await hearing.beat(now, 0);
  return lane;
}

test("nodes that send are notified of what a stopping node returns unsent", async () => {
  const { publisher, sender, lane, endpoint } = await pair();
  await nodes.make.owe(publisher, endpoint, 1);
  await vi.waitFor(() => expect(lane.taken).toHaveLength(1), 10_000);
  const { dues } = await third(START);
  sender.attach(null);
  await sender.settle([{ ...settlementOf(lane.taken[0] as Claim, { state: "pending", dueAt: START }, START), attempt: null }], []);
  await vi.waitFor(() => expect(dues).toEqual([START]), 10_000);
});

test("nodes that send are notified of what a node that does not send takes over", async () => {
  const two = await pair();
  await known(two, LATER);
  await deafen();
  await nodes.make.owe(two.publisher, two.endpoint, 1, { dueAt: LATER, created: LATER });
  const { dues } = await third(LATER + 2);
  expect(await two.publisher.beat(LATER + 2, LATER + 1)).toMatchObject({ released: 1 });
  await vi.waitFor(() => expect(dues).toEqual([LATER]), 10_000);
});

test("what is leased for a node that has just left is due again at the next beat of one that sends, though that may judge nobody yet", async () => {
  const { publisher, sender, endpoint } = await pair();
  await deafen();
  await sender.close();
  await nodes.make.owe(publisher, endpoint, 1);
  expect(await leases()).toEqual([{ lease_node: "sender", handed: true }]);
  const third = await nodes.open("third");
  expect(await third.beat(START + 1, 0)).toMatchObject({ released: 0 });
  third.attach(new Lane());
  expect(await third.beat(START + 2, 0)).toMatchObject({ released: 1 });
  expect(await third.claimDue(claimRequest())).toHaveLength(1);
});

test("what is leased for a node that was taken for gone and forgotten is due again at another's next beat", async () => {
  const two = await pair();
  await known(two, LATER);
  await deafen();
  const third = await nodes.open("third");
  await third.beat(LATER + 1, LATER + 1);
  await nodes.make.owe(two.publisher, two.endpoint, 1, { dueAt: LATER, created: LATER });
  expect(await leases()).toEqual([{ lease_node: "sender", handed: true }]);
  expect(await third.beat(LATER + 2, 1)).toMatchObject({ released: 1, suspects: 0 });
  expect(await third.claimDue(claimRequest({ now: LATER }))).toHaveLength(1);
});

test("what a node had begun of what was handed over is suspect when it dies, and not taken by the node that holds the suspects", async () => {
  const { publisher, sender, endpoint, lane } = await pair();
  lane.begins = (claims) => {
    const first = claims.slice(0, 1).map(({ token }) => token);
    expect(sender.noteUnderWay(first, [])).toBeNull();
  };
  const [first, second] = idsOf(await nodes.make.owe(publisher, endpoint, 2));
  await vi.waitFor(() => expect(claimed(lane.taken)).toEqual([first, second]), 10_000);
  // What was noted with it, and has not begun, is taken out of the note again.
  const underWay = "SELECT FROM under_way w, unnest(w.deliveries, w.leases) AS one (n, lease) JOIN pending q USING (n, lease)";
  await vi.waitFor(async () => expect((await nodes.client.query(underWay)).rowCount).toBe(1), 10_000);
  const [third, lane3] = [await nodes.open("third"), new Lane()];
  third.attach(lane3);
  expect(await third.beat(LATER, LATER - 1)).toMatchObject({ suspects: 1 });
  expect(claimed(await third.claimDue(claimRequest({ now: LATER })))).toEqual([second]);
  await third.beat(LATER + 1, 0);
  await third.beat(LATER + 2, 0);
  // What the beats looked for may not be read yet.
  expect((await nodes.client.query(HANDED_SQL.strays, [[], "third", 0, null])).rows).toEqual([]);
  expect(lane3.taken).toEqual([]);
  expect((await third.nextSuspect({ now: LATER, leaseMs: LEASE_MS }))?.deliveryId).toBe(first);
});

test("what does not begin at once is not noted", async () => {
  const { publisher, sender, endpoint, lane } = await pair();
  await nodes.make.owe(publisher, endpoint, 1);
  await vi.waitFor(() => expect(lane.taken).toHaveLength(1), 10_000);
  await vi.waitFor(async () => expect(await noted()).toBe(0), 10_000);
  const [{ token }] = lane.taken as [Claim];
  await sender.noteUnderWay([token], []);
  expect(await noted()).toBe(1);
  await sender.settle([settlementOf(lane.taken[0] as Claim, { state: "succeeded" }, START)], []);
  await sender.noteUnderWay([], [token]);
  await vi.waitFor(async () => expect(await noted()).toBe(0), 10_000);
});

test("what fails, is paused, or falls due later is not handed over", async () => {
  const { publisher, lane } = await pair();
  const [failing] = (await nodes.make.endpoints(publisher, 1, { firstFailureAt: START })) as [EndpointRow];
  const [paused] = (await nodes.make.endpoints(publisher, 1, { pausedAt: START })) as [EndpointRow];
  const [working] = (await nodes.make.endpoints(publisher, 1)) as [EndpointRow];
  await nodes.make.owe(publisher, failing, 1);
  await nodes.make.owe(publisher, paused, 1);
  await nodes.make.owe(publisher, working, 1, { dueAt: START + 1 });
  expect(await leases()).toEqual([]);
  expect(lane.room).toBe(10);
});

test("deliveries that are settled while leases are read are not taken again", async () => {
  const { publisher, sender, endpoint } = await pair();
  await deafen();
  const [owed] = idsOf(await nodes.make.owe(publisher, endpoint, 1));
  const pool = new pg.Pool({ connectionString: nodes.url });
  const real = new Transactions({ pool, connections: 2, waiting: 2, explain: async () => undefined });
  const lane = new Lane();
  let read = Promise.withResolvers<void>();
  let answered = Promise.resolve();
  const handed = new HandedLeases({
    reads: handedReads({
      transactions: {
        async ask(...asked) {
          const rows = await real.ask(...asked).finally(read.resolve);
          await answered;
          return rows;
        },
      },
      box: new SecretBox(TEST_KEYS, randomBytes),
      node: "sender",
    }),
    // The sender's own notes count from 1: one of them may still be there.
    underWay: { next: () => 0, written: () => undefined, giveUpUnbegun: () => undefined },
    lane: () => lane,
    onRefused: () => undefined,
  });
  handed.look();
  await handed.end();
  expect(claimed(lane.taken)).toEqual([owed]);

  // Its mark is heard of once more: the answer still shows it leased.
  read = Promise.withResolvers();
  const answer = Promise.withResolvers<void>();
  answered = answer.promise;
  const marks = (await nodes.client.query("SELECT handed FROM pending")).rows.map((row) => Number(row.handed));
  handed.hear(marks);
  await read.promise;
  await sender.settle([settlementOf(lane.taken[0] as Claim, { state: "succeeded" }, START)], []);
  handed.settled([(lane.taken[0] as Claim).token]);
  answer.resolve();
  await handed.end();
  // Throws what a reading failed with.
  handed.look();
  await handed.end();
  expect(claimed(lane.taken)).toEqual([owed]);
  await real.close();
});

/**
 * Readings that note something stop before they have written that, until `release` is called; `reached` resolves when
 * one has stopped.
 */
async function holdReadings(): Promise<{ reached(): Promise<void>; release(): Promise<unknown> }> {
  await nodes.client.query(`
    CREATE FUNCTION wait_for_release() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END $$;
    CREATE TRIGGER held BEFORE INSERT ON under_way FOR EACH ROW EXECUTE FUNCTION wait_for_release()`);
  await nodes.client.query("SELECT pg_advisory_lock(1)");
  const WAITING =
    "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
  return {
    reached: () => vi.waitFor(async () => expect((await nodes.client.query(WAITING)).rowCount).toBe(1), 10_000),
    release: () => nodes.client.query("SELECT pg_advisory_unlock(1)"),
  };
}

test.each(["another node", "the node itself"])(
  "of an endpoint that %s changes while leases are read nothing is taken as it was",
  async (by) => {
    const { publisher, sender, endpoint, lane } = await pair();
    const held = await holdReadings();
    const [owed] = idsOf(await nodes.make.owe(publisher, endpoint, 1));
    await held.reached();
    lane.changes.splice(0);
    lane.dues.splice(0);
    const url = "https://moved.example.com/";
    await (by === "another node" ? publisher : sender).transaction((tx) => tx.updateEndpoint({ ...endpoint, url }));
    await vi.waitFor(() => expect(lane.changes).toContain(endpoint.id), 10_000);
    await held.release();
    await vi.waitFor(() => expect(lane.dues).toContain(START), 10_000);
    expect(lane.taken).toEqual([]);
    const [claim] = (await sender.claimDue(claimRequest())) as [Claim];
    expect(claim).toMatchObject({ deliveryId: owed, attempt: 1, endpoint: { url } });
  },
);

test("of an endpoint that was erased meanwhile nothing is taken, and what was too much for a note does not count as noted", async () => {
  const { publisher, endpoint } = await pair();
  const [erased] = (await nodes.make.endpoints(publisher, 1)) as [EndpointRow];
  await deafen();
  const owed = idsOf(await nodes.make.owe(publisher, endpoint, NOTED_AT_ONCE));
  await nodes.make.owe(publisher, erased, 1);
  await nodes.client.query("UPDATE pending SET lease_node = 'other', handed = 1, lease = 1, due_at = $1", [START + LEASE_MS]);
  const pool = new pg.Pool({ connectionString: nodes.url });
  const transactions = new Transactions({ pool, connections: 2, waiting: 2, explain: async () => undefined });
  const reads = handedReads({
    transactions: {
      ask: async (...asked) => (await transactions.ask(...asked)).filter(({ id }) => id !== erased.id),
    },
    box: new SecretBox(TEST_KEYS, randomBytes),
    node: "other",
  });
  const page = await reads.marked([1], null, 1);
  expect(claimed(page.claims)).toEqual(owed);
  expect(page).toMatchObject({ next: null, noted: false });
  expect(await noted()).toBe(0);
  await transactions.close();
});

test.each(["marked", "strays"] as const)(
  "the index of marks alone finds what is %s, also by a plan that was made when nothing was pending",
  async (which) => {
    await nodes.open("one");
    await planByIndexes();
    await nodes.client.query(`PREPARE reading AS ${HANDED_SQL[which]}`);
    const { rows } = await nodes.client.query("EXPLAIN EXECUTE reading('{1}', 'one', 0, NULL)");
    const plan = rows.map((row) => row["QUERY PLAN"] as string).join("\n");
    expect(plan).toMatch(/\bpending_handed\b/);
    expect(plan).not.toMatch(/\bpending_(?!handed)\w+|Seq Scan/);
  },
);

test("what was handed over and has failed since is not looked through again for leases", async () => {
  const { publisher, sender, lane, endpoint } = await pair();
  await nodes.make.owe(publisher, endpoint, 3);
  await vi.waitFor(() => expect(lane.taken).toHaveLength(3), 10_000);
  await sender.settle(
    lane.taken.map((claim) => settlementOf(claim, { state: "pending", dueAt: START + 60_000 }, START)),
    [],
  );
  expect((await nodes.client.query("SELECT lease, handed IS NOT NULL AS handed FROM pending")).rows).toEqual(
    Array.from({ length: 3 }, () => ({ lease: 2, handed: true })),
  );
  await planByIndexes();
  await nodes.client.query(`PREPARE reading AS ${HANDED_SQL.strays}`);
  const { rows } = await nodes.client.query("EXPLAIN (ANALYZE, COSTS OFF) EXECUTE reading('{}', 'sender', 0, NULL)");
  expect(rows.map((row) => row["QUERY PLAN"] as string).join("\n")).not.toMatch(/Removed by Filter: 3$/m);
});
