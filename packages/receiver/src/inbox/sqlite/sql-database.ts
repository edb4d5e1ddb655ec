/** A value that a statement may be given. */
type SqlValue = string | number | bigint | null | Uint8Array;
/** What a statement is given: one value after another, or all by name. */
export type SqlParameter = SqlValue | Record<string, SqlValue>;

/** Calls a statement with values by position, or by name. */
interface Call<Result> {
  (...values: SqlValue[]): Result;
  (named: Record<string, SqlValue>, ...values: SqlValue[]): Result;
}

/** A statement that is prepared, as `node:sqlite` has it. */
interface SqlStatement {
  get: Call<Record<string, unknown> | undefined>;
  all: Call<Record<string, unknown>[]>;
  iterate: Call<Iterable<Record<string, unknown>>>;
  run: Call<{ changes: number | bigint }>;
}

/** SQLite, as far as the inbox's statements need it: a `DatabaseSync` of `node:sqlite`, or the storage of a Durable Object. */
export interface SqlDatabase {
  /** Runs one statement or several. */
  exec(statements: string): void;
  prepare(statement: string): SqlStatement;
}
