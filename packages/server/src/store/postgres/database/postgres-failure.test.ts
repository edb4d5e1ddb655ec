import { expect, test } from "vitest";
import { postgresFailure } from "./postgres-failure.ts";

const failed = (message: string, given: Record<string, unknown>) => Object.assign(new Error(message), given);

test.each([
  ["write EPIPE", { code: "EPIPE", syscall: "write" }],
  ["read ECONNRESET", { code: "ECONNRESET", syscall: "read" }],
  ["Connection terminated unexpectedly", {}],
  ["Query read timeout", {}],
  ["terminating connection due to idle-in-transaction timeout", { code: "25P03", severity: "FATAL" }],
  ["terminating connection due to administrator command", { code: "57P01", severity: "FATAL" }],
  ['database "carabiner" does not exist', { code: "3D000", severity: "FATAL" }],
  ['role "carabiner" does not exist', { code: "28000", severity: "FATAL" }],
  ["password authentication failed", { code: "28P01", severity: "FATAL" }],
  ["permission denied for table events", { code: "42501", severity: "ERROR" }],
  ["cannot execute INSERT in a read-only transaction", { code: "25006", severity: "ERROR" }],
  ["terminating connection due to transaction timeout", { code: "25P04", severity: "FATAL" }],
  ["could not extend file: No space left on device", { code: "53100", severity: "ERROR" }],
  ["too many connections for role", { code: "53300", severity: "FATAL" }],
  ["database is not currently accepting connections", { code: "55000", severity: "FATAL" }],
  ["canceling statement due to lock timeout", { code: "55P03", severity: "ERROR" }],
  ["could not load pg_hba.conf", { code: "F0000", severity: "FATAL" }],
  ["a reason to end the connection that a later version has", { code: "0LP99", severity: "FATAL" }],
])("%s: the database is unavailable", (message, given) => {
  expect(postgresFailure(failed(message, given))).toMatchObject({ name: "StoreUnavailable", uncertain: false });
});

test("a server's error about a statement is not a lost connection, whatever its words", () => {
  const error = failed('relation "timeout" does not exist', { code: "42P01", severity: "ERROR" });
  expect(postgresFailure(error)).toBe(error);
});

test("a cancelled statement is reported as such, and not as a database that is shutting down", () => {
  const error = failed("canceling statement due to statement timeout", { code: "57014", severity: "ERROR" });
  expect(postgresFailure(error)).toMatchObject({
    name: "StoreUnavailable",
    message: "Nothing can be stored: the database cancelled a statement, because of its time limit or because someone cancelled it.",
  });
});
