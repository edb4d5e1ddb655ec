import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { IDENTITY_TABLES, KnownRows } from "./known-rows.ts";
import { storeFailure } from "./store-failure.ts";

export type SqlValue = SQLInputValue;
export type SqlRow = Record<string, SQLOutputValue>;

/** The one connection to a database: runs SQL, prepared once for each text, and throws what its failures mean. */
export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #known = new KnownRows(IDENTITY_TABLES);
  readonly #knownLanes = new KnownRows(["lanes"]);
  /** The error of the last failed statement, since this was set to null. */
  failure: unknown = null;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Returns how many rows it changed. */
  run(sql: string, values: readonly SqlValue[] = []): number {
    this.#known.changedBy(sql);
    this.#knownLanes.changedBy(sql);
    try {
      return this.#prepared(sql).run(...values).changes as number;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  get(sql: string, values: readonly SqlValue[] = []): SqlRow | undefined {
    try {
      return this.#prepared(sql).get(...values);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  all(sql: string, values: readonly SqlValue[] = []): SqlRow[] {
    try {
      return this.#prepared(sql).all(...values);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Caches what `find` finds in the identity tables until one of them changes: see `known-rows.ts`. */
  known<Value>(question: string, key: string, find: () => Value): Value {
    return this.#known.read(question, key, find);
  }

  /** The same for what `find` finds in `lanes`. */
  knownLane<Value>(endpointId: string, find: () => Value): Value {
    return this.#knownLanes.read("lane", endpointId, find);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #failed(error: unknown): unknown {
    // SQLite may have rolled back the whole transaction.
    this.#known.forget();
    this.#knownLanes.forget();
    this.failure = storeFailure(error);
    return this.failure;
  }
}
