import { expect, test } from "vitest";
import { endsTransaction } from "./ends-transaction.ts";

test.each([
  "COMMIT",
  "begin immediate",
  "/* mine */ ; -- mine\n END",
  "START/* a */TRANSACTION",
  "PREPARE -- a\n TRANSACTION 'one'",
  "ROLLBACK WORK",
])("%s begins or ends a transaction", (statement) => {
  expect([endsTransaction(statement), endsTransaction({ text: statement })]).toEqual([true, true]);
});

test.each([
  "ROLLBACK TO mine",
  "ROLLBACK/* a */WORK -- b\n TO SAVEPOINT mine",
  "SAVEPOINT commit",
  "PREPARE one AS SELECT 1",
  "SELECT 'COMMIT'",
])("%s does not", (statement) => {
  expect(endsTransaction(statement)).toBe(false);
});
