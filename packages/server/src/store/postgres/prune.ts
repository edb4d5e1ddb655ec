import type { PruneRequest } from "../store.ts";
import { keepPartitions, type PartitionRequest } from "./keep-partitions.ts";
import { BEGIN, type Transactions } from "./transactions.ts";

const ANSWERS = `
  DELETE FROM idempotent_answers WHERE (scope, key) IN (
    SELECT scope, key FROM idempotent_answers WHERE created < $1 ORDER BY created LIMIT $2
  )`;

/**
 * Deletes old answers, at most `limit`, and lets go of old partitions of events, the ids of at most `limit` events at a
 * time: so it never holds others up for long. Takes what `keepPartitions` does besides.
 */
export async function prune(transactions: Transactions, request: PruneRequest & PartitionRequest): Promise<number> {
  const answers = await transactions.run(BEGIN.committed, (session) => session.run(ANSWERS, request.answersBefore, request.limit));
  return answers + (await keepPartitions(transactions, request));
}
