import { ownHeaders } from "@carabiner/protocol";
import type { SqliteConnection } from "../database/connection.ts";

/**
 * The headers that all requests of this program share. They are stored once, and each attempt stores only its own: 100
 * bytes instead of 330.
 */
export interface ConstantHeaders {
  /** The number under which they are stored. */
  n: number;
  /** The other headers of the request, or null if it lacks one of the constant ones. */
  ownHeaders(headers: Record<string, string>): Record<string, string> | null;
}

/** Stores `constant` unless it exists: a program with other constant headers does not change what was sent. */
export function keepConstantHeaders(connection: SqliteConnection, constant: Readonly<Record<string, string>>): ConstantHeaders {
  const json = JSON.stringify(constant);
  connection.run("INSERT OR IGNORE INTO constant_headers (headers) VALUES (?)", [json]);
  const n = connection.get("SELECT n FROM constant_headers WHERE headers = ?", [json])?.n as number;
  return { n, ownHeaders: (headers) => ownHeaders(headers, constant) };
}
