import type { PruneRequest } from "../store.ts";
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

/**
 * Deletes old events without pending deliveries and all that belongs to them, old attempts, answers, requests and
 * entries of the audit log: at most `limit` rows of each kind, so that it never blocks others for long. A larger event takes several calls, and its own
 * row is last.
 */
export function prune(scope: WorkScope, request: PruneRequest): number {
  const { limit } = request;
  let events = 0;
  let variants = 0;
  let deliveries = 0;
  let attempts = 0;
  for (const { n } of scope.all(OLD_EVENTS, request.eventsBefore, limit)) {
    if (!pruneDeliveries(n as number)) break;
    variants += scope.run("DELETE FROM event_variants WHERE event = ?", n as number);
    events += scope.run("DELETE FROM events WHERE n = ?", n as number);
  }
  const answers = scope.run(ANSWERS, request.answersBefore, limit);
  const ends = scope.run(ENDS, request.eventsBefore, limit);
  const requests = scope.run(REQUESTS, limit, request.requestsBefore);
  const audit = request.auditBefore === undefined ? 0 : scope.run(AUDIT, limit, request.auditBefore);
  const swept =
    sweepAttempts(scope, "attempts", request.attemptsBefore, limit) +
    sweepAttempts(scope, "attempt_bodies", request.attemptBodiesBefore, limit);
  return events + variants + deliveries + attempts + answers + ends + requests + audit + swept;

  /** Returns whether all of an event's deliveries are gone. */
  function pruneDeliveries(event: number): boolean {
    for (const { n } of scope.all(`SELECT n FROM deliveries WHERE event = ? ${BOUND_LIMIT}`, event, limit - deliveries + 1)) {
      if (deliveries === limit) return false;
      const keys = allWithin(n as number);
      attempts += scope.run(ATTEMPTS, ...keys, limit - attempts);
      if (scope.get("SELECT 1 FROM attempts WHERE key BETWEEN ? AND ? LIMIT 1", ...keys) !== undefined) return false;
      deliveries += scope.run("DELETE FROM deliveries WHERE n = ?", n as number);
    }
    return true;
  }
}
