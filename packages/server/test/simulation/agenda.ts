/** What will happen, by simulated time. Nothing in the simulation happens but through it, one thing after another. */
export interface Agenda {
  /** True time, which no node knows exactly. Unix milliseconds. */
  now(): number;
  /** Plans something for `ms` from now. Returns what takes it off again. */
  after(ms: number, happen: () => void): () => void;
  /**
   * Lets everything happen that is planned up to `until`, and whatever follows from it; stops early once `done()`
   * holds.
   */
  runTo(until: number, done?: () => boolean): Promise<void>;
}

interface Entry {
  at: number;
  /** Null once it is taken off. */
  happen: (() => void) | null;
}

/** `busy` tells whether something still runs that no promise chain of ours shows: the real store. */
export function createAgenda(start: number, busy: () => boolean): Agenda {
  let time = start;
  /** Latest first, so that the next one is taken from the end. */
  const entries: Entry[] = [];

  /** Lets everything run that can: promises, and the store's own turns of the event loop. */
  async function settleDown(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (busy());
  }

  return {
    now: () => time,
    after(ms, happen) {
      const entry: Entry = { at: time + Math.max(0, Math.round(ms)), happen };
      // Behind those of the same time that were planned before.
      let low = 0;
      let high = entries.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((entries[middle] as Entry).at > entry.at) low = middle + 1;
        else high = middle;
      }
      entries.splice(low, 0, entry);
      return () => {
        entry.happen = null;
      };
    },
    async runTo(until, done = () => false) {
      await settleDown();
      for (let next = entries.at(-1); next !== undefined && next.at <= until && !done(); next = entries.at(-1)) {
        entries.pop();
        if (next.happen === null) continue;
        time = Math.max(time, next.at);
        next.happen();
        await settleDown();
      }
      if (!done()) time = Math.max(time, until);
    },
  };
}
