import type { KeySource } from "../../src/store/secret-box.ts";
import type { Store } from "../../src/store/store.ts";

/** An implementation, as the conformance suite handles it. */
export interface StoreHarness {
  /** Opens a store in a new, empty place, with the keys of the fixture. `now` is in Unix milliseconds. */
  open(options: { now: number }): Promise<Store>;
  /** What old events go by: each by itself, or all of a partition together. */
  prunesBy: "row" | "partition";
  /** Closes that store and opens the same place again. Null when nothing outlives a store's closing. */
  reopen: ((options?: { keys?: KeySource }) => Promise<Store>) | null;
  /** Closes that store, runs SQL in its place, and opens it again. Null where there is nothing to run it in. */
  tamper: ((sql: string) => Promise<Store>) | null;
  /** Closes the store and removes the place. */
  close(): Promise<void>;
}
