import type { Pool, PoolClient } from "pg";
import { InboxUnavailable } from "../inbox.ts";

/** Something that runs statements: a pool, or one client of it. */
export type Queryable = Pick<PoolClient, "query">;

/** Classes of SQLSTATE that mean that the database is at fault, not the statement. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNAVAILABLE_CLASSES = new Set(["08", "25", "40", "53", "55", "57", "58", "XX"]);

/** A statement of the same transaction has failed before. */
export const IN_FAILED_TRANSACTION = "25P02";

/** Runs something on the database. What is the database's fault, or the network's, is thrown as `InboxUnavailable`. */
export async function available<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InboxUnavailable || !isUnavailable(error)) throw error;
    throw new InboxUnavailable(`PostgreSQL: ${(error as Error).message}`, { cause: error });
  }
}

/** Runs `work` in a transaction of its own. `keep` says of its result whether it is committed; what it throws undoes it. */
export function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
  keep: (result: T) => boolean = () => true,
): Promise<T> {
  return available(async () => {
    const client = await checkOut(pool);
    let broken = true;
    try {
      await client.query("BEGIN");
      const result = await work(client);
      await client.query(keep(result) ? "COMMIT" : "ROLLBACK");
      broken = false;
      return result;
    } catch (error) {
      // When that fails too, the connection is gone, and the server undoes the transaction by itself.
      broken = await client.query("ROLLBACK").then(
        () => false,
        () => true,
      );
      throw error;
    } finally {
      checkIn(client, broken);
    }
  });
}

/** A client of the pool. While it is out, nobody else listens to its errors: a lost connection shows in the next statement. */
export async function checkOut(pool: Pool): Promise<PoolClient> {
  const client = await pool.connect();
  client.on("error", ignore);
  return client;
}

export function checkIn(client: PoolClient, broken: boolean): void {
  client.off("error", ignore);
  // A connection that is thrown away may still complain on its way out.
  if (broken) client.on("error", ignore);
  client.release(broken);
}

/** The error is met again in what was being done with the connection. */
export const ignore = (): void => undefined;

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  // An error of the server has both; anything else is the network, the pool, or the connection that has gone.
  if (typeof severity === "string" && typeof code === "string")
    return code !== IN_FAILED_TRANSACTION && UNAVAILABLE_CLASSES.has(code.slice(0, 2));
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError);
}
