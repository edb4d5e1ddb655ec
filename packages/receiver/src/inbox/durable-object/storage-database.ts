import { InboxUnavailable } from "../inbox.ts";
import type { SqlDatabase, SqlParameter } from "../sqlite/sql-database.ts";
import type { DurableSql } from "./storage.ts";

/**
 * The end of an error's message when the storage is at fault, not the statement. Source:
 * https://www.sqlite.org/rescode.html
 */
const UNAVAILABLE = /\bSQLITE_(?:FULL|IOERR|BUSY|LOCKED|NOMEM|CORRUPT|CANTOPEN|READONLY|PROTOCOL)\b/;

/** A Durable Object's storage with the interface of `node:sqlite`, for the statements that both share. */
export function storageDatabase(sql: DurableSql): SqlDatabase {
  return {
    exec(statements) {
      available(() => sql.exec(statements));
    },
    prepare(statement) {
      const { text, names } = numbered(statement);
      const exec = (given: readonly SqlParameter[]) => available(() => sql.exec(text, ...bindings(given, names)));
      const all = (given: readonly SqlParameter[]): Record<string, unknown>[] => exec(given).toArray().map(withBytes);
      return {
        get: (...given) => all(given)[0],
        all: (...given) => all(given),
        *iterate(...given) {
          for (const row of exec(given)) yield withBytes(row);
        },
        run(...given) {
          exec(given).toArray();
          return { changes: Number(sql.exec("SELECT changes() AS changes").toArray()[0]?.changes) };
        },
      };
    },
  };
}

/** Runs a statement. Throws storage faults as `InboxUnavailable`. */
export function available<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || !UNAVAILABLE.test(error.message)) throw error;
    throw new InboxUnavailable(`Durable Object: ${error.message}`, { cause: error });
  }
}

/** The statement with `?1` instead of names, which the storage does not support, and the names by number. */
function numbered(statement: string): { text: string; names: readonly string[] } {
  const names: string[] = [];
  const text = statement.replaceAll(/:([a-zA-Z]+)/g, (_whole, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `?${names.indexOf(name) + 1}`;
  });
  return { text, names };
}

function bindings(given: readonly SqlParameter[], names: readonly string[]): (string | number | null | ArrayBuffer)[] {
  const [first] = given;
  const named = typeof first === "object" && first !== null && !(first instanceof Uint8Array);
  const values = named ? names.map((name) => first[name] ?? null) : (given as readonly Exclude<SqlParameter, Record<string, unknown>>[]);
  return values.map((value) => {
    if (typeof value === "bigint") return Number(value);
    // The bytes may be part of a larger buffer.
    return value instanceof Uint8Array ? new Uint8Array(value).buffer : value;
  });
}

/** Storage returns bytes as an ArrayBuffer. */
function withBytes(row: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(row)) if (value instanceof ArrayBuffer) row[name] = new Uint8Array(value);
  return row;
}
