import type { Arrival, Inbox, Stored } from "../inbox.ts";
import { adoptWork } from "../sqlite/adopt-work.ts";
import { type Claims, prepareClaims } from "../sqlite/claim-work.ts";
import { depthOf, findEvent, findEventsById, nextDueAt, replayDeadWork, replayWork, workRows } from "../sqlite/lookup.ts";
import { prune } from "../sqlite/prune.ts";
import { migrate } from "../sqlite/schema.ts";
import { prepareSettlements, type Settlements } from "../sqlite/settle-work.ts";
import type { SqlDatabase } from "../sqlite/sql-database.ts";
import { type Arrivals, prepareArrivals } from "../sqlite/store-arrival.ts";
import { discardWork, retryWork } from "../sqlite/work-of-event.ts";
import { type DurableObjectTransaction, durableObjectAttempt } from "./durable-object-attempt.ts";
import type { DurableSql, DurableStorage } from "./storage.ts";
import { available, storageDatabase } from "./storage-database.ts";

export type { DurableObjectTransaction } from "./durable-object-attempt.ts";
export type { DurableSql, DurableStorage } from "./storage.ts";

interface Opened {
  db: SqlDatabase;
  claims: Claims;
  arrivals: Arrivals;
  settlements: Settlements;
}

/**
 * An inbox in the storage of a Durable Object on Cloudflare Workers. The receiver runs inside the object, and its
 * tables, `carabiner_…`, are next to the object's own.
 *
 * `storage`: `ctx.storage` of an object whose class is in `new_sqlite_classes`. `tx.write((sql) => …)` commits together
 * with the note that the event is handled. Stored events are durable before an answer leaves: the platform holds
 * answers back until then.
 */
export function durableObjectInbox<Sql extends DurableSql>(storage: DurableStorage<Sql>): Inbox<DurableObjectTransaction<Sql>> {
  let opened: Opened | null = null;

  function transaction<T>(work: () => T): T {
    return available(() => storage.transactionSync(work));
  }

  function open(): Opened {
    if (opened === null) {
      const db = storageDatabase(storage.sql);
      transaction(() => migrate(db));
      const claims = prepareClaims(db);
      opened = { db, claims, arrivals: prepareArrivals(db, claims), settlements: prepareSettlements(db) };
    }
    return opened;
  }

  async function change<T>(work: (opened: Opened) => T): Promise<T> {
    const on = open();
    return transaction(() => work(on));
  }

  async function read<T>(work: (db: SqlDatabase) => T): Promise<T> {
    return work(open().db);
  }

  async function store(arrival: Arrival, retryDuplicate: boolean): Promise<Stored> {
    const { arrivals } = open();
    try {
      return transaction(() => {
        const stored = arrivals.store(arrival, retryDuplicate);
        if (stored.outcome === "tied") throw new Tied();
        return stored;
      });
    } catch (error) {
      if (error instanceof Tied) return { outcome: "tied" };
      throw error;
    }
  }

  return {
    kind: "Durable Object",
    durable: true,
    most: null,
    async prepare() {
      open();
    },
    time: async () => null,
    store: (arrival, { retryDuplicate } = { retryDuplicate: false }) => store(arrival, retryDuplicate),
    claim: (request) => change(({ claims }) => claims.claim(request)),
    async begin(claim) {
      const { settlements } = open();
      if (!settlements.holds(claim)) return null;
      return durableObjectAttempt({
        sql: storage.sql,
        transaction,
        holds: () => settlements.holds(claim),
        settle: (settlement) => settlements.settle(claim, settlement),
        note: settlements.note,
        setNote: settlements.setNote,
      });
    },
    renew: (claim, leaseUntil) => change(({ settlements }) => settlements.renew(claim, leaseUntil)),
    settle: (claim, settlement) => change(({ settlements }) => settlements.settle(claim, settlement)),
    release: (claims) =>
      change(({ settlements }) => {
        for (const claim of claims) settlements.release(claim);
      }),
    nextDueAt: (handlers, now) => read((db) => nextDueAt(db, handlers, now)),
    event: (key) => read((db) => findEvent(db, key)),
    eventsById: (id) => read((db) => findEventsById(db, id)),
    work: (filter) => read((db) => workRows(db, filter)),
    replay: (key, work) => change(({ db, arrivals }) => replayWork(db, arrivals, key, work)),
    replayDead: (request) => change(({ db }) => replayDeadWork(db, request)),
    retry: (which, now) => change(({ db }) => retryWork(db, which, now)),
    discard: (which, now) => change(({ db }) => discardWork(db, which, now)),
    adopt: (request) => change(({ db }) => adoptWork(db, request)),
    prune: (request) => change(({ db }) => prune(db, request)),
    authorize: (key, at, insists = false) => change(({ arrivals }) => arrivals.authorize(key, at, insists)),
    depth: (request) => read((db) => depthOf(db, request)),
    async close() {
      // The object owns the storage.
    },
  };
}

/** Rolls back a transaction whose result is undecided. */
class Tied extends Error {}
