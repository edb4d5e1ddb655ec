import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../../../scripts/test-database.ts";
import { claimRequest } from "../../../../test/store/store-conformance/opened-store.ts";
import { START, storeFixture, TEST_KEYS } from "../../../../test/store/store-fixture.ts";
import { AS_WRITTEN, CLEAR, clearRows, readSealed, valuesToSeal } from "../../../../test/store/store-in-clear.ts";
import { DEFAULT_LIMITS } from "../../../limits.ts";
import { openStore } from "../../open-store.ts";
import { SEALED, type SealedField } from "../../sealed-fields.ts";
import { fixedKeys, type KeyRing, type KeySource, SecretBox, secretKey } from "../../secret-box.ts";
import { type Store, UnfitDatabase } from "../../store.ts";
import { migrate } from "../schema/migrate.ts";
import { MIGRATIONS } from "../schema/migrations.ts";
import { prepareSecrets } from "./stored-secrets.ts";

/** Steps before the one that seals secrets. */
const IN_CLEAR = MIGRATIONS.findIndex((step) => step.includes("endpoints_sealed"));
/** More than one commit seals. */
const ANSWERS = 1_200;
const OLD = TEST_KEYS.ring().current;
const NEW = secretKey(Buffer.alloc(32, 1));

let database: TestDatabase;
let pool: pg.Pool;
const stores: Store[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
  // The database is dropped under it.
  pool.on("error", () => undefined);
});
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  await pool.end();
  await database.drop();
});

async function open(keys: KeySource = TEST_KEYS): Promise<Store> {
  const store = await openStore({ location: database.url, now: START, keys, limits: DEFAULT_LIMITS });
  stores.push(store);
  return store;
}

/** A database of the version before, with secrets in clear. */
async function inClear(): Promise<void> {
  await migrate(pool, START, MIGRATIONS.slice(0, IN_CLEAR), IN_CLEAR);
  for (const sql of clearRows({ yes: "true", no: "false", owner: false }, ANSWERS)) await pool.query(sql);
}

/** Those of the secrets that any table contains. */
async function found(): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>("SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'");
  const texts: string[] = [];
  for (const { name } of rows) texts.push(JSON.stringify((await pool.query(`SELECT * FROM ${name}`)).rows));
  return CLEAR.filter((secret) => texts.some((text) => text.includes(secret)));
}

test("secrets that an earlier version left in clear are sealed", async () => {
  await inClear();
  expect(await found()).toEqual(CLEAR);
  const store = await open();
  expect(await found()).toEqual([]);
  expect(await store.read(readSealed)).toEqual(AS_WRITTEN);
  expect(await store.secrets.count()).toEqual(new Map([[OLD.id, valuesToSeal(ANSWERS)]]));
});

test.each([0, 3, 700])("after an interruption at value %i other nodes continue, and one of them does the work", async (last) => {
  await inClear();
  await migrate(pool, START);
  let sealed = -1;
  const broken = new SecretBox(TEST_KEYS, (bytes) => {
    if (sealed++ === last) throw new Error("broken off");
    return randomBytes(bytes);
  });
  const client = await pool.connect();
  await expect(prepareSecrets(client, broken, DEFAULT_LIMITS.nodeGoneMs)).rejects.toThrow("broken off");
  client.release(true);
  const [store] = await Promise.all([open(), open(), open()]);
  expect(await store.read(readSealed)).toEqual(AS_WRITTEN);
  expect(await found()).toEqual([]);
});

test("nothing is sealed before the nodes of the version before are gone, and those write nothing in clear", async () => {
  await inClear();
  await pool.query("INSERT INTO nodes (name, seen_at) SELECT 'before', (extract(epoch FROM clock_timestamp()) * 1000)::bigint + 3600000");
  const opening = open();
  // While it waits, it has already taken the step.
  const waiting =
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(%' AND pid <> pg_backend_pid()";
  await expect.poll(async () => (await pool.query(waiting)).rows).toHaveLength(1);
  expect(await found()).toEqual(CLEAR);
  await expect(pool.query("UPDATE endpoints SET first_failure_at = 1")).rejects.toThrow("endpoints_sealed");
  await expect(pool.query("INSERT INTO idempotent_answers VALUES ('s', 'k', 'f', 200, '{}', 'req_1', 1)")).rejects.toThrow(
    "idempotent_answers_sealed",
  );
  await expect(pool.query("INSERT INTO applications VALUES ('ca_2', 'acct_2', true, 'Two', '[]')")).rejects.toThrow("applications_sealed");
  await expect(pool.query("INSERT INTO objects VALUES ('o', 'page_session', 'acct_2', true, NULL, 1, '{}')")).rejects.toThrow(
    "objects_sealed",
  );
  await pool.query("UPDATE nodes SET seen_at = 0 WHERE name = 'before'");
  const store = await opening;
  expect(await found()).toEqual([]);
  expect(await store.read(readSealed)).toEqual(AS_WRITTEN);
});

test.each(Object.values<SealedField>(SEALED).map((field) => [`${field.table}.${field.column}`, field] as const))(
  "the database refuses %s in clear",
  async (_, { table, column, only }) => {
    await migrate(pool, START);
    const { rows } = await pool.query<{ condition: string }>(
      "SELECT pg_get_constraintdef(oid) AS condition FROM pg_constraint WHERE conname = $1",
      [`${table}_sealed`],
    );
    const condition = rows[0]?.condition ?? "";
    expect(condition).toMatch(new RegExp(`\\b${column}\\b`));
    const exempt = [...condition.matchAll(/'(\w+)'::text/g)].map(([, value]) => value);
    expect(exempt).toEqual(only?.values ?? []);
  },
);

/** Keys whose file others change: its current content, and what was read of it. */
function changingKeys(first: KeyRing): KeySource & { inFile: KeyRing } {
  let read = first;
  return {
    inFile: first,
    from: "the key file",
    ring: () => read,
    reload() {
      read = this.inFile;
    },
    keep: () => undefined,
  };
}

test("a node takes a new key over with its next beat, also one that it had only to open with", async () => {
  const keys = changingKeys({ current: OLD, older: [NEW] });
  const node = await open(keys);
  keys.inFile = { current: NEW, older: [OLD] };
  const now = (await node.sharedTime()) as number;
  const rotating = await open(fixedKeys({ current: NEW, older: [OLD] }, "the tests"));
  await rotating.beat(now, 0);
  expect(await rotating.secrets.behind(now - 1_000)).toBe(1);
  await node.beat(now, 0);
  expect(keys.ring().current.id).toBe(NEW.id);
  expect(await rotating.secrets.behind(now - 1_000)).toBe(0);
});

test("a node reads what another has sealed with a key that it has not read yet", async () => {
  const make = storeFixture();
  const keys = changingKeys({ current: OLD, older: [] });
  const node = await open(keys);
  keys.inFile = { current: NEW, older: [OLD] };
  const rotated = await open(fixedKeys({ current: NEW, older: [OLD] }, "the tests"));
  const [endpoint] = await make.endpoints(rotated, 1);
  expect(await node.read((reads) => reads.endpoint(endpoint?.id ?? ""))).toEqual(endpoint);
});

test("a node that does not find the new key ends, and says which; a claim of it leases nothing that it cannot read", async () => {
  const make = storeFixture();
  const node = await open();
  const rotated = await open(fixedKeys({ current: NEW, older: [OLD] }, "the tests"));
  const [endpoint] = await make.endpoints(rotated, 1);
  if (endpoint === undefined) throw new Error("no endpoint");
  await make.owe(rotated, endpoint, 1);
  const request = claimRequest();
  await expect(node.claimDue(request)).rejects.toBeInstanceOf(UnfitDatabase);
  await expect(node.beat(START, 0)).rejects.toThrow(`sealed with key ${NEW.id}`);
  await expect(open()).rejects.toThrow(`sealed with key ${NEW.id}`);
  expect(await rotated.claimDue(request)).toMatchObject([{ attempt: 1, endpoint: { url: endpoint.url, secrets: endpoint.secrets } }]);
});
