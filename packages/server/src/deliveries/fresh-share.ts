import type { Claim } from "../store/contract/delivery-store.ts";

/**
 * Decides which of the deliveries that clients publish while a clock is turned are sent at once. The clock stands still
 * between two steps, so clients that keep publishing would stop it from moving on. So only the share is sent at once,
 * and one more delivery for each time that the clock reaches. The turn does not wait for the others: they are sent at
 * its end. Deliveries that a task publishes during the turn do not belong to a client, and do not count.
 */
export class FreshShare {
  /** The most deliveries that may be sent at once. */
  readonly #share: number;
  /** When the turn ends, Unix milliseconds; null while the clock is not turned. */
  #until: number | null = null;
  /** How many more may be sent. */
  #left = 0;
  #at = 0;
  /** Whether one had to wait at `#at`. */
  #over = false;
  #ownWork = false;
  /** Places that are reserved for coming claims. */
  #reserved = 0;
  /** Deliveries that were published when the turn had reached its end. */
  #late: Claim[] = [];

  constructor(share: number) {
    this.#share = share;
  }

  begin(until: number): void {
    this.#until = until;
    this.#left = this.#share;
    this.#over = false;
  }

  /** Whether what is published now belongs to the turn. */
  set ownWork(own: boolean) {
    this.#ownWork = own;
  }

  /** Returns what waits for the end. Places are already reserved for it. */
  end(): Claim[] {
    this.#until = null;
    const late = this.#late;
    this.#late = [];
    return late;
  }

  /**
   * One more delivery is published at `now`. Returns when it may be sent: null for now, or else the end of its lease.
   */
  publishedAt(now: number): number | null {
    if (this.#until === null) return null;
    if (this.#at !== now) {
      this.#at = now;
      this.#over = false;
      this.#left = Math.min(this.#share, this.#left + 1);
    }
    if (this.#ownWork) return null;
    if (this.#left > 0) {
      this.#left--;
      return null;
    }
    this.#over = true;
    // At the end of the turn it would be claimed over and over.
    return now < this.#until ? this.#until : this.#until + 1;
  }

  reserved(): void {
    this.#reserved++;
  }

  released(count: number): void {
    this.#reserved -= count;
  }

  /**
   * These are committed. Returns the deliveries to send now, and those to drop: the leases of the latter run out at the
   * end.
   */
  accepted(claims: readonly Claim[]): { now: readonly Claim[]; later: readonly Claim[] } {
    this.#reserved -= claims.length;
    const until = this.#until;
    if (until === null || !this.#over) return { now: claims, later: [] };
    this.#late.push(...claims.filter(({ leaseUntil }) => leaseUntil === until + 1));
    return {
      now: claims.filter(({ leaseUntil }) => leaseUntil !== until && leaseUntil !== until + 1),
      later: claims.filter(({ leaseUntil }) => leaseUntil === until),
    };
  }

  /** How many places are taken by deliveries that no turn waits for. */
  get aside(): number {
    return this.#late.length + (this.#until !== null && this.#over ? this.#reserved : 0);
  }
}
