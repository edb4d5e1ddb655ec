import type { Inbox } from "../inbox/inbox.ts";

/** An implementation, as the conformance suite handles it. `Tx` is what its handlers get. */
export interface InboxHarness<Tx> {
  /** Opens an inbox in a new, empty place, with a table for effects beside it. */
  open(): Promise<Inbox<Tx>>;
  /** A second inbox in the same place, as another process would have it. Null where there is no such thing. */
  another: (() => Promise<Inbox<Tx>>) | null;
  /** Writes an effect in a handler's transaction. */
  effect(tx: Tx, name: string): Promise<void>;
  /** The effects that were kept, in order; null where there is nothing to keep them. */
  effects: (() => Promise<string[]>) | null;
  /** Closes every inbox and removes the place. */
  close(): Promise<void>;
}
