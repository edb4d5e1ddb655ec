import { deferred } from "../../deferred.ts";
import { inTime } from "../../system-clock.ts";

interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
  /** The caller no longer waits for it. */
  over: boolean;
}

export interface BatcherOptions<Item, Result> {
  /** The maximum number of items in a batch. */
  limit: number;
  /** How long an item may take, counted from its arrival. */
  limitMs: number;
  late(): Error;
  /**
   * Does all of them at once, and returns the results in the order of the items. An error fails all of them, unless
   * they are then done one by one.
   */
  all(items: readonly Item[]): Promise<Result[]>;
  /** Does one. Used after a batch fails and one item may be at fault. */
  single(item: Item): Promise<Result>;
  /** Whether an error means that the items would also fail one by one. */
  failsForAll(error: unknown): boolean;
}

/** Batches concurrent requests: while one statement runs, new items wait for the next. */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let flushing = false;

  async function flush(): Promise<void> {
    flushing = true;
    // Items from the same turn of the event loop join.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const group = waiting.filter(({ over }) => !over).slice(0, options.limit);
      waiting = waiting.filter((one) => !one.over && !group.includes(one));
      if (group.length > 0) await doTogether(group);
    }
    flushing = false;
  }

  async function doTogether(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await options.all(group.map(({ item }) => item));
      for (const [place, { resolve }] of group.entries()) resolve(results[place] as Result);
    } catch (error) {
      if (group.length === 1 || options.failsForAll(error)) for (const { reject } of group) reject(error);
      else for (const { item, resolve, reject } of group) await options.single(item).then(resolve, reject);
    }
  }

  return (item) => {
    const { promise, resolve, reject } = deferred<Result>();
    const one: Waiting<Item, Result> = { item, resolve, reject, over: false };
    waiting.push(one);
    if (!flushing) void flush();
    return inTime(promise, options.limitMs, () => {
      one.over = true;
      return options.late();
    });
  };
}
