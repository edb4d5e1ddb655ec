/** The limits: tokens a second, sustained, and the most tokens that can be saved up. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/** The tokens that are left, in thousandths, so that a millisecond adds a whole number. */
export interface Bucket {
  level: number;
  /** The time of this count. Unix milliseconds. */
  at: number;
}

const TOKEN = 1_000;

/**
 * A bucket as it is at `now`; a full one when there was no bucket before. A clock that was set back changes nothing.
 */
export function filled(bucket: Bucket | undefined, { perSecond, burst }: Rate, now: number): Bucket {
  if (bucket === undefined) return { level: burst * TOKEN, at: now };
  const since = Math.max(0, now - bucket.at);
  return { level: Math.min(burst * TOKEN, bucket.level + since * perSecond), at: now };
}

/**
 * Takes a token if there is one. Returns what is left, and how long to wait for the next token: 0 when it took one.
 */
export function take(bucket: Bucket | undefined, rate: Rate, now: number): { bucket: Bucket; waitMs: number } {
  const { level, at } = filled(bucket, rate, now);
  if (level < TOKEN) return { bucket: { level, at }, waitMs: Math.ceil((TOKEN - level) / rate.perSecond) };
  return { bucket: { level: level - TOKEN, at }, waitMs: 0 };
}

/** A bucket after a token was taken on credit: new tokens repay that first. */
export function charged(bucket: Bucket | undefined, rate: Rate, now: number): Bucket {
  const { level, at } = filled(bucket, rate, now);
  return { level: level - TOKEN, at };
}

/** A bucket after a token was returned. */
export function refunded(bucket: Bucket | undefined, rate: Rate, now: number): Bucket {
  const { level, at } = filled(bucket, rate, now);
  return { level: Math.min(rate.burst * TOKEN, level + TOKEN), at };
}
