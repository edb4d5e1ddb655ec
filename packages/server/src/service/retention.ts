import type { Logger } from "pino";
import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import { eventsKept } from "../operations/events-kept.ts";
import type { Storage } from "../store/contract/storage.ts";
import { type AccountPruneRequest, type HeldUp, type PruneRequest, type Store, StoreUnavailable } from "../store/store.ts";
import { SweepPace } from "./sweep-pace.ts";

/** What retention needs. */
export interface RetentionParts {
  store: Store;
  clock: Clock;
  limits: Limits;
  log: Pick<Logger, "info" | "warn">;
  /** Milliseconds of the machine's time, which never goes back. */
  monotonic(): number;
  /** Nothing can be deleted at the moment. */
  onTrouble(error: StoreUnavailable): void;
}

/** What a sweep needs. */
interface SweepParts extends Omit<RetentionParts, "monotonic" | "onTrouble"> {
  pace: SweepPace;
}

/**
 * Deletes what is no longer kept, a few rows at once, until `signal` aborts. It rests after each commit, so that a
 * request waits for one commit at most: see `SweepPace`. It logs how much space the rows took before and after.
 */
export async function keepRetention({ monotonic, onTrouble, ...parts }: RetentionParts, signal: AbortSignal): Promise<void> {
  const { clock, limits } = parts;
  const pace = new SweepPace({ clock, limits, monotonic });
  while (!signal.aborted) {
    try {
      await sweep({ ...parts, pace }, signal);
    } catch (error) {
      // An unavailable store cannot be pruned; the next round tries again.
      if (!(error instanceof StoreUnavailable)) throw error;
      onTrouble(error);
    }
    await clock.sleep(limits.sweepEveryMs, signal);
  }
}

/** Why events stay, and what removes the cause. */
const HELD_UP: Readonly<Record<HeldUp, string>> = {
  pending: "so many deliveries are pending that it takes too long to check whether one of them needs these events",
  locks: "other sessions of the database hold locks on its tables; pg_stat_activity shows long transactions",
};

/** One round: it runs until everything that was old when it began is deleted. */
async function sweep(parts: SweepParts, signal: AbortSignal): Promise<void> {
  const { store, clock, limits, log, pace } = parts;
  const [began, wallBegan] = [clock.now(), Math.floor(clock.wallNow())];
  const keptLongest = async () => {
    const own = await store.read((reads) => reads.retentions());
    return Math.max(limits.eventsKeptMs, ...own.map((settings) => eventsKept(limits, settings)));
  };
  const space = () => store.read((reads) => reads.storage());
  const held = new Set<HeldUp>();
  let rows = 0;
  let before: Storage | null = null;
  pace.begin();
  while (!signal.aborted) {
    before ??= await space();
    const request: PruneRequest = {
      ...pruneRequest(limits, await keptLongest(), began, wallBegan),
      now: clock.now(),
      onHeldUp: (why) => held.add(why),
    };
    const gone = await pace.work(() => store.prune(request));
    rows += gone;
    if (gone === 0) break;
    await pace.rest(signal);
  }
  for (const why of held) log.warn({ code: "events.kept", why }, `events that have expired stay for now: ${HELD_UP[why]}`);
  rows += await sweepPlatforms(parts, signal);
  pace.end();
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
 * Deletes the events of platforms that keep them for less time than others, and of the accounts that these platforms
 * created. This includes accounts that were deleted or are no longer connected to their platform.
 */
async function sweepPlatforms(parts: SweepParts, signal: AbortSignal): Promise<number> {
  const { store, clock, limits } = parts;
  const kept = new Map((await store.read((reads) => reads.retentions())).map((own) => [own.accountId, eventsKept(limits, own)]));
  if (kept.size === 0) return 0;
  let rows = 0;
  for await (const { id, createdBy } of allCreators(parts, signal)) {
    const keptMs = kept.get(id) ?? kept.get(createdBy ?? "");
    if (keptMs !== undefined) rows += await sweepAccount(parts, id, clock.now() - keptMs, signal);
  }
  return rows;
}

/** Deletes the events of an account from before a time. Returns the number of deleted rows. */
async function sweepAccount({ store, limits, pace }: SweepParts, accountId: string, before: number, signal: AbortSignal): Promise<number> {
  let rows = 0;
  for (const livemode of [false, true])
    for (let after: number | null = 0; after !== null && !signal.aborted; ) {
      const request: AccountPruneRequest = { accountId, livemode, before, after, limit: limits.sweptAtOnce };
      const { deleted, next } = await pace.work(() => store.pruneAccount(request));
      rows += deleted;
      after = next;
      if (deleted > 0 || next !== null) await pace.rest(signal);
    }
  return rows;
}

/** All accounts and who created each, with a pause after each page. */
async function* allCreators({ store, limits, pace }: SweepParts, signal: AbortSignal) {
  for (let last = ""; !signal.aborted; ) {
    const after = last;
    const page = await pace.work(() => store.read((reads) => reads.creators(after, limits.sweptAtOnce)));
    yield* page;
    const end = page.at(-1);
    if (end === undefined) return;
    last = end.id;
    await pace.rest(signal);
  }
}

/**
 * What is no longer kept at `now`. Events of all accounts are kept for `keptMs`. Requests are kept by the machine's
 * time, `wallNow`. Rows that are kept as long as their event are deleted with it. Pure.
 */
export function pruneRequest(limits: Limits, keptMs: number, now: number, wallNow: number): PruneRequest {
  const { attemptsKeptMs, attemptBodiesKeptMs, auditKeptMs, sweptAtOnce } = limits;
  return {
    now,
    eventsBefore: now - keptMs,
    answersBefore: now - limits.idempotencyKeptMs,
    requestsBefore: wallNow - limits.requestsKeptMs,
    ...(attemptsKeptMs < keptMs ? { attemptsBefore: now - attemptsKeptMs } : {}),
    ...(attemptBodiesKeptMs < Math.min(attemptsKeptMs, keptMs) ? { attemptBodiesBefore: now - attemptBodiesKeptMs } : {}),
    ...(auditKeptMs > 0 ? { auditBefore: now - auditKeptMs } : {}),
    limit: sweptAtOnce,
  };
}
