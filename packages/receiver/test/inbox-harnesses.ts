import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { createTestDatabase, type TestDatabase } from "../../../scripts/test-database.ts";
import {
  type DurableObjectTransaction,
  type DurableSql,
  type DurableStorage,
  durableObjectInbox,
} from "../src/inbox/durable-object/durable-object-inbox.ts";
import type { Inbox } from "../src/inbox/inbox.ts";
import { memoryInbox } from "../src/inbox/memory-inbox.ts";
import { postgresInbox } from "../src/inbox/postgres/postgres-inbox.ts";
import { sqliteInbox } from "../src/inbox/sqlite/sqlite-inbox.ts";
import type { InboxHarness } from "../src/inbox-contract/inbox-harness.ts";

/** In memory. */
export function memoryHarness(): InboxHarness<null> {
  return { open: async () => memoryInbox(), another: null, effect: async () => undefined, effects: null, close: async () => undefined };
}

/** In a file of SQLite, each inbox with connections of its own. */
export function sqliteHarness(): InboxHarness<DatabaseSync> & { file(): string } {
  let folder = "";
  let opened: Inbox<DatabaseSync>[] = [];
  const file = (): string => join(folder, "app.db");
  const another = async (): Promise<Inbox<DatabaseSync>> => {
    const inbox = sqliteInbox(file());
    opened.push(inbox);
    await inbox.prepare();
    return inbox;
  };
  return {
    file,
    another,
    async open() {
      folder = mkdtempSync(join(tmpdir(), "carabiner-inbox-"));
      onFile((db) => db.exec("CREATE TABLE effects (number INTEGER PRIMARY KEY, name TEXT NOT NULL)"));
      return another();
    },
    async effect(tx, name) {
      tx.prepare("INSERT INTO effects (name) VALUES (?)").run(name);
    },
    effects: async () =>
      onFile((db) =>
        db
          .prepare("SELECT name FROM effects ORDER BY number")
          .all()
          .map(({ name }) => String(name)),
      ),
    async close() {
      for (const inbox of opened) await inbox.close();
      opened = [];
      rmSync(folder, { recursive: true });
    },
  };

  function onFile<T>(work: (db: DatabaseSync) => T): T {
    const db = new DatabaseSync(file());
    try {
      return work(db);
    } finally {
      db.close();
    }
  }
}

/**
 * In what stands for a Durable Object's storage outside of its platform: SQLite in memory, called as storage is. `npm
 * run recipes` has the real one.
 */
export function durableObjectHarness(): InboxHarness<DurableObjectTransaction<DurableSql>> {
  let db: DatabaseSync;
  return {
    another: null,
    async open() {
      db = new DatabaseSync(":memory:");
      db.exec("CREATE TABLE effects (number INTEGER PRIMARY KEY, name TEXT NOT NULL)");
      const inbox = durableObjectInbox(storageOn(db));
      await inbox.prepare();
      return inbox;
    },
    async effect(tx, name) {
      tx.write((sql) => sql.exec("INSERT INTO effects (name) VALUES (?)", name));
    },
    effects: async () =>
      db
        .prepare("SELECT name FROM effects ORDER BY number")
        .all()
        .map(({ name }) => String(name)),
    close: async () => db.close(),
  };
}

/**
 * Bytes go in and come out as an ArrayBuffer, parameters have no names, and a transaction ends with the function that
 * it runs.
 */
export function storageOn(db: DatabaseSync): DurableStorage<DurableSql> {
  return {
    sql: {
      exec(query, ...bindings) {
        if (bindings.length === 0 && /;\s*\S/.test(query)) {
          db.exec(query);
          return Object.assign([], { toArray: () => [] });
        }
        const given = bindings.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value));
        const rows = db
          .prepare(query)
          .all(...given)
          .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, bufferOf(value)])));
        return Object.assign(rows, { toArray: () => rows });
      },
    },
    transactionSync(work) {
      db.exec("SAVEPOINT one");
      try {
        const result = work();
        db.exec("RELEASE one");
        return result;
      } catch (error) {
        db.exec("ROLLBACK TO one; RELEASE one");
        throw error;
      }
    },
  };
}

function bufferOf(value: unknown): unknown {
  return value instanceof Uint8Array ? new Uint8Array(value).buffer : value;
}

/** In PostgreSQL: a database for the file of tests, a schema for each test, a pool for each inbox. */
export function postgresHarness(): InboxHarness<pg.PoolClient> & { url(): string; schema(): string; drop(): Promise<void> } {
  let database: TestDatabase | null = null;
  let schemas = 0;
  let pools: pg.Pool[] = [];
  const schema = (): string => `test_${schemas}`;
  const another = async (): Promise<Inbox<pg.PoolClient>> => {
    const pool = new pg.Pool({ connectionString: database?.url, max: 8, options: `-c search_path=${schema()}` });
    pools.push(pool);
    const inbox = postgresInbox(pool);
    await inbox.prepare();
    return inbox;
  };
  return {
    another,
    schema,
    url: () => database?.url ?? "",
    async open() {
      database ??= await createTestDatabase();
      schemas++;
      await onDatabase(`CREATE SCHEMA ${schema()}`);
      await onDatabase(`CREATE TABLE ${schema()}.effects (number bigint GENERATED ALWAYS AS IDENTITY, name text NOT NULL)`);
      return another();
    },
    async effect(tx, name) {
      await tx.query("INSERT INTO effects (name) VALUES ($1)", [name]);
    },
    effects: async () => (await onDatabase(`SELECT name FROM ${schema()}.effects ORDER BY number`)).map(({ name }) => String(name)),
    async close() {
      const ending = pools;
      pools = [];
      await Promise.all(ending.map((pool) => pool.end()));
    },
    async drop() {
      await database?.drop();
      database = null;
    },
  };

  async function onDatabase(statement: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: database?.url });
    await client.connect();
    try {
      return (await client.query(statement)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  }
}
