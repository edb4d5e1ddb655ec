import type { PoolClient } from "pg";
import { postgresFailure } from "./postgres-failure.ts";

export type SqlValue = string | number | boolean | null | Uint8Array | readonly (string | number | boolean | null | Uint8Array)[];
export type SqlRow = Record<string, unknown>;

/** The name of each prepared statement, the same on every connection. */
const names = new Map<string, string>();

/** One transaction's use of a connection: runs SQL, prepared once for each text, and throws what its failures mean. */
export class Session {
  readonly #client: PoolClient;
  #ended = false;
  /** PostgreSQL's error for the first failed statement. The transaction is then rolled back. */
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

  /** Returns how many rows it changed. */
  async run(sql: string, ...values: SqlValue[]): Promise<number> {
    return (await this.#query(sql, values)).rowCount ?? 0;
  }

  /** It cannot be used after this. */
  end(): void {
    this.#ended = true;
  }

  async #query(sql: string, values: readonly SqlValue[]): Promise<{ rows: SqlRow[]; rowCount: number | null }> {
    if (this.#ended) throw new Error("This transaction has ended: await everything it does inside its work.");
    let name = names.get(sql);
    if (name === undefined) {
      name = `s${names.size}`;
      names.set(sql, name);
    }
    try {
      return await this.#client.query<SqlRow>({ name, text: sql, values: values as unknown[] });
    } catch (error) {
      this.failure ??= error;
      throw postgresFailure(error);
    }
  }
}
