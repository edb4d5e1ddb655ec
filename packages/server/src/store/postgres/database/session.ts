import pg, { type PoolClient } from "pg";
import { arrayLiteral } from "./array-literal.ts";
import { keptText } from "./kept-text.ts";
import { postgresFailure } from "./postgres-failure.ts";

export type SqlValue = string | number | boolean | null | Uint8Array | readonly (string | number | boolean | null | Uint8Array)[];
export type SqlRow = Record<string, unknown>;

/** One transaction's use of a connection: runs SQL and throws what its failures mean. */
export interface Session {
  all(sql: string, ...values: SqlValue[]): Promise<SqlRow[]>;
  get(sql: string, ...values: SqlValue[]): Promise<SqlRow | undefined>;
  /** Returns how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): Promise<number>;
}

/** Types in the form that the store reads: whole numbers as numbers, JSON parsed. */
export const STORED_TYPES = new pg.TypeOverrides();
STORED_TYPES.setTypeParser(pg.types.builtins.INT8, Number);

/** The name of each prepared statement, the same on every connection. */
const names = new Map<string, string>();

/**
 * A session on a connection. Statements are prepared once for each text, and sent without waiting for the answers to
 * earlier ones.
 */
export class ClientSession implements Session {
  readonly #client: PoolClient;
  #ended = false;
  #unanswered: Promise<unknown>[] = [];
  /**
   * The first failure: PostgreSQL's error for a statement, or what `fail` was given. The transaction is then rolled
   * back.
   */
  failure: unknown = null;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  async all(sql: string, ...values: SqlValue[]): Promise<SqlRow[]> {
    return (await this.#query(sql, values)).rows;
  }

  async get(sql: string, ...values: SqlValue[]): Promise<SqlRow | undefined> {
    return (await this.#query(sql, values)).rows[0];
  }

  async run(sql: string, ...values: SqlValue[]): Promise<number> {
    return (await this.#query(sql, values)).rowCount ?? 0;
  }

  /** Sends a statement whose answer only `answered` waits for, so that the commit may go with it. */
  send(sql: string, values: readonly SqlValue[]): void {
    void this.sendForRows(sql, values);
  }

  /** The same, for callers who want its rows once the transaction has ended. `meaning` translates its error. */
  sendForRows(sql: string, values: readonly SqlValue[], meaning: (error: unknown) => unknown = asItIs): Promise<SqlRow[]> {
    const answer = this.#query(sql, values, meaning).then(({ rows }) => rows);
    answer.catch(() => undefined);
    this.#unanswered.push(answer);
    return answer;
  }

  /** Sends the transaction's first statement. Calls `onAnswer` when the database has answered it. */
  begin(sql: string, onAnswer: () => void): void {
    // Everything that is sent in this turn of the event loop is written at once: each write costs as much as a short
    // statement.
    const { stream } = (this.#client as unknown as pg.Client).connection;
    stream.cork();
    process.nextTick(() => stream.uncork());
    const answer = this.#client.query(sql).then(onAnswer, (error: unknown) => {
      this.failure ??= error;
      throw error;
    });
    answer.catch(() => undefined);
    this.#unanswered.push(answer);
  }

  /** Resolves when everything that was sent has been answered; rejects with the first failure. */
  async answered(): Promise<void> {
    const unanswered = this.#unanswered;
    this.#unanswered = [];
    await Promise.all(unanswered);
  }

  /** Makes the transaction fail with this error. Returns it. */
  fail(error: Error): Error {
    this.failure ??= error;
    return error;
  }

  /** The session cannot be used after this. */
  end(): void {
    this.#ended = true;
  }

  async #query(
    sql: string,
    values: readonly SqlValue[],
    meaning: (error: unknown) => unknown = asItIs,
  ): Promise<{ rows: SqlRow[]; rowCount: number | null }> {
    if (this.#ended) throw new Error("This transaction has ended: await everything it does inside its work.");
    let name = names.get(sql);
    if (name === undefined) {
      name = `s${names.size}`;
      names.set(sql, name);
    }
    try {
      return await this.#client.query<SqlRow>({ name, text: sql, values: values.map(sent), types: STORED_TYPES });
    } catch (error) {
      // The error's own trace leads to the socket that it was read from.
      if (error instanceof Error) Error.captureStackTrace(error);
      // After the first failure, the others only say that the transaction has failed.
      this.failure ??= meaning(error);
      throw postgresFailure(this.failure);
    }
  }
}

/** A value in the form that `pg` takes. */
function sent(value: SqlValue): unknown {
  if (typeof value === "string") return keptText(value);
  return Array.isArray(value) ? (arrayLiteral(value) ?? value.map(sent)) : value;
}

const asItIs = (error: unknown): unknown => error;
