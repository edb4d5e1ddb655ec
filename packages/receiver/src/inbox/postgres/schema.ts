import { otherVersion } from "../other-version.ts";
import type { Queryable } from "./transaction.ts";

/** Serialises processes that create the tables at the same time. Any number that others are unlikely to lock. */
const MIGRATION_LOCK = 7_130_519_277;

/** The names of the tables, in their schema. */
export interface Tables {
  /** A name in the tables' schema. */
  inSchema(name: string): string;
  inbox: string;
  events: string;
  work: string;
  accounts: string;
  marks: string;
  notes: string;
  copies: string;
}

/** The tables' names in SQL. `schema`: null for the first of the connection's search path. */
export function tablesIn(schema: string | null): Tables {
  const named = (name: string): string => (schema === null ? name : `"${schema.replaceAll('"', '""')}".${name}`);
  return {
    inSchema: named,
    inbox: named("carabiner_inbox"),
    events: named("carabiner_events"),
    work: named("carabiner_work"),
    accounts: named("carabiner_accounts"),
    marks: named("carabiner_marks"),
    notes: named("carabiner_notes"),
    copies: named("carabiner_copies"),
  };
}

/**
 * Each entry takes the tables from one version to the next. Released entries never change. A missing account is '', so
 * that it can be part of a key.
 */
const MIGRATIONS: readonly ((tables: Tables) => string)[] = [
  ({ events, work, accounts, marks, notes }) => `
  CREATE TABLE ${events} (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    livemode boolean NOT NULL,
    account text NOT NULL,
    id text NOT NULL,
    type text NOT NULL,
    object_id text NOT NULL,
    created bigint NOT NULL,
    rank smallint NOT NULL,
    endpoint text NOT NULL,
    api_version text,
    body bytea NOT NULL,
    received_at bigint NOT NULL,
    tells_connection boolean NOT NULL,
    UNIQUE (source, livemode, account, id)
  );
  CREATE INDEX carabiner_events_id ON ${events} (id);
  CREATE INDEX carabiner_events_received ON ${events} (received_at);
  CREATE TABLE ${work} (
    event bigint NOT NULL,
    handler text NOT NULL,
    sequence text NOT NULL,
    order_key text NOT NULL,
    created bigint NOT NULL,
    rank smallint NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    due_at bigint NOT NULL,
    lease_until bigint NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    forced boolean NOT NULL DEFAULT false,
    error text,
    settled_at bigint,
    PRIMARY KEY (event, handler)
  );
  CREATE INDEX carabiner_work_due ON ${work} (due_at) WHERE state = 'pending';
  CREATE INDEX carabiner_work_object ON ${work} (handler, order_key) WHERE state = 'pending';
  CREATE INDEX carabiner_work_held ON ${work} (state) WHERE state IN ('dead', 'quarantined');
  CREATE TABLE ${accounts} (
    source text NOT NULL,
    livemode boolean NOT NULL,
    account text NOT NULL,
    status text NOT NULL,
    since bigint NOT NULL,
    PRIMARY KEY (source, livemode, account)
  );
  CREATE TABLE ${marks} (
    handler text NOT NULL,
    order_key text NOT NULL,
    created bigint NOT NULL,
    ended boolean NOT NULL,
    PRIMARY KEY (handler, order_key)
  );
  CREATE TABLE ${notes} (key text PRIMARY KEY, value text NOT NULL);`,
  // The indexes hold each handler's due work in order, so that a claim reads only what it takes, whatever the planner
  // knows. They also hold work that waits for each other, by object. The table holds the bytes that came to a further
  // endpoint.
  ({ work, marks, copies, inSchema }) => `
  DROP INDEX ${inSchema("carabiner_work_due")}, ${inSchema("carabiner_work_object")}, ${inSchema("carabiner_work_held")};
  ALTER TABLE ${work} ADD COLUMN endpoint text NOT NULL DEFAULT '';
  CREATE INDEX carabiner_work_ready ON ${work} (handler, due_at, created, rank, event) WHERE state = 'pending' AND sequence = 'any';
  CREATE INDEX carabiner_work_ordered ON ${work} (handler, due_at, created, rank, event) WHERE state = 'pending' AND sequence <> 'any';
  CREATE INDEX carabiner_work_object ON ${work} (handler, order_key, created, rank, event) WHERE state = 'pending' AND sequence <> 'any';
  CREATE INDEX carabiner_work_leased ON ${work} (handler, order_key, lease_until)
    WHERE state = 'pending' AND sequence <> 'any' AND lease_until > 0;
  CREATE INDEX carabiner_work_dead ON ${work} (handler, settled_at, event) WHERE state = 'dead';
  CREATE INDEX carabiner_work_quarantined ON ${work} (handler, event) WHERE state = 'quarantined';
  CREATE INDEX carabiner_marks_created ON ${marks} (created);
  CREATE TABLE ${copies} (
    event bigint NOT NULL,
    endpoint text NOT NULL,
    api_version text,
    body bytea NOT NULL,
    received_at bigint NOT NULL,
    PRIMARY KEY (event, endpoint)
  );`,
];

/** The conditions of the partial indexes with work that is not settled for good. */
export const HELD = [
  "state = 'pending' AND sequence = 'any'",
  "state = 'pending' AND sequence <> 'any'",
  "state = 'dead'",
  "state = 'quarantined'",
];

/** Throws an Error when the tables are missing, or not of the version that this program knows. */
export async function requireVersion(client: Queryable, tables: Tables): Promise<void> {
  const { rows: found } = await client.query<{ found: string | null }>("SELECT to_regclass($1) AS found", [tables.inbox]);
  if (found[0]?.found === null) throw new Error("There is no inbox: the table carabiner_inbox is missing.");
  const { rows } = await client.query<{ version: number }>(`SELECT version FROM ${tables.inbox}`);
  const version = rows[0]?.version ?? 0;
  if (version !== MIGRATIONS.length) throw new Error(otherVersion(version, MIGRATIONS.length));
}

/**
 * Brings the tables up to date, within a transaction. Throws an Error when they are of a newer version. `to` is the
 * version to bring them to.
 */
export async function migrate(client: Queryable, tables: Tables, to: number = MIGRATIONS.length): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
  await client.query(`CREATE TABLE IF NOT EXISTS ${tables.inbox} (version integer NOT NULL)`);
  const { rows } = await client.query<{ version: number }>(`SELECT version FROM ${tables.inbox}`);
  const version = rows[0]?.version ?? 0;
  if (version > MIGRATIONS.length) {
    throw new Error(otherVersion(version, MIGRATIONS.length));
  }
  if (version >= to) return;
  for (const statements of MIGRATIONS.slice(version, to)) await client.query(statements(tables));
  await client.query(`DELETE FROM ${tables.inbox}`);
  await client.query(`INSERT INTO ${tables.inbox} (version) VALUES ($1)`, [to]);
}
