import type { Logger } from "pino";
import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import type { Storage } from "../store/contract/storage.ts";
import { type PruneRequest, type Store, StoreUnavailable } from "../store/store.ts";

/** What keeping the retention needs. */
export interface RetentionParts {
  store: Store;
  clock: Clock;
  limits: Limits;
  log: Pick<Logger, "info">;
}

/**
 * Deletes what is kept no longer, a few rows at once, until `signal` aborts. After each commit it rests, so that a
 * request waits for one of them at most. The log has how much space the rows took before and after.
 */
export async function keepRetention({ store, clock, limits, log }: RetentionParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await sweep({ store, clock, limits, log }, signal);
    } catch (error) {
      // An unavailable store cannot be pruned; the next round tries again.
      if (!(error instanceof StoreUnavailable)) throw error;
    }
    await clock.sleep(limits.sweepEveryMs, signal);
  }
}

/** One round: until nothing is left to delete now. */
async function sweep({ store, clock, limits, log }: RetentionParts, signal: AbortSignal): Promise<void> {
  const space = () => store.read((reads) => reads.storage());
  let rows = 0;
  let before: Storage | null = null;
  while (!signal.aborted) {
    before ??= await space();
    const gone = await store.prune(pruneRequest(limits, clock.now(), Math.floor(clock.wallNow())));
    rows += gone;
    if (gone === 0) break;
    await clock.pause(limits.sweepRestMs, signal);
  }
  if (rows === 0 || before === null) return;
  const after = await space();
  const details = {
    rows,
    bytes: after.bytes,
    bytes_before: before.bytes,
    free_bytes: after.freeBytes,
    free_bytes_before: before.freeBytes,
  };
  log.info({ code: "rows.expired", ...details }, "deleted what is kept no longer");
}

/**
 * What is kept no longer at `now`. Requests are recorded by the machine's time, `wallNow`. What is kept as long as its
 * event goes with it. Pure.
 */
export function pruneRequest(limits: Limits, now: number, wallNow: number): PruneRequest {
  const { eventsKeptMs, attemptsKeptMs, attemptBodiesKeptMs, auditKeptMs, sweptAtOnce } = limits;
  return {
    now,
    eventsBefore: now - eventsKeptMs,
    answersBefore: now - limits.idempotencyKeptMs,
    requestsBefore: wallNow - limits.requestsKeptMs,
    ...(attemptsKeptMs < eventsKeptMs ? { attemptsBefore: now - attemptsKeptMs } : {}),
    ...(attemptBodiesKeptMs < Math.min(attemptsKeptMs, eventsKeptMs) ? { attemptBodiesBefore: now - attemptBodiesKeptMs } : {}),
    ...(auditKeptMs > 0 ? { auditBefore: now - auditKeptMs } : {}),
    limit: sweptAtOnce,
  };
}
