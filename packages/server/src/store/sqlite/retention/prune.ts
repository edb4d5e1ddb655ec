import type { AccountPruneRequest, PruneRequest } from "../../store.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { SqlRow } from "../database/connection.ts";
import type { WorkScope } from "../database/scope.ts";
import { deleteEvents } from "./delete-events.ts";
import { sweepAttempts } from "./sweep-attempts.ts";

const OLD_EVENTS = `
  SELECT created, n FROM events INDEXED BY events_by_age
  WHERE (created, n) > (?, ?) AND created < ? ORDER BY created, n ${BOUND_LIMIT}`;
// A delivery is older than its unclean ends: its event is deleted, or will be once none of its deliveries are pending.
const ENDS = `DELETE FROM unclean_ends WHERE rowid IN (SELECT rowid FROM unclean_ends WHERE at < ? ${BOUND_LIMIT})`;
const ANSWERS = `
  DELETE FROM idempotent_answers WHERE rowid IN (
    SELECT rowid FROM idempotent_answers INDEXED BY idempotent_answers_by_age WHERE created < ? ORDER BY created ${BOUND_LIMIT}
  )`;

// They are nearly in the order of time: a row that is slightly out of order is deleted slightly later.
const oldest = (table: string, at: string) =>
  `DELETE FROM ${table} WHERE n IN (SELECT n FROM ${table} ORDER BY n ${BOUND_LIMIT}) AND ${at} < ?`;
const REQUESTS = oldest("requests", "coalesce(machine_at, at)");
const AUDIT = oldest("audit", "at");

const ERASED = `
  DELETE FROM erased_accounts WHERE account_id IN (
    SELECT account_id FROM erased_accounts INDEXED BY erased_accounts_by_age WHERE at < ? AND erasure IS NULL ORDER BY at ${BOUND_LIMIT}
  )`;

const OF_ACCOUNT = `
  SELECT created, n FROM events INDEXED BY events_listed
  WHERE account_id = ? AND livemode = ? AND n > ? ORDER BY n ${BOUND_LIMIT}`;

/** A position among events in the order of their times. */
export interface AgePosition {
  created: number;
  n: number;
}

/** Before all events. */
export const OLDEST: AgePosition = { created: Number.MIN_SAFE_INTEGER, n: 0 };

/** What one call deleted or skipped, and where the next call continues. */
export interface Pruned {
  rows: number;
  position: AgePosition;
}

/**
 * Deletes old events without pending deliveries and all that belongs to them, old attempts, answers, requests and
 * entries of the audit log: at most `limit` rows of each kind, so that it never blocks others for long. A larger event
 * takes several calls, and its own row is deleted last.
 *
 * It skips events with pending deliveries, which may be many, and continues from `position`, so that it examines each
 * of them once until it reaches the end. Then it starts again.
 */
export function prune(scope: WorkScope, request: PruneRequest, position: AgePosition): Pruned {
  const { limit } = request;
  const events = pruneEvents(scope, request, position);
  const answers = scope.run(ANSWERS, request.answersBefore, limit);
  const ends = scope.run(ENDS, request.eventsBefore, limit);
  const requests = scope.run(REQUESTS, limit, request.requestsBefore);
  const erased = scope.run(ERASED, Math.min(request.answersBefore, request.requestsBefore), limit);
  const audit = request.auditBefore === undefined ? 0 : scope.run(AUDIT, limit, request.auditBefore);
  const swept =
    sweepAttempts(scope, "attempts", request.attemptsBefore, limit) +
    sweepAttempts(scope, "attempt_bodies", request.attemptBodiesBefore, limit);
  return { ...events, rows: events.rows + answers + ends + requests + erased + audit + swept };
}

function pruneEvents(scope: WorkScope, { eventsBefore, limit }: PruneRequest, position: AgePosition): Pruned {
  const found = scope.all(OLD_EVENTS, position.created, position.n, eventsBefore, limit).map(agePosition);
  const { rows, passed, kept } = deleteEvents(scope, numbers(found), limit);
  // At the end nothing is left to skip: the call that finds nothing more to delete there says so.
  if (passed === found.length && found.length < limit) return { rows, position: rows === 0 ? OLDEST : (found.at(-1) ?? OLDEST) };
  return { rows: rows + kept, position: found[passed - 1] ?? position };
}

/** Deletes the old events of one account, from the oldest on. */
export function pruneAccount(
  scope: WorkScope,
  { accountId, livemode, before, after, limit }: AccountPruneRequest,
): { deleted: number; next: number | null } {
  const found = scope.all(OF_ACCOUNT, accountId, Number(livemode), after, limit).map(agePosition);
  const young = found.findIndex(({ created }) => created >= before);
  const old = young === -1 ? found : found.slice(0, young);
  const { rows, passed } = deleteEvents(scope, numbers(old), limit);
  const ended = passed === old.length && (young !== -1 || found.length < limit);
  return { deleted: rows, next: ended ? null : (old[passed - 1]?.n ?? after) };
}

const numbers = (events: readonly AgePosition[]): number[] => events.map(({ n }) => n);

function agePosition({ created, n }: SqlRow): AgePosition {
  return { created: created as number, n: n as number };
}
