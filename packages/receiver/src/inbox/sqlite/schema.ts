import { otherVersion } from "../other-version.ts";
import type { SqlDatabase } from "./sql-database.ts";

/**
 * Each entry takes the tables from one version to the next. Released entries never change. A missing account is '', so
 * that it can be part of a key.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE carabiner_events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    livemode INTEGER NOT NULL,
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    object_id TEXT NOT NULL,
    created INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    api_version TEXT,
    body BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    tells_connection INTEGER NOT NULL,
    UNIQUE (source, livemode, account, id)
  ) STRICT;
  CREATE INDEX carabiner_events_id ON carabiner_events (id);
  CREATE INDEX carabiner_events_received ON carabiner_events (received_at);
  CREATE TABLE carabiner_work (
    event INTEGER NOT NULL,
    handler TEXT NOT NULL,
    sequence TEXT NOT NULL,
    order_key TEXT NOT NULL,
    created INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL DEFAULT 0,
    fence INTEGER NOT NULL DEFAULT 0,
    forced INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    settled_at INTEGER,
    PRIMARY KEY (event, handler)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX carabiner_work_due ON carabiner_work (due_at) WHERE state = 'pending';
  CREATE INDEX carabiner_work_object ON carabiner_work (handler, order_key) WHERE state = 'pending';
  CREATE INDEX carabiner_work_held ON carabiner_work (state) WHERE state IN ('dead', 'quarantined');
  CREATE TABLE carabiner_accounts (
    source TEXT NOT NULL,
    livemode INTEGER NOT NULL,
    account TEXT NOT NULL,
    status TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (source, livemode, account)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE carabiner_marks (
    handler TEXT NOT NULL,
    order_key TEXT NOT NULL,
    created INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    PRIMARY KEY (handler, order_key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE carabiner_notes (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // The indexes hold each handler's due work in order, so that a claim reads only what it takes. They also hold work
  // that waits for each other, by object. The table holds the bytes that came to a further endpoint.
  `
  DROP INDEX carabiner_work_due;
  DROP INDEX carabiner_work_object;
  DROP INDEX carabiner_work_held;
  ALTER TABLE carabiner_work ADD COLUMN endpoint TEXT NOT NULL DEFAULT '';
  CREATE INDEX carabiner_work_ready ON carabiner_work (handler, due_at, created, rank, event) WHERE state = 'pending';
  CREATE INDEX carabiner_work_object ON carabiner_work (handler, order_key, created, rank, event) WHERE state = 'pending' AND sequence <> 'any';
  CREATE INDEX carabiner_work_leased ON carabiner_work (handler, order_key, lease_until)
    WHERE state = 'pending' AND sequence <> 'any' AND lease_until > 0;
  CREATE INDEX carabiner_work_dead ON carabiner_work (handler, settled_at, event) WHERE state = 'dead';
  CREATE INDEX carabiner_work_quarantined ON carabiner_work (handler, event) WHERE state = 'quarantined';
  CREATE INDEX carabiner_marks_created ON carabiner_marks (created);
  CREATE TABLE carabiner_copies (
    event INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    api_version TEXT,
    body BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (event, endpoint)
  ) STRICT, WITHOUT ROWID;
  `,
];

/** Throws an Error when the tables are missing, or not of the version that this program knows. */
export function requireVersion(db: SqlDatabase): void {
  const found = db.prepare("SELECT 1 AS found FROM sqlite_schema WHERE type = 'table' AND name = 'carabiner_inbox'").get();
  if (found === undefined) throw new Error("There is no inbox: the table carabiner_inbox is missing.");
  const version = Number(db.prepare("SELECT version FROM carabiner_inbox").get()?.version ?? 0);
  if (version !== MIGRATIONS.length) throw new Error(otherVersion(version, MIGRATIONS.length));
}

/**
 * Brings the tables up to date, within a transaction. Throws an Error when they are of a newer version. `to` is the
 * version to bring them to.
 */
export function migrate(db: SqlDatabase, to: number = MIGRATIONS.length): void {
  db.exec("CREATE TABLE IF NOT EXISTS carabiner_inbox (version INTEGER NOT NULL) STRICT");
  const version = Number(db.prepare("SELECT version FROM carabiner_inbox").get()?.version ?? 0);
  if (version > MIGRATIONS.length) {
    throw new Error(otherVersion(version, MIGRATIONS.length));
  }
  if (version >= to) return;
  for (const statements of MIGRATIONS.slice(version, to)) db.exec(statements);
  db.exec("DELETE FROM carabiner_inbox");
  db.prepare("INSERT INTO carabiner_inbox (version) VALUES (?)").run(to);
}
