import { ownHeaders } from "@carabiner/protocol";
import type { SqliteConnection } from "./connection.ts";

/**
 * The headers that every request of this program has alike. They are kept once, and each attempt keeps only those of
 * its own: 100 bytes in place of 330.
 */
export interface ConstantHeaders {
  /** The number they are kept by. */
  n: number;
  /** The headers that are the request's own, or null when it lacks one of the constant ones. */
  ownHeaders(headers: Record<string, string>): Record<string, string> | null;
}

/** Keeps `constant` unless it is kept already: a program whose constant headers are others does not change what was sent. */
export function keepConstantHeaders(connection: SqliteConnection, constant: Readonly<Record<string, string>>): ConstantHeaders {
  const json = JSON.stringify(constant);
  connection.run("INSERT OR IGNORE INTO constant_headers (headers) VALUES (?)", [json]);
  const n = connection.get("SELECT n FROM constant_headers WHERE headers = ?", [json])?.n as number;
  return { n, ownHeaders: (headers) => ownHeaders(headers, constant) };
}
