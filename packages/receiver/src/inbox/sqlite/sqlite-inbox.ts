import type { DatabaseSync } from "node:sqlite";
import type { EventKey, Inbox, WorkFilter } from "../inbox.ts";
import { createAttempts } from "./attempts.ts";
import { type Change, groupWriter } from "./group-writer.ts";
import { depthOf, pruneEvents, replayDeadWork, replayWork, workRows } from "./lookup.ts";
import { migrate } from "./schema.ts";
import { eventOf, prepareStatements, type Statements } from "./statements.ts";
import { available, openConnection } from "./writer.ts";

interface Opened {
  db: DatabaseSync;
  statements: Statements;
  change: Change;
}

/**
 * An inbox in an SQLite file, which several processes of one machine may share; with `node:sqlite`, so nothing needs to be installed.
 *
 * `file`: the file your own tables are in, by its path, or as the database you have opened: the inbox opens it again for itself, so that a
 * transaction never catches statements of yours. `tx` is a `DatabaseSync` of the inbox; SQLite has one writer, so the handlers of one
 * process run one after another, and each holds the lock from its first use of `tx` until it returns. The file is put into WAL mode.
 *
 * Throws an Error for a database in memory: another connection cannot see it.
 */
export function sqliteInbox(file: string | DatabaseSync): Inbox<DatabaseSync> {
  const path = typeof file === "string" ? file : file.location();
  if (path === null || path === "" || path === ":memory:") {
    throw new Error("sqliteInbox needs a file: a database in memory belongs to one connection alone. Use memoryInbox() to try things out.");
  }
  const location: string = path;
  let opened: Opened | null = null;
  const attempts = createAttempts(path);

  function open(): Opened {
    if (opened === null) {
      const db = openConnection(location);
      try {
        // A process that comes second finds the tables made.
        available(() => db.exec("BEGIN IMMEDIATE"));
        migrate(db);
        db.exec("COMMIT");
        opened = { db, statements: prepareStatements(db), change: groupWriter(db, attempts.released) };
      } catch (error) {
        db.close();
        throw error;
      }
    }
    return opened;
  }

  /** Runs `work` in a transaction; what it throws undoes it. */
  async function change<T>(work: (opened: Opened) => T, keep?: (result: T) => boolean): Promise<T> {
    const on = open();
    return on.change(() => work(on), keep);
  }

  async function read<T>(work: (db: DatabaseSync) => T): Promise<T> {
    const { db } = open();
    return available(() => work(db));
  }

  return {
    kind: "SQLite",
    durable: true,
    triesAtOnce: 1,
    async prepare() {
      open();
    },
    store: (arrival, { retryDuplicate } = { retryDuplicate: false }) =>
      change(
        ({ statements }) => statements.store(arrival, retryDuplicate),
        ({ outcome }) => outcome !== "tied",
      ),
    claim: (request) => change(({ statements }) => statements.claim({ ...request, event: null })),
    begin: (claim) =>
      attempts.begin(claim, {
        holds: () => available(() => open().statements.holds(claim)),
        settle: (settlement) => change(({ statements }) => statements.settle(claim, settlement)),
      }),
    renew: (claim, leaseUntil) => change(({ statements }) => statements.renew(claim, leaseUntil)),
    settle: (claim, settlement) => change(({ statements }) => statements.settle(claim, settlement)),
    async release(claims) {
      if (claims.length === 0) return;
      await change(({ statements }) => {
        for (const claim of claims) statements.release(claim);
      });
    },
    nextDueAt: (handlers) =>
      read((db) => {
        const row = db
          .prepare(
            "SELECT min(max(due_at, lease_until)) AS next FROM carabiner_work WHERE state = 'pending' AND handler IN (SELECT value FROM json_each(?))",
          )
          .get(JSON.stringify(handlers));
        return row?.next === null || row === undefined ? null : Number(row.next);
      }),
    event: ({ source, livemode, account, id }: EventKey) =>
      read((db) => {
        const row = db
          .prepare("SELECT * FROM carabiner_events WHERE source = ? AND livemode = ? AND account = ? AND id = ?")
          .get(source, Number(livemode), account ?? "", id);
        return row === undefined ? null : eventOf(row);
      }),
    eventsById: (id) => read((db) => db.prepare("SELECT * FROM carabiner_events WHERE id = ? ORDER BY number").all(id).map(eventOf)),
    work: (filter: WorkFilter) => read((db) => workRows(db, filter)),
    replay: (key, work) => change(({ db, statements }) => replayWork(db, statements, key, work)),
    replayDead: (request) => change(({ db }) => replayDeadWork(db, request)),
    prune: (request) => change(({ db }) => pruneEvents(db, request)),
    authorize: (key, at) => change(({ statements }) => statements.authorize(key, at)),
    depth: () => read(depthOf),
    async close() {
      attempts.close();
      opened?.db.close();
      opened = null;
    },
  };
}
