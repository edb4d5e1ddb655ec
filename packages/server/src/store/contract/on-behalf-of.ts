import type { Store } from "../store.ts";

/** The same store, whose reads and transactions take the turn of a client. */
export function onBehalfOf(store: Store, client: string): Store {
  return {
    ...store,
    transaction: (work) => store.transaction(work, client),
    read: (work) => store.read(work, client),
  };
}
