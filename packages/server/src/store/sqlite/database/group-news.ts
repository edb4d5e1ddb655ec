import type { Claim } from "../../contract/delivery-store.ts";
import type { GroupScope } from "./group-scope.ts";

/** What others learn once a group of work is durable. */
export interface GroupNews {
  /** Deliveries that were handed to the engine, in the order of the work. */
  claims: Claim[];
  /** Endpoints that changed, by id. */
  changed: ReadonlySet<string>;
  /** Listeners that have deliveries, by id. */
  owed: ReadonlySet<string>;
  /** When the first of its deliveries is due: Unix milliseconds; infinity when no delivery is due. */
  due: number;
  /** The same for tasks. */
  taskDue: number;
}

/** What a group's committed work has to report, together. */
export function newsOf(kept: readonly GroupScope[]): GroupNews {
  const claims: Claim[] = [];
  const changed = new Set<string>();
  const owed = new Set<string>();
  let due = Number.POSITIVE_INFINITY;
  let taskDue = Number.POSITIVE_INFINITY;
  for (const scope of kept) {
    if (scope.claims.length > 0) claims.push(...scope.claims);
    for (const endpointId of scope.changedEndpoints) changed.add(endpointId);
    for (const endpointId of scope.owedListeners) owed.add(endpointId);
    due = Math.min(due, scope.earliest);
    taskDue = Math.min(taskDue, scope.earliestTask);
  }
  return { claims, changed, owed, due, taskDue };
}
