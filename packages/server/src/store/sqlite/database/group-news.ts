import type { Claim } from "../../contract/delivery-store.ts";
import type { GroupScope } from "./group-scope.ts";

/** What others are told once a group of work is durable. */
export interface GroupNews {
  /** Deliveries that were handed to the engine, in the order of the work. */
  claims: Claim[];
  /** Endpoints of which something changed, by id. */
  changed: ReadonlySet<string>;
  /** Endpoints that are owed something by listeners, by id. */
  owed: ReadonlySet<string>;
  /** When the first of its deliveries is due: Unix milliseconds; infinity when none is. */
  due: number;
  /** The same for tasks. */
  taskDue: number;
}

/** What the scopes of the work that a group kept have to tell together. */
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
