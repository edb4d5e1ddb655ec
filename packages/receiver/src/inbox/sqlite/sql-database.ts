/** A value for a statement. */
type SqlValue = string | number | bigint | null | Uint8Array;
/** A statement's values: by position, or all by name. */
export type SqlParameter = SqlValue | Record<string, SqlValue>;

/** Calls a statement with values by position, or by name. */
interface Call<Result> {
  (...values: SqlValue[]): Result;
  (named: Record<string, SqlValue>, ...values: SqlValue[]): Result;
}

/** A prepared statement, as in `node:sqlite`. */
interface SqlStatement {
  get: Call<Record<string, unknown> | undefined>;
  all: Call<Record<string, unknown>[]>;
  iterate: Call<Iterable<Record<string, unknown>>>;
  run: Call<{ changes: number | bigint }>;
}

/**
 * The part of SQLite that the inbox's statements need: a `DatabaseSync` of `node:sqlite`, or a Durable Object's
 * storage.
 */
export interface SqlDatabase {
  /** Runs one or several statements. */
  exec(statements: string): void;
  prepare(statement: string): SqlStatement;
}
