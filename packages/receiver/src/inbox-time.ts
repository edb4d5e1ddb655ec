import type { Clock } from "./clock.ts";
import type { Inbox } from "./inbox/inbox.ts";
import { monotonicMs, systemClock } from "./system-clock.ts";

/** The time for leases and retries. */
export interface InboxTime {
  /** Unix milliseconds. */
  now(): number;
  /**
   * Asks the database for its time. Returns how far this machine's clock is ahead, in milliseconds; null when there is
   * no database to ask.
   */
  measure(): Promise<number | null>;
}

/**
 * An inbox's time: its database's, if several machines share it. Then two machines whose clocks differ never both think
 * that they hold a lease. Between queries a monotonic clock advances the time. A clock other than the machine's is used
 * unchanged.
 */
export function inboxTime(inbox: Pick<Inbox<unknown>, "time">, clock: Clock): InboxTime {
  let measured: { database: number; at: number } | null = null;
  return {
    now: () => (measured === null ? clock.now() : Math.round(measured.database + monotonicMs() - measured.at)),
    async measure() {
      if (clock !== systemClock) return null;
      const asked = monotonicMs();
      const database = await inbox.time();
      if (database === null) return null;
      const at = (asked + monotonicMs()) / 2;
      measured = { database, at };
      return clock.now() - (database + monotonicMs() - at);
    },
  };
}
