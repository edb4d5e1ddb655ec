import { ApiError } from "@carabiner/protocol";
import type { Limits } from "../limits.ts";
import { keyHash } from "../resources/platforms/issue-keys.ts";
import { addressGroup } from "./client-address.ts";
import { type Bucket, charged, type Rate, refunded, take } from "./token-bucket.ts";

/** A request over the limit. */
export class RateLimited extends ApiError {
  /** What `Retry-After` says: at least 1. */
  readonly retryAfterSeconds: number;

  constructor(waitMs: number) {
    const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000));
    super("rate_limited", { seconds: retryAfterSeconds });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Decides which requests are too many. An address is null when its connection is gone; it is never refused. Times are
 * Unix milliseconds. Throws `RateLimited`.
 */
export interface RateLimits {
  /** Whether addresses, and keys, are counted. */
  counts: { addresses: boolean; keys: boolean };
  /** Counts a request from an address. */
  admitAddress(address: string | null, now: number): void;
  /**
   * Counts a request made with a key, before the key is looked up. All unproven keys from one address share the limit
   * of one key: they can be guessed only slowly, and guesses take no memory. Returns whether the key is unproven: call
   * `proveKey` once it proves valid.
   */
  admitKey(key: string, address: string | null, now: number): boolean;
  /** A key that was counted with its address has proved valid: it is counted separately from now on. */
  proveKey(key: string, address: string | null, now: number): void;
}

/**
 * The limits on requests by key and by address; 0 a second turns one off. Each server keeps its own in memory, for the
 * `limits.rateLimitsKept` keys and as many addresses that made the latest requests.
 * Throws a TypeError for invalid limits.
 */
export function createRateLimits(limits: Limits): RateLimits {
  const perKey = rateOf(limits, "requestsPerSecondPerKey", "requestBurstPerKey");
  const perAddress = rateOf(limits, "requestsPerSecondPerAddress", "requestBurstPerAddress");
  const [keys, strangers, addresses] = [1, 2, 3].map(() => createRecent(limits.rateLimitsKept)) as [Recent, Recent, Recent];

  function count(buckets: Recent, name: string, rate: Rate, now: number): void {
    const { bucket, waitMs } = take(buckets.get(name), rate, now);
    buckets.set(name, bucket);
    if (waitMs > 0) throw new RateLimited(waitMs);
  }

  return {
    counts: { addresses: perAddress !== null, keys: perKey !== null },
    admitAddress(address, now) {
      if (perAddress !== null && address !== null) count(addresses, addressGroup(address), perAddress, now);
    },
    admitKey(key, address, now) {
      if (perKey === null || address === null) return false;
      const hash = keyHash(key);
      const known = keys.get(hash) !== undefined;
      count(known ? keys : strangers, known ? hash : addressGroup(address), perKey, now);
      return !known;
    },
    proveKey(key, address, now) {
      if (perKey === null || address === null) return;
      const hash = keyHash(key);
      // Other requests with the same key may be in progress: each adds its own cost.
      keys.set(hash, charged(keys.get(hash), perKey, now));
      const group = addressGroup(address);
      strangers.set(group, refunded(strangers.get(group), perKey, now));
    },
  };
}

function rateOf(limits: Limits, rate: keyof Limits, most: keyof Limits): Rate | null {
  const { [rate]: perSecond, [most]: burst } = limits;
  if (!(perSecond >= 0 && Number.isFinite(perSecond))) throw new TypeError(`${rate} must be 0 or more, not ${perSecond}.`);
  if (!(burst >= 1 && Number.isFinite(burst))) throw new TypeError(`${most} must be 1 or more, not ${burst}.`);
  return perSecond === 0 ? null : { perSecond, burst };
}

/** Buckets by name. The least recently used ones are dropped. */
interface Recent {
  get(name: string): Bucket | undefined;
  set(name: string, bucket: Bucket): void;
}

function createRecent(most: number): Recent {
  const buckets = new Map<string, Bucket>();
  return {
    get: (name) => buckets.get(name),
    set(name, bucket) {
      buckets.delete(name);
      buckets.set(name, bucket);
      if (buckets.size > most) buckets.delete(buckets.keys().next().value as string);
    },
  };
}
