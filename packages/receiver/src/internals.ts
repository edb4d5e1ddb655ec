import type { Clock } from "./clock.ts";
import type { EndpointTable } from "./endpoints.ts";
import type { Inbox } from "./inbox/inbox.ts";
import type { Reporter } from "./report.ts";

/** What the test kit needs of a receiver and nobody else may have: its secrets are in it. */
export interface Internals {
  endpoints: EndpointTable;
  inbox: Inbox<unknown>;
  clock: Clock;
  livemode: boolean | "both";
  /** Hears of everything until the function that is returned is called. */
  listen(reporter: Reporter): () => void;
}

/** By receiver, so that nothing of it is reached from the receiver itself. */
const internals = new WeakMap<object, Internals>();

export function keepInternals(receiver: object, of: Internals): void {
  internals.set(receiver, of);
}

/** The internals of a receiver; undefined for what is none, or was made by another copy of this package. */
export function internalsOf(receiver: object): Internals | undefined {
  return internals.get(receiver);
}
