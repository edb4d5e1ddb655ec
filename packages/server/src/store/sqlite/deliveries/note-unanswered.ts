import type { WorkScope } from "../database/scope.ts";

const NOTE = `
  UPDATE deliveries NOT INDEXED SET unanswered_account = (SELECT account_id FROM events NOT INDEXED WHERE n = deliveries.event) WHERE n = ?`;

/**
 * Notes on a delivery that has ended without success whose event it is, so that lists of an account's events find it.
 * Other deliveries have no such note.
 */
export function noteUnanswered(scope: Pick<WorkScope, "run">, n: number): void {
  scope.run(NOTE, n);
}
