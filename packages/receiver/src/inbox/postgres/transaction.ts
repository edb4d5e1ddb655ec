import type { Pool, PoolClient, QueryResultRow } from "pg";
import { inTime, monotonicMs } from "../../system-clock.ts";
import { InboxUnavailable } from "../inbox.ts";

/** Something that runs statements. */
export interface Queryable {
  /**
   * Runs a statement that PostgreSQL plans for the current content of the tables. A prepared statement keeps its plan
   * until someone runs ANALYZE. A plan that was made for a small table reads all of it, however much the table has
   * grown.
   */
  query<Row>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[]; rowCount: number | null }>;
  /**
   * Runs a statement that is planned once for each connection, if statements may be prepared. Use it only for
   * statements that do not search a growing table.
   */
  queryPrepared<Row>(text: string, values: readonly unknown[]): Promise<{ rows: Row[]; rowCount: number | null }>;
}

/** Where the inbox's statements run. */
export interface Database {
  pool: Pool;
  /** Whether statements may be prepared. */
  prepared: boolean;
  /**
   * How long the inbox's own work may take, including the wait for a client of the pool, before the database counts as
   * away.
   */
  answerMs: number;
}

/**
 * Classes of SQLSTATE for a fault of the database, not of the statement. Source:
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const UNAVAILABLE_CLASSES = new Set(["08", "25", "40", "53", "55", "57", "58", "XX"]);

/** An earlier statement of the same transaction failed. */
export const IN_FAILED_TRANSACTION = "25P02";

/** Runs something on the database. Throws faults of the database or the network as `InboxUnavailable`. */
export async function available<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InboxUnavailable || !isUnavailable(error)) throw error;
    throw new InboxUnavailable(`PostgreSQL: ${(error as Error).message}`, { cause: error });
  }
}

/** The same client. `prepared`: whether statements may be prepared. */
export function queryable(client: PoolClient, prepared: boolean): Queryable {
  return {
    query: <Row>(text: string, values?: readonly unknown[]) =>
      client.query<Row & QueryResultRow>(values === undefined ? { text } : { text, values: [...values] }),
    queryPrepared: <Row>(text: string, values: readonly unknown[]) =>
      client.query<Row & QueryResultRow>({ ...(prepared ? { name: nameOf(text) } : {}), text, values: [...values] }),
  };
}

/**
 * Runs statements on a client of the pool, with a time limit: an unresponsive database or an exhausted pool must not
 * block a caller that waits for an answer. In these cases it throws `InboxUnavailable`, and it is unknown whether the
 * changes were committed.
 */
export function onClient<T>({ pool, prepared, answerMs }: Database, work: (client: Queryable) => Promise<T>): Promise<T> {
  return available(async () => {
    const began = monotonicMs();
    const client = await checkOut(pool, answerMs);
    let broken = true;
    try {
      const left = Math.max(1, answerMs - (monotonicMs() - began));
      const result = await inTime(work(queryable(client, prepared)), left, () => unanswered(answerMs));
      broken = false;
      return result;
    } catch (error) {
      // The connection survives errors of the server itself.
      broken = !isServerError(error);
      throw error;
    } finally {
      checkIn(client, broken);
    }
  });
}

/**
 * Runs `work` in a new transaction, like `onClient`. `keep` decides from its result whether to commit. If it throws, it
 * is rolled back.
 */
export function inTransaction<T>(
  database: Database,
  work: (client: Queryable) => Promise<T>,
  keep: (result: T) => boolean = () => true,
): Promise<T> {
  return onClient(database, async (client) => {
    await client.query("BEGIN");
    try {
      const result = await work(client);
      await client.query(keep(result) ? "COMMIT" : "ROLLBACK");
      return result;
    } catch (error) {
      // When the connection is lost, the server rolls the transaction back itself.
      if (isServerError(error) || !isUnavailable(error)) await client.query("ROLLBACK");
      throw error;
    }
  });
}

/**
 * A client of the pool. While it is out, no other code listens to its errors: a lost connection shows in the next
 * statement.
 */
export async function checkOut(pool: Pool, answerMs: number): Promise<PoolClient> {
  const connecting = pool.connect();
  try {
    const client = await inTime(connecting, answerMs, () => {
      // A client that arrives too late is returned at once.
      connecting.then((late) => late.release(), ignore);
      return new InboxUnavailable(`PostgreSQL: no client of the pool was free within ${answerMs} ms; its max is ${pool.options.max}`);
    });
    client.on("error", ignore);
    return client;
  } catch (error) {
    return available(() => Promise.reject(error));
  }
}

export function checkIn(client: PoolClient, broken: boolean): void {
  client.off("error", ignore);
  // A discarded connection may still emit an error.
  if (broken) client.on("error", ignore);
  client.release(broken);
}

/** The code that uses the connection gets the error too. */
export const ignore = (): void => undefined;

export function unanswered(answerMs: number): Error {
  return new InboxUnavailable(`PostgreSQL: the database has not answered for ${answerMs} ms`);
}

/** Whether the server itself reported the error: then the connection is intact. */
export function isServerError(error: unknown): boolean {
  const { code, severity } = ((error as { cause?: unknown } | null)?.cause ?? error) as { code?: unknown; severity?: unknown };
  return typeof severity === "string" && severity !== "FATAL" && severity !== "PANIC" && typeof code === "string";
}

function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  // A server error has both. Any other error comes from the network, the pool, or a lost connection.
  if (typeof severity === "string" && typeof code === "string")
    return code !== IN_FAILED_TRANSACTION && UNAVAILABLE_CLASSES.has(code.slice(0, 2));
  return !(error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError);
}

const names = new Map<string, string>();

/**
 * The name of a prepared statement. It depends on the text, since several programs may share a connection behind a
 * proxy.
 */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    // FNV-1a, 64 bits.
    let hash = 0xcbf29ce484222325n;
    for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    name = `carabiner_${hash.toString(16)}`;
    names.set(text, name);
  }
  return name;
}
