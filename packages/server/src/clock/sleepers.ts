/** The sleepers of a turnable clock, in the order in which they wake: by time, then by arrival. */
export interface Sleepers {
  /** Resolves when `wakeDue` gets a time of at least `wakeAt`, or at once when `signal` aborts. */
  add(wakeAt: number, signal: AbortSignal): Promise<void>;
  /** Wakes, in order, the sleepers whose time has come. */
  wakeDue(now: number): void;
  /** When the next one wakes; null when nobody sleeps. */
  nextWakeAt(): number | null;
}

interface Sleeper {
  wakeAt: number;
  order: number;
  /** Null once awake. */
  wake: (() => void) | null;
}

/** Aborted sleepers stay in the heap until there are this many of them. */
const SWEEP_AT = 64;

/** Calls `onAborted` when a sleeper is aborted, because the next wake-up may have changed. */
export function createSleepers(onAborted: () => void = () => undefined): Sleepers {
  let heap: Sleeper[] = [];
  let arrivals = 0;
  let gone = 0;

  function push(sleeper: Sleeper): void {
    let at = heap.length;
    heap.push(sleeper);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(sleeper, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = sleeper;
  }

  function pop(): void {
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const rightFirst = left !== undefined && right !== undefined && isBefore(right, left);
      const first = rightFirst ? right : left;
      if (first === undefined || !isBefore(first, last)) break;
      heap[at] = first;
      at = 2 * at + (rightFirst ? 2 : 1);
    }
    heap[at] = last;
  }

  /** The next one still asleep. */
  function first(): Sleeper | undefined {
    let next = heap[0];
    while (next !== undefined && next.wake === null) {
      pop();
      gone--;
      next = heap[0];
    }
    return next;
  }

  function sweep(): void {
    const asleep = heap.filter((sleeper) => sleeper.wake !== null);
    heap = [];
    gone = 0;
    for (const sleeper of asleep) push(sleeper);
  }

  return {
    add(wakeAt, signal) {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper: Sleeper = { wakeAt, order: arrivals++, wake: null };
        const abort = () => {
          sleeper.wake = null;
          gone++;
          if (gone > SWEEP_AT && gone * 2 > heap.length) sweep();
          resolve();
          onAborted();
        };
        sleeper.wake = () => {
          signal.removeEventListener("abort", abort);
          resolve();
        };
        signal.addEventListener("abort", abort, { once: true });
        push(sleeper);
      });
    },
    wakeDue(now) {
      for (let next = first(); next !== undefined && next.wakeAt <= now; next = first()) {
        pop();
        next.wake?.();
        next.wake = null;
      }
    },
    nextWakeAt: () => first()?.wakeAt ?? null,
  };
}

function isBefore(one: Sleeper, other: Sleeper): boolean {
  return one.wakeAt < other.wakeAt || (one.wakeAt === other.wakeAt && one.order < other.order);
}
