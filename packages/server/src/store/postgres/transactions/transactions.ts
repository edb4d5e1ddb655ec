import type { Pool, PoolClient } from "pg";
import { StoreUnavailable } from "../../store.ts";
import { SERVER } from "../../turns-by-owner.ts";
import { ConnectionTurns } from "../database/connection-turns.ts";
import { hasAnswered, isAgain, isRefused, isSilent, isUnexpected, postgresFailure } from "../database/postgres-failure.ts";
import { ClientSession, type Session, type SqlRow, type SqlValue } from "../database/session.ts";

/** How a transaction begins. */
export const BEGIN = {
  /** As if transactions ran one after another; a transaction that does not fit such an order is rerun. */
  serializable: "BEGIN ISOLATION LEVEL SERIALIZABLE",
  /** Every read sees the same moment. */
  looking: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
  /** Explicit row locks: for claims and settlements, which fence themselves. */
  committed: "BEGIN ISOLATION LEVEL READ COMMITTED",
} as const;

/** How often to rerun a conflicting transaction. Each time at least one of the others completes. */
const AGAIN_AT_MOST = 200;

const GONE = "Nothing can be stored: the database cannot be reached.";
const FULL = "Nothing can be stored: too many calls wait for the database.";
const UNCERTAIN = "It is not known whether this was stored: the database went away before it said so.";

export interface TransactionsOptions {
  pool: Pool;
  /** How many connections the pool may open. */
  connections: number;
  /** Calls that may wait for a connection. */
  waiting: number;
  /** Checks the database for the cause of an unexpected failure, and throws what it finds. */
  explain(session: Session): Promise<void>;
}

/** What a transaction may need besides its work. */
export interface RunOptions {
  /** The client that it runs for: clients take turns for a connection. The server itself when left out. */
  client?: string;
  /** It was already admitted. */
  admitted?: boolean;
  /** How long to wait for the answer to its commit, milliseconds; the same as for any other when left out. */
  commitMs?: number;
  /**
   * A statement to send right after the commit; it is requested when the work has ended. Null sends nothing. Nobody
   * waits for it.
   */
  behind?(): Statement | null;
  /**
   * The work sends one statement, which PostgreSQL turns into a transaction itself. Not for `BEGIN.serializable`.
   * Source: https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
   */
  single?: boolean;
}

/** A statement with its values. A named one is prepared once for each connection. */
export interface Statement {
  name?: string;
  text: string;
  values: unknown[];
}

/**
 * Runs transactions on connections of a pool. When the database stops answering, one transaction at a time waits for it
 * and all others fail at once, until it answers again.
 */
export class Transactions {
  readonly #pool: Pool;
  readonly #turns: ConnectionTurns;
  readonly #connections: number;
  readonly #waiting: number;
  readonly #explain: (session: Session) => Promise<unknown>;
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;
  /** The database did not answer the last query. */
  #gone = false;
  /** One transaction checks whether it is back; the others need not wait. */
  #probing = false;

  constructor({ pool, connections, waiting, explain }: TransactionsOptions) {
    this.#pool = pool;
    // All connections are for transactions.
    const waitMs = pool.options.connectionTimeoutMillis ?? 0;
    this.#turns = new ConnectionTurns({ pool, connections, waitMs, refusal: () => new StoreUnavailable(FULL) });
    this.#connections = connections;
    this.#waiting = waiting;
    this.#explain = explain;
  }

  /**
   * Resolves with what `work` returns once that is durable. Rejects with what it throws, with `Conflict` or with
   * `StoreUnavailable`; nothing was changed then, unless the error says that this is uncertain. Work that continued
   * after a statement failed still fails.
   */
  run<T>(begin: string, work: (session: ClientSession) => Promise<T>, options: RunOptions = {}): Promise<T> {
    try {
      this.admit(options.admitted === true ? 0 : this.#running.size);
    } catch (error) {
      return Promise.reject(error);
    }
    const running = this.#gone ? this.#probe(begin, work, options) : this.#run(begin, work, options);
    this.#running.add(running);
    const ended = () => void this.#running.delete(running);
    running.then(ended, ended);
    return running;
  }

  /**
   * Runs one statement in its own transaction: one message, one answer. Returns its rows. `begin` says whether it may
   * change something.
   */
  ask(begin: typeof BEGIN.looking | typeof BEGIN.committed, sql: string, ...values: SqlValue[]): Promise<SqlRow[]> {
    return this.askFor(SERVER, begin, sql, ...values);
  }

  /** The same, on behalf of a client. */
  async askFor(
    client: string,
    begin: typeof BEGIN.looking | typeof BEGIN.committed,
    sql: string,
    ...values: SqlValue[]
  ): Promise<SqlRow[]> {
    const { rows } = await this.run(begin, async (session) => ({ rows: session.sendForRows(sql, values) }), { single: true, client });
    return rows;
  }

  /** Whether the database did not answer the last query. */
  get silent(): boolean {
    return this.#gone;
  }

  /**
   * Throws `StoreUnavailable` if another transaction could not be run now, with `running` others. `own` is how many of
   * these belong to the client that asks; left out for the server's own work. A client may not have more waiting than
   * there are places left. So a single client takes at most half of the places, and a client that comes after many
   * others still finds one.
   */
  admit(running: number, own = 0): void {
    if (this.#closed) throw new StoreUnavailable("The store is closed.");
    if (this.#gone && this.#probing) throw new StoreUnavailable(GONE);
    const free = this.#connections + this.#waiting - running;
    if (free <= 0 || own - this.#connections >= free) throw new StoreUnavailable(FULL);
  }

  async #probe<T>(begin: string, work: (session: ClientSession) => Promise<T>, options: RunOptions): Promise<T> {
    this.#probing = true;
    try {
      return await this.#run(begin, work, options);
    } finally {
      this.#probing = false;
    }
  }

  async #run<T>(begin: string, work: (session: ClientSession) => Promise<T>, options: RunOptions): Promise<T> {
    const { single = false, client: owner = SERVER } = options;
    for (let attempt = 1; ; attempt++) {
      const client = await this.#connect(owner);
      const session = new ClientSession(client);
      let committing = false;
      let working = false;
      try {
        if (!single) session.begin(begin, () => this.#answered());
        working = true;
        const result = await work(session);
        working = false;
        if (session.failure !== null) throw postgresFailure(session.failure);
        session.end();
        committing = begin !== BEGIN.looking;
        if (single) await session.answered().then(() => this.#answered());
        else await commit(client, session, options);
        this.#turns.giveBack(client);
        return result;
      } catch (error) {
        session.end();
        const cause = session.failure ?? error;
        // An error that the work itself throws says nothing about the database.
        const own = working && session.failure === null;
        if (!own && isSilent(cause)) this.#takeForGone(cause);
        // What the work made of a failed statement. At the commit, the first failure.
        const failure = own || (working && !isAgain(session.failure)) ? error : postgresFailure(cause);
        await this.#giveBack(client, failure, !single);
        if (isAgain(cause)) {
          if (attempt < AGAIN_AT_MOST) continue;
          throw new StoreUnavailable("Nothing can be stored: too many transactions conflict with each other.", { cause: error });
        }
        if (committing && failure instanceof StoreUnavailable && !isRefused(cause))
          throw new StoreUnavailable(UNCERTAIN, { cause: error, uncertain: true });
        if (isUnexpected(failure) && work !== this.#explain) await this.#run(BEGIN.looking, this.#explain, {});
        throw failure;
      }
    }
  }

  /** Waits for running transactions, then closes every connection. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#running);
    await this.#pool.end();
  }

  async #connect(client: string): Promise<PoolClient> {
    try {
      return await this.#turns.take(client);
    } catch (error) {
      // Waiting for a connection that others use says nothing about the database: those others notice.
      if (error instanceof StoreUnavailable) throw error;
      this.#takeForGone(error);
      throw postgresFailure(error);
    }
  }

  #takeForGone(cause: unknown): void {
    this.#gone = true;
    // Callers that wait for a connection need not find out for themselves. A database that answers, even with a
    // refusal, may accept them.
    if (!hasAnswered(cause)) this.#turns.refuse(new StoreUnavailable(GONE, { cause }));
  }

  #answered(): void {
    this.#gone = false;
  }

  /** Ends a failed transaction, which may be `open`. A connection that is lost, or cannot roll back, is not reused. */
  async #giveBack(client: PoolClient, failure: unknown, open: boolean): Promise<void> {
    if (failure instanceof StoreUnavailable || !open) {
      this.#turns.giveBack(client, failure instanceof StoreUnavailable);
      return;
    }
    try {
      await client.query("ROLLBACK");
      this.#turns.giveBack(client);
    } catch {
      // The connection is gone, and the transaction with it.
      this.#turns.giveBack(client, true);
    }
  }
}

/**
 * Commits what was sent. COMMIT follows the last statements without waiting for their answers: if one fails, it rolls
 * back.
 */
async function commit(client: PoolClient, session: ClientSession, { commitMs = 0, behind }: RunOptions): Promise<void> {
  // 0 uses the pool's setting.
  const commit: { text: string; answerMs: number } = { text: "COMMIT", answerMs: commitMs };
  const committed = Promise.all([session.answered(), client.query(commit)]);
  const statement = behind?.() ?? null;
  // The next user of the connection does not wait for it either. It only saves other nodes time.
  if (statement !== null) client.query(statement).catch(() => undefined);
  await committed;
}
