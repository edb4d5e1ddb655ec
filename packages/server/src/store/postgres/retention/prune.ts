import type { PruneRequest } from "../../store.ts";
import { BEGIN, type Transactions } from "../transactions/transactions.ts";
import { keepPartitions, type PartitionRequest } from "./keep-partitions.ts";
import { sweepAttempts } from "./sweep-attempts.ts";

const ANSWERS = `
  DELETE FROM idempotent_answers WHERE (scope, key) IN (
    SELECT scope, key FROM idempotent_answers WHERE created < $1 ORDER BY created LIMIT $2
  )`;

// A delivery is older than its unclean ends. Its partition may be kept for longer than its event must be.
const ENDS = "DELETE FROM unclean_ends WHERE n IN (SELECT n FROM unclean_ends WHERE at < $1 ORDER BY at LIMIT $2)";

// They are nearly in the order of time: a row that is slightly out of order is deleted slightly later.
const oldest = (table: string, at: string) => `DELETE FROM ${table} WHERE n IN (SELECT n FROM ${table} ORDER BY n LIMIT $2) AND ${at} < $1`;
const REQUESTS = oldest("requests", "coalesce(machine_at, at)");
const AUDIT = oldest("audit", "at");

const ERASED = `
  DELETE FROM erased_accounts WHERE account_id IN (
    SELECT account_id FROM erased_accounts WHERE at < $1 AND erasure IS NULL ORDER BY at LIMIT $2
  )`;

/**
 * Deletes old answers, requests, attempts and entries of the audit log, at most `limit` of each, and old partitions of
 * events, the ids of at most `limit` events at a time. So it never blocks others for long. It also takes the options of
 * `keepPartitions`.
 */
export async function prune(transactions: Transactions, request: PruneRequest & PartitionRequest): Promise<number> {
  const { limit, answersBefore, eventsBefore, requestsBefore, auditBefore, attemptsBefore, attemptBodiesBefore, partitionMs } = request;
  const deleted = (sql: string, before: number) => transactions.run(BEGIN.committed, (session) => session.run(sql, before, limit));
  const answers = await deleted(ANSWERS, answersBefore);
  const ends = await deleted(ENDS, eventsBefore - partitionMs);
  const requests = await deleted(REQUESTS, requestsBefore);
  const erased = await deleted(ERASED, Math.min(answersBefore, requestsBefore));
  const audit = auditBefore === undefined ? 0 : await deleted(AUDIT, auditBefore);
  const swept =
    (await sweepAttempts(transactions, "attempts", attemptsBefore, limit)) +
    (await sweepAttempts(transactions, "attempt_bodies", attemptBodiesBefore, limit));
  return answers + ends + requests + erased + audit + swept + (await keepPartitions(transactions, request));
}
