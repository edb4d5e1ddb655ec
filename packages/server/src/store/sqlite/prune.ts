import type { AccountPruneRequest, PruneRequest } from "../store.ts";
import { BOUND_LIMIT } from "./bound-limit.ts";
import { allWithin } from "./delivery-number.ts";
import type { WorkScope } from "./scope.ts";
import { sweepAttempts } from "./sweep-attempts.ts";

const OLD_EVENTS = `
  SELECT n FROM events INDEXED BY events_by_age
  WHERE created < ? AND NOT EXISTS (SELECT 1 FROM deliveries d INDEXED BY deliveries_of_event WHERE d.event = events.n AND d.state = 0)
  ORDER BY created ${BOUND_LIMIT}`;
const ATTEMPTS = `DELETE FROM attempts WHERE key IN (SELECT key FROM attempts WHERE key BETWEEN ? AND ? ${BOUND_LIMIT})`;
// A delivery is older than its ends: its event is deleted, or will be once none of its deliveries are pending.
const ENDS = `DELETE FROM unclean_ends WHERE rowid IN (SELECT rowid FROM unclean_ends WHERE at < ? ${BOUND_LIMIT})`;
const ANSWERS = `
  DELETE FROM idempotent_answers WHERE rowid IN (
    SELECT rowid FROM idempotent_answers INDEXED BY idempotent_answers_by_age WHERE created < ? ORDER BY created ${BOUND_LIMIT}
  )`;

// They are nearly in order of time: one slightly out of order is deleted slightly later.
const REQUESTS = `DELETE FROM requests WHERE n IN (SELECT n FROM requests ORDER BY n ${BOUND_LIMIT}) AND at < ?`;

const AUDIT = REQUESTS.replaceAll("requests", "audit");

const OF_ACCOUNT = `
  SELECT n, created, EXISTS (SELECT 1 FROM deliveries d INDEXED BY deliveries_of_event WHERE d.event = events.n AND d.state = 0) AS pending
  FROM events INDEXED BY events_listed WHERE account_id = ? AND livemode = ? AND n > ? ORDER BY n ${BOUND_LIMIT}`;

/**
 * Deletes old events without pending deliveries and all that belongs to them, old attempts, answers, requests and
 * entries of the audit log: at most `limit` rows of each kind, so that it never blocks others for long. A larger event
 * takes several calls, and its own row is last.
 */
export function prune(scope: WorkScope, request: PruneRequest): number {
  const { limit } = request;
  const pruner = new EventPruner(scope, limit);
  for (const { n } of scope.all(OLD_EVENTS, request.eventsBefore, limit)) if (!pruner.prune(n as number)) break;
  const answers = scope.run(ANSWERS, request.answersBefore, limit);
  const ends = scope.run(ENDS, request.eventsBefore, limit);
  const requests = scope.run(REQUESTS, limit, request.requestsBefore);
  const audit = request.auditBefore === undefined ? 0 : scope.run(AUDIT, limit, request.auditBefore);
  const swept =
    sweepAttempts(scope, "attempts", request.attemptsBefore, limit) +
    sweepAttempts(scope, "attempt_bodies", request.attemptBodiesBefore, limit);
  return pruner.deleted + answers + ends + requests + audit + swept;
}

/** Deletes the old events of one account, from the oldest on. */
export function pruneAccount(
  scope: WorkScope,
  { accountId, livemode, before, after, limit }: AccountPruneRequest,
): { deleted: number; next: number | null } {
  const pruner = new EventPruner(scope, limit);
  let next = after;
  const rows = scope.all(OF_ACCOUNT, accountId, Number(livemode), after, limit);
  for (const { n, created, pending } of rows) {
    if ((created as number) >= before) return { deleted: pruner.deleted, next: null };
    if (pending === 0 && !pruner.prune(n as number)) return { deleted: pruner.deleted, next };
    next = n as number;
  }
  return { deleted: pruner.deleted, next: rows.length < limit ? null : next };
}

/** Deletes events with all that belongs to them, at most `limit` deliveries and about as many attempts. */
class EventPruner {
  /** Rows of all kinds. */
  deleted = 0;
  readonly #scope: WorkScope;
  readonly #limit: number;
  #deliveries = 0;
  #attempts = 0;

  constructor(scope: WorkScope, limit: number) {
    this.#scope = scope;
    this.#limit = limit;
  }

  /** Returns whether the event is gone; if not, the limit is reached. */
  prune(event: number): boolean {
    if (!this.#pruneDeliveries(event)) return false;
    this.deleted += this.#scope.run("DELETE FROM event_variants WHERE event = ?", event);
    this.#scope.run("DELETE FROM late_events WHERE n = ?", event);
    this.deleted += this.#scope.run("DELETE FROM events WHERE n = ?", event);
    return true;
  }

  /** Returns whether all of an event's deliveries are gone. */
  #pruneDeliveries(event: number): boolean {
    const [scope, limit] = [this.#scope, this.#limit];
    for (const { n } of scope.all(`SELECT n FROM deliveries WHERE event = ? ${BOUND_LIMIT}`, event, limit - this.#deliveries + 1)) {
      if (this.#deliveries === limit) return false;
      const keys = allWithin(n as number);
      const attempts = scope.run(ATTEMPTS, ...keys, limit - this.#attempts);
      this.#attempts += attempts;
      this.deleted += attempts;
      if (scope.get("SELECT 1 FROM attempts WHERE key BETWEEN ? AND ? LIMIT 1", ...keys) !== undefined) return false;
      this.#deliveries++;
      this.deleted += scope.run("DELETE FROM deliveries WHERE n = ?", n as number);
    }
    return true;
  }
}
