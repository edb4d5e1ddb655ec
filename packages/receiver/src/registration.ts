import type { Attempt, InboxEvent, Order } from "./inbox/inbox.ts";

/** What a handler call gets. */
export interface Turn<Tx> {
  /** The event, parsed from its bytes. */
  body: unknown;
  event: InboxEvent;
  /** 1 for the first. */
  number: number;
  attempt: Attempt<Tx>;
  /** Aborts when the try's time is over. Created at the first call. */
  signal(): AbortSignal;
  tied: boolean;
}

/** A handler, with the options that decide when and how it is called. */
export interface Registration<Tx> {
  /** Its progress is stored under this name. */
  id: string;
  /** Former names. */
  aliases: readonly string[];
  /** Its lane; null for all Connect endpoints, `*` for every endpoint. */
  lane: string | "*" | null;
  /**
   * What it handles: whole events, thin ones, both (for a verb), events that no other handler matches, or an account's
   * departure.
   */
  kind: "snapshot" | "thin" | "verb" | "unhandled" | "deauthorized";
  patterns: readonly string[];
  order: Order;
  /** Which events wait for each other: those of one object, or all events of an account. */
  orderBy: "object" | "account";
  coalesceMs: number;
  attempts: number;
  timeoutMs: number;
  run(turn: Turn<Tx>): unknown;
}
