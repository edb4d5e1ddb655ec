import type { Clock } from "./clock.ts";
import type { EndpointTable } from "./endpoints.ts";
import type { Inbox } from "./inbox/inbox.ts";
import type { Reporter } from "./report.ts";

/** The parts of a receiver that the test kit needs. They contain secrets, so no other code may have them. */
export interface Internals {
  endpoints: EndpointTable;
  inbox: Inbox<unknown>;
  clock: Clock;
  livemode: boolean | "both";
  /** Receives every report until the returned function is called. */
  listen(reporter: Reporter): () => void;
}

/** Keyed by receiver, so that the receiver itself does not expose them. */
const internals = new WeakMap<object, Internals>();

export function keepInternals(receiver: object, of: Internals): void {
  internals.set(receiver, of);
}

/** A receiver's internals; undefined for other values and for receivers from another copy of this package. */
export function internalsOf(receiver: object): Internals | undefined {
  return internals.get(receiver);
}
