import type { Store } from "./store.ts";

/** An implementation, as the conformance suite handles it. */
export interface StoreHarness {
  /** Opens a store in a new, empty place. `now` is in Unix milliseconds. */
  open(options: { now: number }): Promise<Store>;
  /** What old events go by: each by itself, or all of a partition together. */
  prunesBy: "row" | "partition";
  /** Closes that store and opens the same place again. Null when nothing outlives a store's closing. */
  reopen: (() => Promise<Store>) | null;
  /** Closes the store and removes the place. */
  close(): Promise<void>;
}
