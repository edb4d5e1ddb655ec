import type { WorkScope } from "../database/scope.ts";
import { earliestDue } from "./lanes.ts";

// A lease is what makes `due_at` differ from `next_attempt_at`. The range ends with the endpoint's leases, so later
// retries are not visited.
const LEASED = `
  SELECT n FROM deliveries INDEXED BY deliveries_due
  WHERE endpoint = (SELECT n FROM endpoints WHERE id = ?) AND state = 0 AND due_at > ? AND due_at <= ? AND due_at <> next_attempt_at`;

/** Ends all current leases: their deliveries are due as before. Returns how many. */
export function releaseLeases(scope: WorkScope, now: number): number {
  let released = 0;
  for (const lane of scope.all("SELECT endpoint_id, leased_until FROM lanes WHERE leased_until > ?", now)) {
    const endpointId = lane.endpoint_id as string;
    const leased = scope.all(LEASED, endpointId, now, lane.leased_until as number);
    for (const { n } of leased) scope.run("UPDATE deliveries SET due_at = next_attempt_at WHERE n = ?", n as number);
    released += leased.length;
    const dueAt = earliestDue(scope, endpointId);
    scope.run("UPDATE lanes SET due_at = ?, leased_until = 0 WHERE endpoint_id = ?", dueAt, endpointId);
    if (dueAt !== null) scope.due(dueAt);
  }
  return released;
}
