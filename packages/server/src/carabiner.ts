import type { ForwardedTo } from "./dev-endpoints.ts";
import type { ClientIds } from "./resources/platforms/create-platform.ts";
import type { Keys } from "./resources/platforms/issue-keys.ts";
import type { UnfitDatabase } from "./store/store.ts";

/** A running server. */
export interface Carabiner {
  /** `http://127.0.0.1:12111`: gives the `host`, `port` and `protocol` for an SDK. */
  url: string;
  host: string;
  port: number;
  /** Where browsers find the dashboard; null when the server does not serve it. */
  dashboard: string | null;
  /** Where `GET /metrics` is served; null without the option `metrics`. */
  metricsPort: number | null;
  /** The default platform's account, `acct_…`. Only in `dev`; empty otherwise. */
  account: string;
  /** Its client ids, `ca_…`, one for each mode. */
  applications: ClientIds;
  /** Its keys. */
  keys: Keys;
  /** The endpoints of the option `forward`; null without it. */
  forwarding: ForwardedTo | null;
  /** The clock, in `dev`. Each call resolves when all the work it caused is done. */
  clock: {
    /** Unix milliseconds. */
    now(): number;
    /** Runs everything that falls due on the way, in order, each at its own time. `to` is in Unix seconds. */
    advance(by: { seconds: number } | { to: number }): Promise<void>;
    freeze(): Promise<void>;
    release(): Promise<void>;
  };
  /** Resolves when nothing is being delivered and nothing is due. Deliveries that wait for a retry stay pending. */
  idle(): Promise<void>;
  /**
   * Reads the files of the certificate again, as `SIGHUP` makes `serve` do. If they cannot be used, the last
   * certificate stays. The log says which.
   */
  reload(): void;
  /** Stops accepting requests, lets attempts under way end, and closes the store. */
  close(): Promise<void>;
  /**
   * Resolves when the server has closed: with null if it was asked to, otherwise with the reason why it could not
   * continue.
   */
  ended: Promise<UnfitDatabase | null>;
}
