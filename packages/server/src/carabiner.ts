import type { ForwardedTo } from "./dev-endpoints.ts";
import type { ClientIds } from "./resources/platforms/create-platform.ts";
import type { Keys } from "./resources/platforms/issue-keys.ts";
import type { UnfitDatabase } from "./store/store.ts";

/** A running server. */
export interface Carabiner {
  /** `http://127.0.0.1:12111`: what an SDK's `host`, `port` and `protocol` are taken from. */
  url: string;
  host: string;
  port: number;
  /** Where `GET /metrics` is served; null when `metrics` was not asked for. */
  metricsPort: number | null;
  /** The default platform's account, `acct_…`. Only in `dev`; empty otherwise. */
  account: string;
  /** Its client ids, `ca_…`, one for each mode. */
  applications: ClientIds;
  /** Its keys. */
  keys: Keys;
  /** The endpoints that `forward` asked for; null when it was not given. */
  forwarding: ForwardedTo | null;
  /** The clock, in `dev`. Each call resolves when all it set off is done. */
  clock: {
    /** Unix milliseconds. */
    now(): number;
    /** Runs everything that falls due on the way, in order, each at its own time. `to` is in Unix seconds. */
    advance(by: { seconds: number } | { to: number }): Promise<void>;
    freeze(): Promise<void>;
    release(): Promise<void>;
  };
  /** Resolves when nothing is being delivered and nothing is due. What waits for a retry stays where it is. */
  idle(): Promise<void>;
  /** Stops taking requests, lets attempts under way end, and closes the store. */
  close(): Promise<void>;
  /** Resolves when the server has closed: with null if it was asked to, otherwise with the reason why it could not continue. */
  ended: Promise<UnfitDatabase | null>;
}
