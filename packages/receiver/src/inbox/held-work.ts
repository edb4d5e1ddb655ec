import type { Depth, HandlerDepth, WorkState } from "./inbox.ts";

/** Some of a handler's work that is not settled for good, counted. */
export interface HeldWork {
  handler: string;
  state: "pending" | "dead" | "quarantined";
  count: number;
  /** When the oldest of it arrived, for pending work. */
  oldestAt: number | null;
}

/** What an inbox answers to `depth`. `settled`: how much is finally settled, by state, if requested. */
export function depthFrom(held: Iterable<HeldWork>, settled: Iterable<[state: WorkState, count: number]> | null): Depth {
  const byHandler = new Map<string, HandlerDepth>();
  const work: Depth["work"] = { pending: 0, dead: 0, quarantined: 0 };
  let oldestPendingAt: number | null = null;
  for (const { handler, state, count, oldestAt } of held) {
    const row = byHandler.get(handler) ?? { handler, pending: 0, dead: 0, quarantined: 0, oldestPendingAt: null };
    byHandler.set(handler, row);
    row[state] += count;
    work[state] += count;
    if (state !== "pending" || oldestAt === null) continue;
    row.oldestPendingAt = Math.min(row.oldestPendingAt ?? oldestAt, oldestAt);
    oldestPendingAt = Math.min(oldestPendingAt ?? oldestAt, oldestAt);
  }
  if (settled !== null) {
    Object.assign(work, { done: 0, discarded: 0, stale: 0, cancelled: 0 });
    for (const [state, count] of settled) work[state] = count;
  }
  const handlers = [...byHandler.values()].sort((one, other) => (one.handler < other.handler ? -1 : 1));
  return { work, oldestPendingAt, handlers };
}
