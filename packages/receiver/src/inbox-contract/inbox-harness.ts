import type { Inbox } from "../inbox/inbox.ts";

/** An implementation in the form that the conformance suite uses. Its handlers get `Tx`. */
export interface InboxHarness<Tx> {
  /** Opens an inbox in a new, empty place, with a table for effects beside it. */
  open(): Promise<Inbox<Tx>>;
  /** A second inbox in the same place, like another process's. Null when that is impossible. */
  another: (() => Promise<Inbox<Tx>>) | null;
  /** Writes an effect in a handler's transaction. */
  effect(tx: Tx, name: string): Promise<void>;
  /** The stored effects, in order; null when they cannot be stored. */
  effects: (() => Promise<string[]>) | null;
  /** Closes every inbox and removes the place. */
  close(): Promise<void>;
}
