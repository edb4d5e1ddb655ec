import type { ListenSessionRow } from "../../store/contract/rows.ts";
import type { Store } from "../../store/store.ts";

/** Sessions read at once, and deliveries cancelled in one transaction. */
const SESSIONS = 100;
const DELIVERIES = 1_000;

/**
 * Ends the sessions that have expired by `now`. Their listeners receive nothing more, and their pending deliveries are
 * cancelled. Throws `StoreUnavailable`; the next call ends the rest.
 */
export async function endExpired(store: Store, now: number): Promise<void> {
  let expired: ListenSessionRow[];
  do {
    expired = await store.read((reads) => reads.expiredListenSessions(now, SESSIONS));
    for (const session of expired) await endSession(store, session, now);
  } while (expired.length === SESSIONS);
}

async function endSession(store: Store, { id, endpointId }: ListenSessionRow, now: number): Promise<void> {
  // Expired sessions stay expired. Remove the listener first, so that it gets no new deliveries.
  const ended = await store.transaction(async (tx) => {
    const session = await tx.listenSession(id);
    if (session === null || session.expiresAt > now) return false;
    const endpoint = endpointId === null ? null : await tx.endpoint(endpointId);
    if (endpoint !== null && !endpoint.deleted) await tx.updateEndpoint({ ...endpoint, deleted: true });
    return true;
  });
  if (!ended) return;
  if (endpointId !== null) while ((await store.transaction((tx) => tx.cancelPending(endpointId, now, DELIVERIES))) === DELIVERIES);
  await store.transaction((tx) => tx.deleteListenSession(id));
}
