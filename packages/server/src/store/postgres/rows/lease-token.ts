/** A delivery's lease, as the token of its claim names it. */
export interface Lease {
  /** The delivery's number. */
  delivery: number;
  /** Which of its leases: 1 for the first. */
  lease: number;
}

/** The token of a claim: it finds the settlement's row, and is refused after another lease. */
export function leaseToken(delivery: number, lease: number): string {
  return `${delivery}.${lease}`;
}

/** The lease of a token; null if the token is not from a claim of this store. */
export function leaseOf(token: number | string): Lease | null {
  const [, delivery, lease] = /^(\d{1,16})\.(\d{1,9})$/.exec(String(token)) ?? [];
  return delivery === undefined || lease === undefined ? null : { delivery: Number(delivery), lease: Number(lease) };
}
