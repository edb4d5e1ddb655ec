import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { IDENTITY_TABLES, KnownRows } from "./known-rows.ts";
import { storeFailure } from "./store-failure.ts";

export type SqlValue = SQLInputValue;
export type SqlRow = Record<string, SQLOutputValue>;

/** A prepared statement, and whether it changes tables of which something is known. */
interface Prepared {
  statement: StatementSync;
  changesIdentity: boolean;
  changesLanes: boolean;
}

/** The one connection to a database: runs SQL, prepared once for each text, and throws what its failures mean. */
export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();
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
    try {
      const { statement, changesIdentity, changesLanes } = this.#prepared(sql);
      if (changesIdentity) this.#known.forget();
      if (changesLanes) this.#knownLanes.forget();
      return statement.run(...values).changes as number;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  get(sql: string, values: readonly SqlValue[] = []): SqlRow | undefined {
    try {
      return this.#prepared(sql).statement.get(...values);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  all(sql: string, values: readonly SqlValue[] = []): SqlRow[] {
    try {
      return this.#prepared(sql).statement.all(...values);
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

  #prepared(sql: string): Prepared {
    let prepared = this.#statements.get(sql);
    if (prepared === undefined) {
      prepared = {
        statement: this.#database.prepare(sql),
        changesIdentity: this.#known.changedBy(sql),
        changesLanes: this.#knownLanes.changedBy(sql),
      };
      this.#statements.set(sql, prepared);
    }
    return prepared;
  }

  #failed(error: unknown): unknown {
    // SQLite may have rolled back the whole transaction.
    this.#known.forget();
    this.#knownLanes.forget();
    this.failure = storeFailure(error);
    return this.failure;
  }
}
