import { BEGIN, type Transactions } from "../transactions/transactions.ts";
import { NEVER_CLAIMED } from "./listeners.ts";

/**
 * The endpoints with pending deliveries, and when the earliest is due, as `walk`. Jumps from endpoint to endpoint
 * through the index of pending deliveries: one look-up for each, however large the backlog.
 */
export const EARLIEST_OF_EACH = `
  WITH RECURSIVE walk AS (
    (SELECT endpoint, due_at FROM pending ORDER BY endpoint, due_at LIMIT 1)
    UNION ALL
    SELECT next.endpoint, next.due_at FROM walk, LATERAL (
      SELECT endpoint, due_at FROM pending WHERE endpoint > walk.endpoint ORDER BY endpoint, due_at LIMIT 1
    ) AS next
  )`;
const NEXT_DUE = `${EARLIEST_OF_EACH} SELECT min(due_at) AS due_at FROM walk WHERE endpoint <> ALL (ARRAY(${NEVER_CLAIMED}))`;
const NEXT_DUE_EXCEPT = `${EARLIEST_OF_EACH}
  SELECT min(due_at) AS due_at FROM walk
  WHERE endpoint <> ALL (ARRAY(SELECT n FROM endpoints WHERE id = ANY ($1::text[]) UNION ALL ${NEVER_CLAIMED}))`;

/** When a delivery to an endpoint not in `except` can be claimed; null when none is pending. */
export async function nextDueAt(transactions: Transactions, except: ReadonlySet<string> = new Set()): Promise<number | null> {
  const [row] =
    except.size === 0
      ? await transactions.ask(BEGIN.looking, NEXT_DUE)
      : await transactions.ask(BEGIN.looking, NEXT_DUE_EXCEPT, [...except]);
  return (row?.due_at ?? null) as number | null;
}
