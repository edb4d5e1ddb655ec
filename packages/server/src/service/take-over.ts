import type { Logger } from "pino";
import type { Clock } from "../clock/clock.ts";
import type { Engine } from "../deliveries/engine.ts";
import type { Limits } from "../limits.ts";
import type { TakenOver } from "../store/contract/taken-over.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

const SETTING = "unclean_ends";

/** The stored record of unclean ends in a row. */
export interface EndsInARow {
  count: number;
  /** When the last of them was found, or when its careful round ended. Unix milliseconds. */
  lastAt: number;
}

/** How many unclean ends in a row there are, counting one more. Pure. */
export function oneMoreEnd(before: EndsInARow | null, now: number, apartMs: number): EndsInARow {
  const follows = before !== null && now - before.lastAt <= apartMs;
  return { count: follows ? before.count + 1 : 1, lastAt: now };
}

export interface TakeOverOptions {
  store: Store;
  engine: Pick<Engine, "sendSuspects">;
  clock: Clock;
  limits: Limits;
  log: Pick<Logger, "error" | "warn">;
}

/**
 * Follows up on what was taken over from a process that ended uncleanly: logs what is quarantined, and sends the
 * suspects. Resolves when the sending has begun; the engine starts nothing else until it is done. `sent` resolves when
 * it is.
 */
export async function followUp(taken: TakenOver, options: TakeOverOptions): Promise<{ sent: Promise<void> }> {
  const { store, engine, clock, limits, log } = options;
  const { underWay, suspects, quarantined } = taken;
  if (quarantined.length > 0)
    log.error(
      { code: "delivery.quarantined", deliveries: quarantined },
      "quarantined: each of these deliveries was the only one under way at two unclean ends of the server; inspect one with `carabiner deliveries get ID`, send it again with `carabiner deliveries release ID`",
    );
  if (underWay > 0)
    log.warn(
      { code: "server.ended_uncleanly", underWay, suspects },
      "a server ended uncleanly; the deliveries it had under way are sent again one at a time",
    );
  if (suspects === 0) return { sent: Promise.resolve() };
  const inARow = await keepEnds(store, (before) =>
    underWay > 0 || before === null ? oneMoreEnd(before, clock.now(), limits.uncleanEndsApartMs) : before,
  );
  // If the store is unavailable, the suspects must not wait for the count.
  const sending = engine.sendSuspects(inARow?.count ?? 1);
  const over = (before: EndsInARow | null): EndsInARow => ({ count: before?.count ?? 1, lastAt: clock.now() });
  return { sent: sending.then(async () => void (await keepEnds(store, over))) };
}

/** Nothing was under way when the previous process ended, so the next unclean end starts a new count. */
export async function forgetEnds(store: Store): Promise<void> {
  if ((await store.read((reads) => reads.setting(SETTING))) !== null) await store.transaction((tx) => tx.saveSetting(SETTING, null));
}

/** Logs how many deliveries are quarantined, if any. Call it at each start. */
export async function tellQuarantined(store: Store, log: Pick<Logger, "error">): Promise<void> {
  const count = await store.read((reads) => reads.countQuarantined());
  if (count > 0)
    log.error(
      { code: "deliveries.quarantined", quarantined: count },
      "some deliveries are quarantined; list them with `carabiner deliveries list --state quarantined`",
    );
}

/** Null when the store is unavailable. */
async function keepEnds(store: Store, change: (before: EndsInARow | null) => EndsInARow): Promise<EndsInARow | null> {
  try {
    return await store.transaction(async (tx) => {
      const ends = change((await tx.setting(SETTING)) as EndsInARow | null);
      await tx.saveSetting(SETTING, { ...ends });
      return ends;
    });
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return null;
  }
}
