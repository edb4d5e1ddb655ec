import { stateNumber } from "../../delivery-codes.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { WorkScope } from "../database/scope.ts";
import { rangesWithin } from "../rows/delivery-number.ts";

const POSITION = "SELECT position FROM sweeps WHERE name = ?";
const MOVE = "INSERT OR REPLACE INTO sweeps VALUES (?, ?)";
const NEXT = `SELECT n, state, created, attempts FROM deliveries WHERE n > ? ORDER BY n ${BOUND_LIMIT}`;

/** What a sweep does to the attempts of a delivery, between two keys. */
const DOES = {
  attempts: "DELETE FROM attempts WHERE key BETWEEN ? AND ?",
  attempt_bodies: `
    UPDATE attempts SET response_headers = '{}', response_body = ''
    WHERE key BETWEEN ? AND ? AND (response_headers <> '{}' OR response_body <> '')`,
} as const;

/**
 * Continues a sweep through deliveries in the order in which they were made. It deletes or empties the attempts of
 * those that were made before a time and have ended. It passes at most `limit` deliveries and changes about as many
 * attempts at most: those of consecutive deliveries in one statement. Returns how many deliveries it passed plus how
 * many attempts it changed; 0 when it has reached deliveries that are too young.
 */
export function sweepAttempts(scope: WorkScope, name: keyof typeof DOES, before: number | undefined, limit: number): number {
  if (before === undefined) return 0;
  const start = (scope.get(POSITION, name)?.position ?? 0) as number;
  const ended: number[] = [];
  let position = start;
  let passed = 0;
  let attempts = 0;
  for (const row of scope.all(NEXT, start, limit)) {
    if ((row.created as number) >= before || attempts >= limit) break;
    position = row.n as number;
    passed++;
    if (row.state === stateNumber("pending")) continue;
    ended.push(position);
    attempts += row.attempts as number;
  }
  let changed = 0;
  for (const range of rangesWithin(ended)) changed += scope.run(DOES[name], ...range);
  if (position !== start) scope.run(MOVE, name, position);
  return passed + changed;
}
