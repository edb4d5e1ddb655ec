import { SQL_GAP } from "./sql-gap.ts";

/** Statements that begin or end a whole transaction, after any comments. `ROLLBACK TO` a savepoint does not. */
const OF_A_TRANSACTION = new RegExp(
  String.raw`^(?:${SQL_GAP}|;)*(?:BEGIN|(?:START|PREPARE)${SQL_GAP}+TRANSACTION|COMMIT|END|ABORT|ROLLBACK(?!${SQL_GAP}+(?:(?:WORK|TRANSACTION)${SQL_GAP}+)?TO\b))\b`,
  "i",
);

/** Whether a handler's statement would begin or end the transaction that it shares with the inbox. */
export function endsTransaction(statement: unknown): boolean {
  const text = typeof statement === "object" && statement !== null && "text" in statement ? statement.text : statement;
  return typeof text === "string" && OF_A_TRANSACTION.test(text);
}

/** The error that such a handler gets. */
export const MAY_NOT_END =
  "The transaction of tx is the inbox's: a handler leaves BEGIN, COMMIT and ROLLBACK to the receiver. Throw to undo it; for a part of it, use SAVEPOINT and ROLLBACK TO.";
