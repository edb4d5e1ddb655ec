import type { SqlValue } from "./connection.ts";

/**
 * A query of the numbers of events that may be an object's: check the object of each. Their index has, of each stretch of
 * 16,384 numbers, the ends of the objects' ids. So new events change the few pages of the last stretch, whichever objects
 * they are of. By objects alone, each would change another page of a large index, which is written twice. In return, this looks once into every stretch.
 */
export function numbersOfObject(objectId: string): [sql: string, ...values: SqlValue[]] {
  const sql = `
    WITH RECURSIVE stretches (stretch) AS (
      SELECT (SELECT max(n) FROM events) >> 14
      UNION ALL
      SELECT stretch - 1 FROM stretches WHERE stretch > (SELECT min(n) FROM events) >> 14
    )
    SELECT e.n FROM stretches CROSS JOIN events e INDEXED BY events_of_object
      ON e.n >> 14 = stretch AND substr(e.object_id, -8) = substr(?, -8)`;
  return [sql, objectId];
}
