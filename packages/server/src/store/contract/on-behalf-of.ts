import type { Store } from "../store.ts";

/** The same store, with reads and transactions that take a client's turn. */
export function onBehalfOf(store: Store, client: string): Store {
  return {
    ...store,
    transaction: (work) => store.transaction(work, client),
    read: (work) => store.read(work, client),
  };
}
