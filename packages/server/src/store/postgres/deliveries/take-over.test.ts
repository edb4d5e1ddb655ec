import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { claimed, claimRequest, idsOf } from "../../../../test/store/store-conformance/opened-store.ts";
import { START, settlementOf } from "../../../../test/store/store-fixture.ts";
import { createTestNodes, type TestNodes } from "../../../../test/store/test-nodes.ts";
import type { Claim, HotLane } from "../../contract/delivery-store.ts";
import { LISTENER_PREFIX } from "../../contract/is-listener.ts";
import type { EndpointRow } from "../../contract/rows.ts";
import type { Store } from "../../store.ts";

const NOTHING = { released: 0, underWay: 0, suspects: 0, quarantined: [] };
const NEXT = { now: START, leaseMs: 90_000 };
/** Nodes silent since then are gone. */
const LATER = Date.now() + 10 ** 9;

let nodes: TestNodes;
beforeEach(async () => {
  nodes = await createTestNodes();
});
afterEach(() => nodes.close());

/** This many deliveries, claimed by a node and under way there. */
async function underWay(on: Store, count: number): Promise<Claim[]> {
  const [endpoint] = (await nodes.make.endpoints(on, 1)) as [EndpointRow];
  const ids = idsOf(await nodes.make.owe(on, endpoint, count));
  const claims = (await on.claimDue(claimRequest())).filter(({ deliveryId }) => ids.includes(deliveryId));
  await on.noteUnderWay(tokens(claims), []);
  return claims;
}

const tokens = (claims: readonly Claim[]) => claims.map(({ token }) => token);
const noted = async () => (await nodes.client.query("SELECT note FROM under_way")).rowCount;

test("one node takes over from those that are gone, each end separately, and keeps the suspects from all others", async () => {
  const [one, two, three] = [await nodes.open(), await nodes.open(), await nodes.open()];
  const [alone] = (await underWay(one, 1)) as [Claim];
  const together = await underWay(two, 2);
  expect(await three.beat(LATER, LATER - 1)).toEqual({ released: 0, underWay: 3, suspects: 3, quarantined: [] });
  const ends = (id: string) => three.read((reads) => reads.uncleanEnds(id));
  expect(await ends(alone.deliveryId)).toEqual([{ at: LATER, underWay: 1 }]);
  for (const { deliveryId } of together) expect(await ends(deliveryId)).toEqual([{ at: LATER, underWay: 2 }]);
  const fourth = await nodes.open();
  expect(await fourth.claimDue(claimRequest({ now: LATER }))).toEqual([]);
  expect(await fourth.nextSuspect(NEXT)).toBeNull();
  expect(await fourth.releaseSuspects()).toBe(0);
  expect((await three.nextSuspect({ ...NEXT, now: LATER }))?.deliveryId).toBe(alone.deliveryId);
  expect(await three.releaseSuspects()).toBe(2);
  expect(claimed(await fourth.claimDue(claimRequest({ now: LATER })))).toHaveLength(2);
});

test("suspects of a node that ends are the next one's, and what it was sending is suspect again", async () => {
  const one = await nodes.open();
  await underWay(one, 3);
  const two = await nodes.open();
  await two.beat(LATER, LATER - 1);
  const sending = (await two.nextSuspect(NEXT)) as Claim;
  await two.noteUnderWay([sending.token], []);
  const three = await nodes.open();
  expect(await three.beat(LATER + 2, LATER + 1)).toEqual({ released: 0, underWay: 1, suspects: 3, quarantined: [] });
  expect((await three.nextSuspect(NEXT))?.deliveryId).toBe(sending.deliveryId);
});

test("a node that was thought to be gone but is alive has not ended: its end is forgotten, and its settlements count", async () => {
  const one = await nodes.open();
  const [claim] = (await underWay(one, 1)) as [Claim];
  const two = await nodes.open();
  await two.beat(LATER, LATER - 1);
  expect(await one.settle([settlementOf(claim, { state: "succeeded" }, START)], [])).toEqual({ refused: [] });
  expect(await two.nextSuspect(NEXT)).toBeNull();
  await one.beat(LATER + 1, 0);
  expect(await two.read((reads) => reads.uncleanEnds(claim.deliveryId))).toEqual([]);
  expect(await two.releaseSuspects()).toBe(0);
});

const SENDS: HotLane = {
  reserve: () => null,
  accept: () => undefined,
  release: () => undefined,
  due: () => undefined,
  changed: () => undefined,
};

const LISTENER = `${LISTENER_PREFIX}1`;

/** Deliveries to a listener, claimed by a node that has its socket; another node has the session's next one. */
async function listening() {
  const [one, two] = [await nodes.open(), await nodes.open()];
  const [endpoint] = (await nodes.make.endpoints(one, 1, { id: LISTENER })) as [EndpointRow];
  const ids = idsOf(await nodes.make.owe(one, endpoint, 2));
  const request = { endpointId: endpoint.id, now: LATER, leaseMs: 90_000, limit: 9 };
  const { claims } = await one.listeners.claim(request);
  expect(claimed(claims)).toEqual(ids);
  await two.beat(LATER, 0);
  const woken: string[] = [];
  two.listeners.onOwed((endpointIds) => woken.push(...endpointIds));
  expect(await two.listeners.claim(request)).toEqual({ claims: [], nextDueAt: LATER + 90_000 });
  const again = async () => claimed((await two.listeners.claim(request)).claims);
  return { one, two, claims, ids, woken, again };
}

test("a listener whose node is gone gets what it had there at its next node, which is told by the one that takes over", async () => {
  const { ids, woken, again } = await listening();
  const three = await nodes.open();
  three.attach(SENDS);
  expect(await three.beat(LATER, LATER - 1)).toMatchObject({ released: 2 });
  await vi.waitFor(() => expect(woken).toEqual([LISTENER]), 10_000);
  expect(await again()).toEqual(ids);
});

test("a listener that has moved to another node gets there what the first node returns", async () => {
  const { one, claims, ids, woken, again } = await listening();
  await one.settle(
    claims.map((claim) => ({ ...settlementOf(claim, { state: "pending", dueAt: START }, START), attempt: null })),
    [],
  );
  await vi.waitFor(() => expect(woken).toEqual([LISTENER]), 10_000);
  expect(await again()).toEqual(ids);
});

test("a node that left has taken back what it noted, and one that left with something under way is found out", async () => {
  const one = await nodes.open();
  const claims = await underWay(one, 2);
  await one.noteUnderWay([], tokens(claims));
  await one.close();
  const two = await nodes.open();
  expect(await two.releaseLeases(START + 1)).toEqual({ ...NOTHING, released: 2 });
  await underWay(two, 1);
  await two.close();
  expect(await (await nodes.open()).releaseLeases(START + 2)).toMatchObject({ underWay: 1, suspects: 1 });
});

test("what another node has claimed since is no suspect", async () => {
  const one = await nodes.open();
  await underWay(one, 1);
  const two = await nodes.open();
  await two.beat(LATER, LATER - 1);
  await nodes.client.query("UPDATE pending SET lease = lease + 1, due_at = $1", [LATER]);
  expect(await two.nextSuspect(NEXT)).toBeNull();
});

test("a delivery released from quarantine is found also in a partition in which nothing was pending any more", async () => {
  const one = await nodes.open();
  const [claim] = (await underWay(one, 1)) as [Claim];
  await one.releaseLeases(START + 1);
  await one.noteUnderWay([((await one.nextSuspect(NEXT)) as Claim).token], []);
  expect(await one.releaseLeases(START + 2)).toMatchObject({ quarantined: [claim.deliveryId] });
  const later = START + 10 * 24 * 3_600_000;
  await nodes.client.query("UPDATE partitions SET opened_at = $1 WHERE k = 0", [START]);
  const request = { now: later, eventsBefore: START, answersBefore: START, requestsBefore: 0, limit: 100 };
  while ((await one.prune(request)) > 0);
  expect((await nodes.client.query("SELECT settled FROM partitions WHERE k = 0")).rows).toEqual([{ settled: true }]);
  expect(await one.transaction((tx) => tx.releaseQuarantined(claim.deliveryId, later))).toBe(true);
  expect(await one.nextDueAt()).toBe(later);
  const again = await one.claimDue(claimRequest({ now: later }));
  expect(claimed(again)).toEqual([claim.deliveryId]);
  await one.prune(request);
  await one.settle([settlementOf(again[0] as Claim, { state: "succeeded" }, later)], []);
  while ((await one.prune(request)) > 0);
  expect((await nodes.client.query("SELECT settled FROM partitions WHERE k = 0")).rows).toEqual([{ settled: true }]);
});

test("what begins while a note is written shares the next one; a row goes once all in it is settled", async () => {
  const one = await nodes.open();
  const [endpoint] = (await nodes.make.endpoints(one, 1)) as [EndpointRow];
  await nodes.make.owe(one, endpoint, 20);
  const claims = await one.claimDue(claimRequest());
  await Promise.all(claims.map(({ token }) => one.noteUnderWay([token], [])));
  expect(await noted()).toBeLessThanOrEqual(2);
  await one.noteUnderWay([], tokens(claims.slice(0, -1)));
  expect(await noted()).toBeGreaterThan(0);
  await one.noteUnderWay([], tokens(claims.slice(-1)));
  await one.close();
  expect(await noted()).toBe(0);
});

test("a connection that is lost is replaced", async () => {
  const one = await nodes.open();
  const [claim] = (await underWay(one, 1)) as [Claim];
  await nodes.endConnections("carabiner under way");
  // The error arrives with the next note, or earlier.
  const again = one.noteUnderWay([claim.token], []) as Promise<void>;
  await again.catch(() => one.noteUnderWay([claim.token], []));
  expect(await noted()).toBeGreaterThan(0);
});
