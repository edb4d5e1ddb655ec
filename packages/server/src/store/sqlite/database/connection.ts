import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { IDENTITY_QUESTIONS, KnownRows, LANE_QUESTIONS } from "./known-rows.ts";
import { storeFailure } from "./store-failure.ts";

export type SqlValue = SQLInputValue;
export type SqlRow = Record<string, SQLOutputValue>;

/** A question whose answers stay known until the rows that they were read from change: see `known-rows.ts`. */
export type IdentityQuestion = keyof typeof IDENTITY_QUESTIONS;

/** A prepared statement, and which known rows it changes. */
interface Prepared {
  statement: StatementSync;
  ofIdentity: ReturnType<KnownRows<IdentityQuestion>["changeBy"]>;
  ofLanes: ReturnType<KnownRows<"lane">["changeBy"]>;
}

/** The one connection to a database: runs SQL, prepared once for each text, and throws what its failures mean. */
export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();
  readonly #known = new KnownRows(IDENTITY_QUESTIONS);
  readonly #knownLanes = new KnownRows(LANE_QUESTIONS);
  /** The error of the last statement that failed since this was set to null. */
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
      const { statement, ofIdentity, ofLanes } = this.#prepared(sql);
      if (ofIdentity !== null) this.#known.forgetChanged(ofIdentity, values);
      if (ofLanes !== null) this.#knownLanes.forgetChanged(ofLanes, values);
      return statement.run(...values).changes as number;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  get(sql: string, values: readonly SqlValue[] = []): SqlRow | undefined {
    try {
      const row = this.#prepared(sql).statement.get(...values);
      if (row !== undefined && this.#known.isFinding) this.#known.noteRead(row);
      return row;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  all(sql: string, values: readonly SqlValue[] = []): SqlRow[] {
    try {
      const rows = this.#prepared(sql).statement.all(...values);
      if (this.#known.isFinding) for (const row of rows) this.#known.noteRead(row);
      return rows;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Caches what `find` finds in the question's tables until it changes: see `known-rows.ts`. */
  known<Value>(question: IdentityQuestion, key: string, find: () => Value): Value {
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
        ofIdentity: this.#known.changeBy(sql),
        ofLanes: this.#knownLanes.changeBy(sql),
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
