import type { Limits } from "../limits.ts";

/** How many deliveries may be held in memory, and how much. */
export interface RoomLimits {
  held: number;
  heldPerEndpoint: number;
  /** With so many held an endpoint is busy: whatever else it has is better left in the store, for longer than a lease. */
  busyFrom: number;
  /** Bytes of bodies that wait or are under way. One endpoint may have half of them. */
  heldBytes: number;
}

/** How much an engine with these limits holds. */
export function roomLimits(limits: Limits): RoomLimits {
  return {
    held: limits.claimsHeld,
    heldPerEndpoint: limits.claimsHeldPerEndpoint,
    busyFrom: Math.min(2 * limits.claimsAtOncePerEndpoint, Math.ceil(limits.claimsHeldPerEndpoint / 2)),
    heldBytes: limits.claimsHeldBytes,
  };
}

/** What is held of one endpoint. */
interface Held {
  count: number;
  bytes: number;
}

/** Counts what is held in memory, in all and of each endpoint. No time, no I/O. */
export class Room {
  readonly #limits: RoomLimits;
  readonly #busyBytes: number;
  readonly #endpoints = new Map<string, Held>();
  readonly #busy = new Set<string>();
  #held = 0;
  #bytes = 0;

  constructor(limits: RoomLimits) {
    this.#limits = limits;
    this.#busyBytes = Math.ceil(limits.heldBytes / 2);
  }

  get held(): number {
    return this.#held;
  }

  /** Deliveries that may still be taken in. */
  get left(): number {
    return this.#bytes >= this.#limits.heldBytes ? 0 : this.#limits.held - this.#held;
  }

  /** Endpoints that have enough, in number or in bytes. */
  get busy(): ReadonlySet<string> {
    return this.#busy;
  }

  /** Holds one more with a body of so many bytes; false when there is no room for it. */
  reserve(endpointId: string, bytes: number): boolean {
    const endpoint = this.#endpoints.get(endpointId);
    if (this.left <= 0) return false;
    if (endpoint !== undefined && (endpoint.count >= this.#limits.heldPerEndpoint || endpoint.bytes >= this.#busyBytes)) return false;
    this.change(endpointId, 1, bytes);
    return true;
  }

  /** Holds so many more, or fewer, whether there is room or not. Returns how many of the endpoint are held now. */
  change(endpointId: string, count: number, bytes: number): number {
    let endpoint = this.#endpoints.get(endpointId);
    if (endpoint === undefined) {
      endpoint = { count: 0, bytes: 0 };
      this.#endpoints.set(endpointId, endpoint);
    }
    endpoint.count += count;
    endpoint.bytes += bytes;
    this.#held += count;
    this.#bytes += bytes;
    if (endpoint.count >= this.#limits.busyFrom || endpoint.bytes >= this.#busyBytes) this.#busy.add(endpointId);
    else this.#busy.delete(endpointId);
    if (endpoint.count === 0) this.#endpoints.delete(endpointId);
    return endpoint.count;
  }
}
