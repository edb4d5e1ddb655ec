import type { Limits } from "../limits.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

/** Records when keys were last used, to the hour. */
export interface KeyUses {
  /** The key with this hash authenticated a request. */
  used(hash: string, now: number): void;
  /** The same for an operator's key. */
  operatorUsed(hash: string, now: number): void;
  /** Resolves when all uses have been recorded. */
  close(): Promise<void>;
}

/**
 * Records the use of a key at most once in `keyUseNotedMs` across all nodes, in a separate transaction, so that no
 * request waits for it. While the store is unavailable, the next use tries again.
 */
export function createKeyUses(
  store: Pick<Store, "transaction">,
  { keyUseNotedMs, keyUsesRemembered }: Pick<Limits, "keyUseNotedMs" | "keyUsesRemembered">,
  onBug: (error: unknown) => void,
): KeyUses {
  const notedAt = new Map<string, number>();
  const noting = new Set<Promise<void>>();

  function note(hash: string, now: number, kind: "noteKeyUse" | "noteOperatorUse"): Promise<void> {
    return store
      .transaction((tx) => tx[kind](hash, now, now - keyUseNotedMs + 1))
      .catch((error: unknown) => {
        notedAt.delete(hash);
        if (!(error instanceof StoreUnavailable)) onBug(error);
      });
  }

  function used(hash: string, now: number, kind: "noteKeyUse" | "noteOperatorUse"): void {
    const last = notedAt.get(hash);
    if (last !== undefined && now - last < keyUseNotedMs && now >= last) return;
    if (notedAt.size >= keyUsesRemembered) notedAt.clear();
    notedAt.set(hash, now);
    const done = note(hash, now, kind).finally(() => noting.delete(done));
    noting.add(done);
  }

  return {
    used: (hash, now) => used(hash, now, "noteKeyUse"),
    operatorUsed: (hash, now) => used(hash, now, "noteOperatorUse"),
    async close() {
      await Promise.all(noting);
    },
  };
}
