import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { startGate } from "../../../../../../scripts/tcp-gate.ts";
import { createTestDatabase, type TestDatabase } from "../../../../../../scripts/test-database.ts";
import { START, storeFixture, TEST_KEYS } from "../../../../test/store/store-fixture.ts";
import { DEFAULT_LIMITS } from "../../../limits.ts";
import type { IdempotentAnswer } from "../../contract/rows.ts";
import type { Reads, Transaction } from "../../contract/transaction.ts";
import { openStore } from "../../open-store.ts";
import type { Store } from "../../store.ts";

/** Two nodes on one database. What they know is kept from test to test, so each test makes its own accounts. */
let database: TestDatabase;
let one: Store;
let other: Store;
const make = storeFixture();

beforeAll(async () => {
  database = await createTestDatabase();
  one = await openStore({ location: database.url, now: START, keys: TEST_KEYS });
  other = await openStore({ location: database.url, now: START, keys: TEST_KEYS });
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
  await database.drop();
});

let last = 0;
const OWNER = { livemode: false } as const;

const keyOf = (accountId: string) => ({
  ...OWNER,
  accountId,
  hash: `hash_${accountId}`,
  kind: "secret" as const,
  hint: "sk_…1",
  created: START,
  expiresAt: null,
  grant: null,
  permissions: null,
});
const connectionOf = (accountId: string) => ({
  ...OWNER,
  platformId: `${accountId}_p`,
  accountId,
  created: START,
  controller: true,
  scope: "read_write" as const,
});
const applicationOf = (accountId: string) => ({
  ...OWNER,
  id: `ca_${accountId}`,
  accountId,
  name: "One",
  redirectUris: ["https://a.example"],
});
const endpointOf = (accountId: string) => make.endpoint({ accountId });

/** What each test of a change reads, and the change that another node makes. */
const changes: readonly [
  name: string,
  before: (tx: Transaction, id: string) => Promise<unknown>,
  change: (tx: Transaction, id: string) => Promise<unknown>,
  read: (reads: Reads, id: string) => Promise<unknown>,
][] = [
  ["an account that was made", async () => undefined, (tx, id) => tx.insertAccount(make.account({ id })), (reads, id) => reads.account(id)],
  [
    "an account that changed",
    (tx, id) => tx.insertAccount(make.account({ id })),
    (tx, id) => tx.updateAccount(make.account({ id, data: { changed: true } })),
    (reads, id) => reads.account(id),
  ],
  ["a key that was made", async () => undefined, (tx, id) => tx.insertKey(keyOf(id)), (reads, id) => reads.keyByHash(`hash_${id}`)],
  [
    "a key that expires",
    (tx, id) => tx.insertKey(keyOf(id)),
    (tx, id) => tx.setKeyExpiry(`hash_${id}`, START),
    (reads, id) => reads.keyByHash(`hash_${id}`),
  ],
  [
    "a key that was deleted",
    (tx, id) => tx.insertKey(keyOf(id)),
    (tx, id) => tx.deleteKeys(id),
    (reads, id) => reads.keyByHash(`hash_${id}`),
  ],
  [
    "a platform that was made",
    async () => undefined,
    (tx, id) => tx.insertApplication(applicationOf(id)),
    (reads, id) => reads.application(id, false),
  ],
  [
    "a platform's other name",
    (tx, id) => tx.insertApplication(applicationOf(id)),
    (tx, id) => tx.updateApplication({ ...applicationOf(id), name: "Other" }),
    (reads, id) => reads.application(id, false),
  ],
  [
    "an account that was connected",
    async () => undefined,
    (tx, id) => tx.insertConnection(connectionOf(id)),
    (reads, id) => reads.subscribers(id),
  ],
  [
    "an account that left",
    (tx, id) => tx.insertConnection(connectionOf(id)),
    (tx, id) => tx.deleteConnection(`${id}_p`, id, false),
    (reads, id) => reads.connections(`${id}_p`, id),
  ],
  ["an endpoint that was made", async () => undefined, (tx, id) => tx.insertEndpoint(endpointOf(id)), (reads, id) => reads.subscribers(id)],
  [
    "an endpoint that was deleted",
    (tx, id) => tx.insertEndpoint(make.endpoint({ accountId: id, id: `we_${id}` })),
    (tx, id) => tx.updateEndpoint(make.endpoint({ accountId: id, id: `we_${id}`, deleted: true })),
    (reads, id) => reads.subscribers(id),
  ],
];

describe("what another node changes", () => {
  const nextCalls = {
    reads: (read: (reads: Reads) => Promise<unknown>) => one.read(read),
    writes: (read: (reads: Reads) => Promise<unknown>) =>
      one.transaction(async (tx) => {
        const found = await read(tx);
        await tx.insertObject(make.object());
        return found;
      }),
  };
  const both = (Object.keys(nextCalls) as (keyof typeof nextCalls)[]).flatMap((does) =>
    changes.map((change) => [does, ...change] as const),
  );

  test.each(both)("the next call %s, and knows of %s", async (does, _name, before, change, read) => {
    const id = `acct_changed${++last}`;
    await one.transaction((tx) => before(tx, id));
    const known = await one.transaction((tx) => read(tx, id));
    expect(await nextCalls[does]((reads) => read(reads, id))).toEqual(known);
    await other.transaction((tx) => change(tx, id));
    const truth = await other.read((reads) => read(reads, id));
    expect(truth).not.toEqual(known);
    expect(await nextCalls[does]((reads) => read(reads, id))).toEqual(truth);
  });

  test("a call that is right to refuse by what it knows, and wrong by now, is run again", async () => {
    const id = `acct_refused${++last}`;
    const connected = (tx: Transaction) =>
      tx.connections(`${id}_p`, id).then((found) => {
        if (found.length === 0) throw new Error("not connected");
        return "connected";
      });
    await expect(one.transaction(connected)).rejects.toThrow("not connected");
    await expect(one.transaction(connected)).rejects.toThrow("not connected");
    await other.transaction((tx) => tx.insertConnection(connectionOf(id)));
    expect(await one.transaction(connected)).toBe("connected");
  });

  test("its own change is what a call reads afterwards, and nobody else before the commit", async () => {
    const id = `acct_own${++last}`;
    await one.transaction((tx) => tx.insertAccount(make.account({ id })));
    const read = (reads: Reads) => reads.account(id).then((row) => row?.data);
    await one.read(read);
    const failed = one.transaction(async (tx) => {
      await tx.account(id);
      await tx.updateAccount(make.account({ id, data: { changed: true } }));
      expect(await read(tx)).toEqual({ changed: true });
      throw new Error("on second thought");
    });
    await expect(failed).rejects.toThrow("on second thought");
    expect(await one.read(read)).toEqual(make.account().data);
  });
});

test("a transaction that is cut off gives up its locks, and changes nothing", async () => {
  const limits = { ...DEFAULT_LIMITS, databaseAnswerMs: 500 };
  const silent = await openStore({ location: database.url, now: START, keys: TEST_KEYS, limits });
  const [locked, goesOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const held = silent.transaction(async (tx) => {
    await tx.saveSetting("theme", "silent");
    locked.resolve();
    await goesOn.promise;
  });
  await locked.promise;
  // Waits for the lock.
  await other.transaction((tx) => tx.saveSetting("theme", "other"));
  goesOn.resolve();
  await expect(held).rejects.toMatchObject({ name: "StoreUnavailable" });
  expect(await one.read((reads) => reads.setting("theme"))).toBe("other");
  await silent.close();
});

describe("calls that need no answer", () => {
  test("share one transaction of one message, however many there are", async () => {
    const id = `acct_shared${++last}`;
    const endpoint = endpointOf(id);
    await one.transaction(async (tx) => {
      await tx.insertAccount(make.account({ id }));
      await tx.insertEndpoint(endpoint);
    });
    const publish = async (tx: Transaction) => {
      const { endpoints } = await tx.subscribers(id);
      const event = make.event({ accountId: id });
      await tx.insertObject(make.object({ accountId: id }));
      await tx.insertEvents([event], []);
      await tx.insertDeliveries(endpoints.map((endpoint) => make.delivery(event, endpoint)));
    };
    await one.transaction(publish);
    const sent = statements();
    await Promise.all(Array.from({ length: 40 }, () => one.transaction(publish)));
    expect(sent.begun()).toBe(1);
    expect(sent.texts.length).toBe(5);
    expect(sent.roundTrips()).toBe(1);
    expect(sent.alone()).toEqual([]);
    const { rows } = await one.read((reads) => reads.deliveries({ accountId: id, livemode: false }, { limit: 100 }));
    expect(rows).toHaveLength(41);
  });

  test("are committed in turns of the clients when there is more than a group takes", async () => {
    // Otherwise two groups are committed at once.
    const limits = { ...DEFAULT_LIMITS, databaseConnections: 1 };
    const node = await openStore({ location: database.url, now: START, keys: TEST_KEYS, limits });
    const ended: string[] = [];
    const batch = async (client: string, name: string): Promise<void> => {
      const events = Array.from({ length: 500 }, () => make.event());
      await node.transaction((tx) => tx.insertEvents(events, []), client);
      ended.push(name);
    };
    await Promise.all([...["many1", "many2", "many3", "many4"].map((name) => batch("many", name)), batch("few", "few1")]);
    expect(ended.slice(0, 2).sort()).toEqual(["few1", "many1"]);
    await node.close();
  });

  test("one that cannot be kept takes nothing from the others", async () => {
    const taken = make.object();
    await one.transaction((tx) => tx.insertObject(taken));
    const objects = [make.object(), taken, make.object()];
    const results = await Promise.allSettled(objects.map((object) => one.transaction((tx) => tx.insertObject(object))));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    for (const object of objects) expect(await one.read((reads) => reads.object(object.id))).toEqual(object);
  });

  test("whose commit may be lost are uncertain, and those that threw throw the same", async () => {
    const gate = await startGate(database.url);
    const gated = await openStore({
      location: gate.url,
      now: START,
      keys: TEST_KEYS,
      limits: { ...DEFAULT_LIMITS, databaseAnswerMs: 300 },
    });
    gate.shutWhenSaid("COMMIT\0", "after");
    const lost = Promise.allSettled([
      gated.transaction((tx) => tx.insertObject(make.object())),
      gated.transaction(() => Promise.reject(new Error("no"))),
    ]);
    const [written, threw] = (await lost) as [PromiseRejectedResult, PromiseRejectedResult];
    expect(written.reason).toMatchObject({ name: "StoreUnavailable", uncertain: true });
    expect(threw.reason).toEqual(new Error("no"));
    gate.open();
    await gated.close();
  });
});

describe("an idempotency key", () => {
  const answerFor = (key: string): IdempotentAnswer => ({
    scope: "acct_1//test",
    key,
    fingerprint: "f",
    status: 200,
    body: "{}",
    requestId: `req_${++last}`,
    created: START,
    about: null,
  });
  const once = (store: Store, key: string) =>
    store.transaction(async (tx) => {
      const kept = await tx.idempotentAnswer("acct_1//test", key, 0);
      if (kept !== null) return "replayed";
      await tx.insertIdempotentAnswer(answerFor(key));
      return "run";
    });

  test("is used once, by calls of two nodes at once", async () => {
    for (const key of ["a", "b", "c"]) {
      const ran = await Promise.all(Array.from({ length: 12 }, (_, n) => once(n % 2 === 0 ? one : other, key)));
      expect(ran.sort()).toEqual([...Array.from({ length: 11 }, () => "replayed"), "run"]);
    }
  });

  test("that is used is found by a call that fails otherwise", async () => {
    await once(other, "found");
    const call = async (tx: Transaction) => {
      if ((await tx.idempotentAnswer("acct_1//test", "found", 0)) === null) throw new Error("already closed");
      return "replayed";
    };
    expect(await one.transaction(call)).toBe("replayed");
  });

  test("counts within its own transaction", async () => {
    const seen = await one.transaction(async (tx) => {
      await tx.insertIdempotentAnswer(answerFor("own"));
      return (await tx.idempotentAnswer("acct_1//test", "own", 0))?.key;
    });
    expect(seen).toBe("own");
  });
});

/** Notes the statements that are sent from now on. */
function statements() {
  const texts: string[] = [];
  const alone: string[] = [];
  let trips = 0;
  let unanswered = 0;
  const query = pg.Client.prototype.query as (...given: unknown[]) => unknown;
  vi.spyOn(pg.Client.prototype, "query").mockImplementation(function (this: pg.Client, ...given: unknown[]) {
    const [asked, values, told] = given as [string | { text: string }, unknown, (error: unknown, result: unknown) => void];
    const text = typeof asked === "string" ? asked : asked.text;
    // Behind the commit: nobody waits for it.
    if (text.includes("pg_notify")) return query.apply(this, given);
    texts.push(text);
    if (this.connection.stream.writableCorked === 0) alone.push(text);
    if (unanswered++ === 0) trips++;
    return query.call(this, asked, values, (error: unknown, result: unknown) => {
      unanswered--;
      told(error, result);
    });
  } as never);
  return {
    texts,
    roundTrips: () => trips,
    /** The statements that were written to the socket separately. */
    alone: () => alone,
    begun: () => texts.filter((text) => text.startsWith("BEGIN")).length,
  };
}
