import type { Depth, HandlerDepth, WorkFilter, WorkRow } from "../inbox.ts";
import type { Kept } from "./kept-work.ts";

/** Work, in the order of the given events. */
export function workRows(events: Iterable<Kept>, filter: WorkFilter): WorkRow[] {
  const rows: WorkRow[] = [];
  for (const { event, work } of events) {
    for (const { handler, state, attempts, dueAt, error, settledAt } of work) {
      if (rows.length === filter.limit) return rows;
      if (filter.state !== undefined && filter.state !== state) continue;
      if (filter.handler !== undefined && filter.handler !== handler) continue;
      if (filter.eventId !== undefined && filter.eventId !== event.id) continue;
      if (filter.type !== undefined && filter.type !== event.type) continue;
      if (filter.settledSince !== undefined && (settledAt ?? Number.NEGATIVE_INFINITY) < filter.settledSince) continue;
      if (filter.account !== undefined && filter.account !== event.account) continue;
      if (filter.livemode !== undefined && filter.livemode !== event.livemode) continue;
      const { source, livemode, account, id, type, endpoint, created, receivedAt } = event;
      rows.push({
        event: { source, livemode, account, id, type, endpoint, created, receivedAt },
        handler,
        state,
        attempts,
        dueAt,
        error,
        settledAt,
      });
    }
  }
  return rows;
}

/** Counts work by state, and unsettled work by handler. */
export function depthOf(events: Iterable<Kept>): Depth {
  const byHandler = new Map<string, HandlerDepth>();
  const depth: Depth = {
    work: { pending: 0, done: 0, dead: 0, discarded: 0, stale: 0, cancelled: 0, quarantined: 0 },
    oldestPendingAt: null,
    handlers: [],
  };
  for (const { event, work } of events) {
    for (const { state, handler } of work) {
      depth.work[state]++;
      if (state !== "pending" && state !== "dead" && state !== "quarantined") continue;
      const row = byHandler.get(handler) ?? { handler, pending: 0, dead: 0, quarantined: 0, oldestPendingAt: null };
      byHandler.set(handler, row);
      row[state]++;
      if (state !== "pending") continue;
      row.oldestPendingAt = Math.min(row.oldestPendingAt ?? event.receivedAt, event.receivedAt);
      depth.oldestPendingAt = Math.min(depth.oldestPendingAt ?? event.receivedAt, event.receivedAt);
    }
  }
  depth.handlers = [...byHandler.values()].sort((one, other) => (one.handler < other.handler ? -1 : 1));
  return depth;
}
