import type { WorkScope } from "./scope.ts";

const NOTE = `
  UPDATE deliveries NOT INDEXED SET unanswered_account = (SELECT account_id FROM events NOT INDEXED WHERE n = deliveries.event) WHERE n = ?`;

/**
 * Notes whose event it is that a delivery has ended without success: lists of an account's events find it by that. No
 * other delivery has it.
 */
export function noteUnanswered(scope: Pick<WorkScope, "run">, n: number): void {
  scope.run(NOTE, n);
}
