import type { Clock } from "./clock.ts";
import type { Inbox } from "./inbox/inbox.ts";
import { monotonicMs, systemClock } from "./system-clock.ts";

/** The time that leases and retries go by. */
export interface InboxTime {
  /** Unix milliseconds. */
  now(): number;
  /** Asks the database for its time. Returns by how much this machine's clock is ahead of it, in milliseconds; null where there is nothing to ask. */
  measure(): Promise<number | null>;
}

/**
 * The time of an inbox: that of its database, where several machines share it, so that two whose clocks differ never both think that a lease
 * is theirs. In between it goes on by a clock that nobody sets. A clock other than the machine's is taken as it is.
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
