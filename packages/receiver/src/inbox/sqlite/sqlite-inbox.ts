import { existsSync } from "node:fs";
import { type DatabaseSync, DatabaseSync as Sqlite } from "node:sqlite";
import { systemClock } from "../../system-clock.ts";
import { type Arrival, type DecideTie, type Inbox, InboxUnavailable, type Stored, type WorkFilter } from "../inbox.ts";
import { adoptWork } from "./adopt-work.ts";
import { createAttempts } from "./attempts.ts";
import { type Claims, prepareClaims } from "./claim-work.ts";
import { FileInPlace } from "./file-in-place.ts";
import { type Change, groupWriter } from "./group-writer.ts";
import { depthOf, findEvent, findEventsById, nextDueAt, replayDeadWork, replayWork, workRows } from "./lookup.ts";
import { prune } from "./prune.ts";
import { migrate, requireVersion } from "./schema.ts";
import { prepareSettlements, type Settlements } from "./settle-work.ts";
import { createSpool } from "./spool.ts";
import { type Arrivals, prepareArrivals } from "./store-arrival.ts";
import { discardWork, retryWork } from "./work-of-event.ts";
import { available, openConnection } from "./writer.ts";

/** How long an arrival waits for SQLite's write lock before it is kept beside the file. */
const SPOOL_AFTER_MS = 250;
/** The suffix of the file for such arrivals, after the inbox's name. */
const SPOOL_SUFFIX = "-carabiner-spool";

export interface SqliteInboxOptions {
  /**
   * Whether to create and update the tables. Default: true. With false it changes nothing, and throws if the tables are
   * not of this version.
   */
  migrate?: boolean;
}

interface Opened {
  db: DatabaseSync;
  claims: Claims;
  arrivals: Arrivals;
  settlements: Settlements;
  change: Change;
}

/**
 * An inbox in an SQLite file, which several processes of one machine may share. It uses `node:sqlite`, so nothing needs
 * to be installed.
 *
 * `file`: the file with your own tables, as a path or as the database you have opened. The inbox opens it again for
 * itself, so that a transaction never includes your statements. `tx` is a `DatabaseSync` of the inbox. SQLite has one
 * writer: a handler takes the lock with its first use of `tx` and holds it until it returns. A handler that finds the
 * lock taken is called again once it is free. Handlers that return in the same turn of the event loop in which they
 * read `tx` get the lock before their next call, and share a commit. Handlers that do not use `tx` run concurrently.
 * Arrivals while the lock is held for long go into a second file, `…-carabiner-spool`. Both files are switched to WAL
 * mode.
 *
 * Throws an Error for a database in memory: another connection cannot see it.
 */
export function sqliteInbox(file: string | DatabaseSync, { migrate: migrates = true }: SqliteInboxOptions = {}): Inbox<DatabaseSync> {
  const path = typeof file === "string" ? file : file.location();
  if (path === null || path === "" || path === ":memory:") {
    throw new Error("sqliteInbox needs a file: a database in memory belongs to one connection alone. Use memoryInbox() to try things out.");
  }
  const location: string = path;
  let opened: Opened | null = null;
  let decideTie: DecideTie | undefined;
  const inPlace = new FileInPlace(location);
  const attempts = createAttempts(location, inPlace);
  const spool = createSpool(location + SPOOL_SUFFIX);

  function open(): Opened {
    if (opened === null) {
      if (!migrates) mustBeInbox();
      const db = openConnection(location);
      try {
        // The second process finds the tables created.
        available(() => db.exec("BEGIN IMMEDIATE"));
        if (migrates) migrate(db);
        db.exec("COMMIT");
        inPlace.remember();
        const claims = prepareClaims(db);
        opened = {
          db,
          claims,
          arrivals: prepareArrivals(db, claims),
          settlements: prepareSettlements(db),
          change: groupWriter({ db, inPlace }, attempts.released),
        };
      } catch (error) {
        db.close();
        throw error;
      }
    }
    return opened;
  }

  /** Looks without changing anything: opening the file for writing would create it, or switch it to WAL mode. */
  function mustBeInbox(): void {
    const db = available(() => new Sqlite(location, { readOnly: true }));
    try {
      requireVersion(db);
    } finally {
      db.close();
    }
  }

  /** Runs `work` in a transaction, which is rolled back if it throws. */
  async function change<T>(work: (opened: Opened) => T, keep?: (result: T) => boolean): Promise<T> {
    const on = open();
    return on.change(() => work(on), keep);
  }

  async function read<T>(work: (db: DatabaseSync) => T): Promise<T> {
    const { db } = open();
    return available(() => work(db));
  }

  type Written = Exclude<Stored, { outcome: "spooled" }>;

  function write(arrival: Arrival, retryDuplicate: boolean): Promise<Written> {
    return change(
      ({ arrivals }) => arrivals.store(arrival, retryDuplicate) as Written,
      ({ outcome }) => outcome !== "tied",
    );
  }

  /** Stores an arrival, or keeps it beside the file if the lock does not become free soon. */
  async function store(arrival: Arrival, retryDuplicate: boolean): Promise<Stored> {
    const written = write(arrival, retryDuplicate);
    const over = new AbortController();
    const waited = systemClock.sleep(SPOOL_AFTER_MS, over.signal).then(() => null);
    const stored = await Promise.race([written, waited]).finally(() => over.abort("stored"));
    if (stored !== null) return stored;
    const number = spool.keep(arrival);
    const later = written.then((outcome) => {
      // It has the same second as the opposite change, so it stays here until that is decided.
      if (outcome.outcome !== "tied") spool.remove(number);
      return outcome;
    });
    later.catch(() => undefined);
    return { outcome: "spooled", later };
  }

  /** Takes in the arrivals that ended processes left beside the file. A tie stays there until it is decided. */
  async function takeInSpooled(decide: DecideTie | undefined): Promise<void> {
    if (!existsSync(location + SPOOL_SUFFIX)) return;
    for (const { number, arrival } of spool.left()) {
      const stored = await write(arrival, false);
      if (stored.outcome !== "tied" || (await tookInTie(arrival, decide))) spool.remove(number);
    }
  }

  /** Returns false when nobody can decide it now. */
  async function tookInTie(arrival: Arrival, decide: DecideTie | undefined): Promise<boolean> {
    if (decide === undefined) return false;
    let tieGoesTo: Arrival["tieGoesTo"];
    try {
      tieGoesTo = await decide(arrival);
    } catch (error) {
      if (error instanceof InboxUnavailable) return false;
      throw error;
    }
    await write({ ...arrival, tieGoesTo }, false);
    return true;
  }

  return {
    kind: "SQLite",
    durable: true,
    most: null,
    async prepare(decide) {
      open();
      decideTie = decide;
      // Otherwise the first events would wait for that decision.
      await takeInSpooled(undefined);
    },
    time: async () => null,
    store: (arrival, { retryDuplicate } = { retryDuplicate: false }) => store(arrival, retryDuplicate),
    claim: (request) => change(({ claims }) => claims.claim(request)),
    begin: (claim, holding = false) =>
      attempts.begin(claim, holding, {
        holds: () => available(() => open().settlements.holds(claim)),
        settle: (settlement) => change(({ settlements }) => settlements.settle(claim, settlement)),
      }),
    renew: (claim, leaseUntil) => change(({ settlements }) => settlements.renew(claim, leaseUntil)),
    settle: (claim, settlement) => change(({ settlements }) => settlements.settle(claim, settlement)),
    async release(claims) {
      if (claims.length === 0) return;
      await change(({ settlements }) => {
        for (const claim of claims) settlements.release(claim);
      });
    },
    nextDueAt: (handlers, now) => read((db) => nextDueAt(db, handlers, now)),
    event: (key) => read((db) => findEvent(db, key)),
    eventsById: (id) => read((db) => findEventsById(db, id)),
    work: (filter: WorkFilter) => read((db) => workRows(db, filter)),
    replay: (key, work) => change(({ db, arrivals }) => replayWork(db, arrivals, key, work)),
    replayDead: (request) => change(({ db }) => replayDeadWork(db, request)),
    retry: (which, now) => change(({ db }) => retryWork(db, which, now)),
    discard: (which, now) => change(({ db }) => discardWork(db, which, now)),
    adopt: (request) => change(({ db }) => adoptWork(db, request)),
    async prune(request) {
      await takeInSpooled(decideTie);
      return change(({ db }) => prune(db, request));
    },
    authorize: (key, at, insists = false) => change(({ arrivals }) => arrivals.authorize(key, at, insists)),
    depth: (request) => read((db) => depthOf(db, request)),
    async close() {
      attempts.close();
      spool.close();
      opened?.db.close();
      opened = null;
    },
  };
}
