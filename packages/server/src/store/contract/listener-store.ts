import type { Claim } from "./delivery-store.ts";
import type { RequestRow } from "./rows.ts";

/** A request to lease deliveries to one listener. */
export interface ListenerClaim {
  endpointId: string;
  /** Unix milliseconds. */
  now: number;
  leaseMs: number;
  limit: number;
}

/**
 * Deliveries to listeners: endpoints of sessions of the official CLI, which receive them over a socket. `settle`
 * settles them like any other delivery, but no engine claims them, and they never become suspects.
 */
export interface ListenerStore {
  /**
   * Leases one listener's due deliveries, in the order they fell due. `nextDueAt` says when to claim more; null if none
   * are left.
   */
  claim(request: ListenerClaim): Promise<{ claims: Claim[]; nextDueAt: number | null }>;
  /**
   * Calls `onOwed` after each commit with the ids of the listeners that it has deliveries for. Passing null stops the
   * calls. Other nodes learn of it later, or poll.
   */
  onOwed(onOwed: ((endpointIds: readonly string[]) => void) | null): void;
}

/** The log of answered requests. */
export interface RequestStore {
  /** Writes rows, in order. Skips those whose id already exists, and those by or for an account that was erased. */
  insert(rows: readonly RequestRow[]): Promise<void>;
}
