import { addressGroup } from "../api/client-address.ts";
import { RateLimited } from "../api/rate-limits.ts";
import { type Bucket, take } from "../api/token-bucket.ts";
import type { Limits } from "../limits.ts";

/** Counts sign-ins by address, so that clients cannot guess keys quickly or open endless sessions. */
export interface SignIns {
  /**
   * Throws `RateLimited` for a sign-in over the limit. An address that is unknown because its connection is gone is not
   * counted.
   */
  admit(address: string | null, now: number): void;
}

/** Keeps the counts in memory, for the `limits.rateLimitsKept` addresses that signed in last. */
export function createSignIns({ dashboardSignInsPerMinute: most, rateLimitsKept }: Limits): SignIns {
  const buckets = new Map<string, Bucket>();
  return {
    admit(address, now) {
      if (address === null) return;
      const group = addressGroup(address);
      const { bucket, waitMs } = take(buckets.get(group), { perSecond: most / 60, burst: most }, now);
      buckets.delete(group);
      buckets.set(group, bucket);
      if (buckets.size > rateLimitsKept) buckets.delete(buckets.keys().next().value as string);
      if (waitMs > 0) throw new RateLimited(waitMs);
    },
  };
}
