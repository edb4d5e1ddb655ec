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
])("%s: the database is unavailable", (message, given) => {
  expect(postgresFailure(failed(message, given))).toMatchObject({ name: "StoreUnavailable", uncertain: false });
});

test("what the server says of a statement is no lost connection, whatever its words", () => {
  const error = failed('relation "timeout" does not exist', { code: "42P01", severity: "ERROR" });
  expect(postgresFailure(error)).toBe(error);
});
