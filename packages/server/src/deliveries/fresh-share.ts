import type { Claim } from "../store/contract/delivery-store.ts";

/**
 * What is published while a clock is turned. The clock stands still between two steps, so clients that publish without
 * a break would keep it there. At each time the first deliveries are sent at once, as many as its share; for the others
 * the turn goes on, and they are sent at its end.
 */
export class FreshShare {
  /** How many are sent at one time. */
  readonly #share: number;
  /** When the turn ends, Unix milliseconds; null while the clock is not turned. */
  #until: number | null = null;
  /** How many were published at `#at`. */
  #count = 0;
  #at = 0;
  /** Places that are reserved for coming claims. */
  #reserved = 0;
  /** Published when the turn had come to its end. */
  #late: Claim[] = [];

  constructor(share: number) {
    this.#share = share;
  }

  begin(until: number): void {
    this.#until = until;
    this.#count = 0;
  }

  /** Returns what waits for the end. Its places are reserved. */
  end(): Claim[] {
    this.#until = null;
    const late = this.#late;
    this.#late = [];
    return late;
  }

  /** One more is published at `now`. Returns when it may be sent: null for now, or else the end of its lease. */
  publishedAt(now: number): number | null {
    if (this.#until === null) return null;
    if (this.#at !== now) {
      this.#at = now;
      this.#count = 0;
    }
    if (++this.#count <= this.#share) return null;
    // At the end it would be claimed over and over.
    return now < this.#until ? this.#until : this.#until + 1;
  }

  reserved(): void {
    this.#reserved++;
  }

  released(count: number): void {
    this.#reserved -= count;
  }

  /** These are committed. Returns those to send now, and those to let go of: their leases run out at the end. */
  accepted(claims: readonly Claim[]): { now: readonly Claim[]; later: readonly Claim[] } {
    this.#reserved -= claims.length;
    const until = this.#until;
    if (until === null || this.#count <= this.#share) return { now: claims, later: [] };
    this.#late.push(...claims.filter(({ leaseUntil }) => leaseUntil === until + 1));
    return {
      now: claims.filter(({ leaseUntil }) => leaseUntil !== until && leaseUntil !== until + 1),
      later: claims.filter(({ leaseUntil }) => leaseUntil === until),
    };
  }

  /** How many places are taken by what no turn waits for. */
  get aside(): number {
    return this.#late.length + (this.#until !== null && this.#count > this.#share ? this.#reserved : 0);
  }
}
