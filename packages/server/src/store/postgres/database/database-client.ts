import type { Socket } from "node:net";
import pg from "pg";

/** How long a client waits. */
export interface ClientTimes {
  /**
   * For the answer to a statement, milliseconds; 0 for as long as it takes. A statement's own `answerMs` overrides it.
   */
  answerMs: number;
  /** For the end of its connection, milliseconds. */
  endMs: number;
}

/** The end of a statement, as `pg` reports it. */
type Told = (error: Error | null | undefined, result?: unknown) => void;

type Query = (this: pg.Client, statement: unknown, values: unknown, told: Told) => void;

/**
 * A `pg` client that gives up a silent database: a statement without an answer, or an end that takes too long, destroys
 * the socket. Otherwise callers would wait for as long as the silence lasts.
 *
 * `pg` has a timeout for statements, too. But with that timeout, or when `pg` makes the promise of an answer, the
 * callback refers to its own statement. Then everything that a statement needed outlives the collections of the young
 * generation, each of which took 5 to 8 ms instead of 0.3. So the timeout and the promise are made here, and what `pg`
 * gets does not refer to the statement.
 */
export function clientThatGivesUp({ answerMs, endMs }: ClientTimes): typeof pg.Client {
  class DatabaseClient extends pg.Client {
    override end(): Promise<void>;
    override end(callback: (error: Error) => void): void;
    override end(callback?: (error: Error) => void): Promise<void> | undefined {
      const stream = this.connection.stream as Socket;
      stream.setTimeout(endMs, () => stream.destroy());
      const ended = super.end();
      if (callback === undefined) return ended;
      ended.then(() => (callback as () => void)(), callback);
      return undefined;
    }
  }
  function queryInTime(this: pg.Client, statement: string | { answerMs?: number }, values?: unknown, callback?: Told): unknown {
    const query: Query = pg.Client.prototype.query;
    const ms = (typeof statement === "string" ? 0 : statement.answerMs) || answerMs;
    const own = typeof values === "function" ? (values as Told) : callback;
    const given = typeof values === "function" ? undefined : values;
    if (own !== undefined) return query.call(this, statement, given, inTime(this, ms, own));
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    query.call(this, statement, given, inTime(this, ms, settling(resolve, reject)));
    return promise;
  }
  DatabaseClient.prototype.query = queryInTime as typeof pg.Client.prototype.query;
  return DatabaseClient;
}

function settling(resolve: (result: unknown) => void, reject: (error: unknown) => void): Told {
  return (error, result) => (error ? reject(error) : resolve(result));
}

/** Reports a timeout if nothing else is reported first, and then destroys the client's socket. */
function inTime(client: pg.Client, ms: number, told: Told): Told {
  if (ms === 0) return told;
  const wait = { over: false };
  const timer = setTimeout(giveUp, ms, client, told, wait);
  return (error, result) => {
    if (wait.over) return;
    clearTimeout(timer);
    told(error, result);
  };
}

function giveUp({ connection }: pg.Client, told: Told, wait: { over: boolean }): void {
  wait.over = true;
  told(new Error("Query read timeout"));
  connection.stream.destroy();
}
