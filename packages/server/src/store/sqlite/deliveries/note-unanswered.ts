import type { WorkScope } from "../database/scope.ts";

const NOTE = `
  UPDATE deliveries NOT INDEXED SET unanswered_account = (SELECT account_id FROM events NOT INDEXED WHERE n = deliveries.event) WHERE n = ?`;

/**
 * Marks a delivery that ended without success with its event's account, so that lists of the account's events find it.
 * Other deliveries have no such mark.
 */
export function noteUnanswered(scope: Pick<WorkScope, "run">, n: number): void {
  scope.run(NOTE, n);
}
