import type { Claim } from "./delivery-store.ts";
import type { RequestRow } from "./rows.ts";

/** What is to be leased of what one listener is owed. */
export interface ListenerClaim {
  endpointId: string;
  /** Unix milliseconds. */
  now: number;
  leaseMs: number;
  limit: number;
}

/**
 * What listeners are owed: endpoints of sessions of the official CLI, whose deliveries go over a socket. They are deliveries like
 * any other and are settled by `settle`; but no engine claims them, and none of them is ever a suspect.
 */
export interface ListenerStore {
  /** Leases what one listener is owed and is due, in the order it fell due. `nextDueAt` is when more is to be claimed; null when nothing is left. */
  claim(request: ListenerClaim): Promise<{ claims: Claim[]; nextDueAt: number | null }>;
  /** `onOwed` is told, after each commit that owes something to listeners, their ids. Null ends that. On other nodes they hear of it soon, or find out by asking. */
  onOwed(onOwed: ((endpointIds: readonly string[]) => void) | null): void;
}

/** Where requests that were answered are remembered. */
export interface RequestStore {
  /** Writes rows, in order. One whose id is there already is left out. */
  insert(rows: readonly RequestRow[]): Promise<void>;
}
