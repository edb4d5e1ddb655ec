import type { Logger } from "pino";
import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import { purgeIfOwed } from "../resources/platforms/erase-account.ts";
import { BackupInProgress } from "../store/contract/back-up.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

/** What purging needs. */
export interface PurgeParts {
  store: Store;
  clock: Clock;
  limits: Pick<Limits, "sweepEveryMs" | "purgeRetryMs">;
  log: Pick<Logger, "info">;
  /** The files cannot be written at the moment, or the disk has no space for it. */
  onTrouble(error: StoreUnavailable): void;
}

/**
 * Until `signal` aborts, removes from files what erased rows left there, if the call that erased them was interrupted
 * before it could do so. It waits until the tasks have deleted the rows, and until no backup is running.
 */
export async function keepPurging({ store, clock, limits, log, onTrouble }: PurgeParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const purged = await purgeIfOwed(store);
      if (purged === true) log.info({ code: "files.purged" }, "removed what erased rows had left in files");
      if (purged === null) await clock.pause(limits.purgeRetryMs, signal);
      else await clock.sleep(limits.sweepEveryMs, signal);
    } catch (error) {
      if (error instanceof StoreUnavailable) onTrouble(error);
      else if (!(error instanceof BackupInProgress)) throw error;
      await clock.pause(limits.purgeRetryMs, signal);
    }
  }
}
