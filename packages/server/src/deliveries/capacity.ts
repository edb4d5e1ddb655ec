import type { Limits } from "../limits.ts";
import type { OwnedEndpoint } from "../store/contract/delivery-store.ts";

/** How many deliveries may be held in memory, and how many bytes. */
export interface CapacityLimits {
  held: number;
  heldPerAccount: number;
  heldPerEndpoint: number;
  /**
   * An endpoint with this many deliveries is busy: the rest would wait longer than a lease, so they stay in the store.
   */
  busyFrom: number;
  /** Bytes of bodies that wait or are under way. One account may use half of them. */
  heldBytes: number;
}

/** The capacity of an engine with these limits. */
export function capacityLimits(limits: Limits): CapacityLimits {
  return {
    held: limits.claimsHeld,
    heldPerAccount: limits.claimsHeldPerAccount,
    heldPerEndpoint: limits.claimsHeldPerEndpoint,
    busyFrom: Math.min(2 * limits.claimsAtOncePerEndpoint, Math.ceil(limits.claimsHeldPerEndpoint / 2)),
    heldBytes: limits.claimsHeldBytes,
  };
}

/** What is held for one endpoint, or for all endpoints of one account. */
interface Held {
  count: number;
  bytes: number;
}

/** What is held for an endpoint, and for its account. */
interface HeldOfEndpoint extends Held {
  accountId: string;
  account: Held;
}

/** Counts what is held in memory: in all, of each account and of each endpoint. No time, no I/O. */
export class Capacity {
  readonly #limits: CapacityLimits;
  readonly #mostBytes: number;
  readonly #accounts = new Map<string, Held>();
  readonly #endpoints = new Map<string, HeldOfEndpoint>();
  readonly #restraints = new Map<string, number>();
  readonly #busy = new Set<string>();
  #passedOver: ReadonlySet<string> = new Set();
  #freed = false;
  #held = 0;
  #bytes = 0;

  constructor(limits: CapacityLimits) {
    this.#limits = limits;
    this.#mostBytes = Math.ceil(limits.heldBytes / 2);
  }

  get held(): number {
    return this.#held;
  }

  /** How many more deliveries fit. */
  get left(): number {
    return this.#bytes >= this.#limits.heldBytes ? 0 : this.#limits.held - this.#held;
  }

  /** Endpoints that have enough, in number or in bytes. From now on `freed` refers to these. */
  passOver(): ReadonlySet<string> {
    this.#passedOver = new Set(this.#busy);
    this.#freed = false;
    return this.#passedOver;
  }

  /** Whether one of the endpoints that were last skipped has room again. */
  get freed(): boolean {
    return this.#freed;
  }

  /** Whether anything is held for an endpoint. */
  holds(endpointId: string): boolean {
    return this.#endpoints.has(endpointId);
  }

  /** Holds one more delivery with a body of this size; false when there is no room for it. */
  reserve(endpoint: OwnedEndpoint, bytes: number): boolean {
    if (this.left <= 0) return false;
    const account = this.#accounts.get(endpoint.accountId);
    if (account !== undefined && (account.count >= this.#limits.heldPerAccount || account.bytes >= this.#mostBytes)) return false;
    const most = Math.min(this.#limits.heldPerEndpoint, this.#restraints.get(endpoint.id) ?? Number.POSITIVE_INFINITY);
    if ((this.#endpoints.get(endpoint.id)?.count ?? 0) >= most) return false;
    this.add(endpoint, bytes);
    return true;
  }

  /** Holds one more, whether there is room or not. */
  add({ id, accountId }: OwnedEndpoint, bytes: number): void {
    let account = this.#accounts.get(accountId);
    if (account === undefined) {
      account = { count: 0, bytes: 0 };
      this.#accounts.set(accountId, account);
    }
    let endpoint = this.#endpoints.get(id);
    if (endpoint === undefined) {
      endpoint = { count: 0, bytes: 0, accountId, account };
      this.#endpoints.set(id, endpoint);
    }
    this.#change(id, endpoint, 1, bytes);
  }

  /**
   * Releases this many deliveries of an endpoint, and this many bytes. Returns how many of its deliveries are still
   * held.
   */
  free(endpointId: string, count: number, bytes: number): number {
    const endpoint = this.#endpoints.get(endpointId);
    if (endpoint === undefined) throw new Error(`Nothing is held of ${endpointId}.`);
    this.#change(endpointId, endpoint, -count, -bytes);
    if (endpoint.count > 0) return endpoint.count;
    this.#endpoints.delete(endpointId);
    if (endpoint.account.count === 0) this.#accounts.delete(endpoint.accountId);
    return 0;
  }

  /**
   * From now on holds at most this many deliveries of an endpoint, and skips it once it has them; null for no such
   * limit.
   */
  restrain(endpointId: string, most: number | null): void {
    if (most === null) this.#restraints.delete(endpointId);
    else this.#restraints.set(endpointId, most);
    this.#mark(endpointId, this.#endpoints.get(endpointId));
  }

  #change(endpointId: string, endpoint: HeldOfEndpoint, count: number, bytes: number): void {
    endpoint.count += count;
    endpoint.bytes += bytes;
    endpoint.account.count += count;
    endpoint.account.bytes += bytes;
    this.#held += count;
    this.#bytes += bytes;
    this.#mark(endpointId, endpoint);
  }

  #mark(endpointId: string, { count, bytes }: Held = NOTHING): void {
    const most = Math.min(this.#limits.busyFrom, this.#restraints.get(endpointId) ?? Number.POSITIVE_INFINITY);
    if (count >= most || bytes >= this.#mostBytes) this.#busy.add(endpointId);
    else if (this.#busy.delete(endpointId) && this.#passedOver.has(endpointId)) this.#freed = true;
  }
}

const NOTHING: Held = { count: 0, bytes: 0 };
