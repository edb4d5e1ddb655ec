import type { Inbox, Pruned } from "./inbox/inbox.ts";
import { InboxUnavailable } from "./inbox/inbox.ts";
import type { InboxTime } from "./inbox-time.ts";
import type { Limits } from "./limits.ts";
import { messageOf } from "./presentable.ts";
import type { Registrations } from "./registrations.ts";
import type { Report } from "./report.ts";

/** How many rows one statement removes or hands over. */
const BATCH = 1_000;
/** The maximum number of batches at once; the rest waits for the next time. */
const BATCHES = 20;
/** How far clocks may differ before the receiver reports it. */
const SKEW_MS = 30_000;

export interface UpkeepParts<Tx> {
  inbox: Inbox<Tx>;
  registrations: Registrations<Tx>;
  time: InboxTime;
  limits: Limits;
  report(report: Report): void;
}

/** The periodic maintenance of an inbox. */
export interface Upkeep {
  /** Does everything, if it was not done for `upkeepMs`. Never rejects: errors are reported. */
  now(): Promise<void>;
  /** Moves work from handlers' former names to them. */
  adopt(): Promise<void>;
  /** Asks the database for its time, and reports when this machine's time differs too much from it. */
  measure(): Promise<void>;
  /** Removes what is older than the limits say, a limited number of batches at a time. */
  prune(): Promise<Pruned>;
}

export function createUpkeep<Tx>({ inbox, registrations, time, limits, report }: UpkeepParts<Tx>): Upkeep {
  let doneAt = Number.NEGATIVE_INFINITY;
  let saidSkew = false;

  const upkeep: Upkeep = {
    async now() {
      const now = time.now();
      if (now - doneAt < limits.upkeepMs) return;
      doneAt = now;
      try {
        await upkeep.measure();
        await upkeep.adopt();
        const pruned = await upkeep.prune();
        const given = pruned.dead + pruned.quarantined + pruned.orphaned;
        if (given > 0) {
          report({
            kind: "trouble",
            says: `${given} pieces of work were too old and were discarded: ${pruned.dead} dead letters, ${pruned.quarantined} of accounts that did not return, ${pruned.orphaned} of handlers that are gone`,
          });
        }
      } catch (error) {
        const why = error instanceof InboxUnavailable ? "" : "bug: ";
        report({ kind: "trouble", says: `${why}the ${inbox.kind} inbox could not be maintained: ${messageOf(error)}`, error });
      }
    },
    async measure() {
      const ahead = await time.measure();
      if (ahead === null || Math.abs(ahead) < SKEW_MS || saidSkew) return;
      saidSkew = true;
      const seconds = Math.round(Math.abs(ahead) / 1_000);
      report({
        kind: "trouble",
        says: `this machine's clock is ${seconds} s ${ahead > 0 ? "ahead of" : "behind"} the database's. Leases and retries follow the database's clock, but signatures are checked against this machine's: correct it`,
      });
    },
    async adopt() {
      for (const { from, to } of registrations.aliases()) {
        for (let batch = 0; batch < BATCHES; batch++) {
          if ((await inbox.adopt({ from, to, now: time.now(), limit: BATCH })) < BATCH) break;
        }
      }
    },
    async prune() {
      const all: Pruned = { events: 0, dead: 0, quarantined: 0, orphaned: 0, marks: 0 };
      for (let batch = 0; batch < BATCHES; batch++) {
        const now = time.now();
        const pruned = await inbox.prune({
          now,
          receivedBefore: now - limits.retentionMs,
          deadBefore: now - limits.deadRetentionMs,
          quarantinedBefore: now - limits.quarantinedRetentionMs,
          orphanedBefore: now - limits.orphanRetentionMs,
          handlers: [...registrations.ids(), ...registrations.aliases().map(({ from }) => from)],
          markedBefore: now - limits.markRetentionMs,
          limit: BATCH,
        });
        for (const what of Object.keys(all) as (keyof Pruned)[]) all[what] += pruned[what];
        if (Object.values(pruned).every((count) => count < BATCH)) break;
      }
      return all;
    },
  };
  return upkeep;
}
