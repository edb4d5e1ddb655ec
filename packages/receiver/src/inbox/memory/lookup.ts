import { depthFrom, type HeldWork } from "../held-work.ts";
import type { Depth, DepthRequest, WorkFilter, WorkRow, WorkState } from "../inbox.ts";
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
export function depthOf(events: Iterable<Kept>, { settled: asked = false }: DepthRequest = {}): Depth {
  const held: HeldWork[] = [];
  const settled = new Map<WorkState, number>();
  for (const { event, work } of events) {
    for (const { state, handler } of work) {
      if (state === "pending" || state === "dead" || state === "quarantined") {
        held.push({ handler, state, count: 1, oldestAt: event.receivedAt });
      } else settled.set(state, (settled.get(state) ?? 0) + 1);
    }
  }
  return depthFrom(held, asked ? settled : null);
}
