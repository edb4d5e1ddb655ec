import { ClaimBatch, type Worked } from "./claim-batch.ts";
import { type Deferred, deferred } from "./deferred.ts";
import type { Claim, NewWork, Wanted } from "./inbox/inbox.ts";
import { messageOf } from "./presentable.ts";
import type { Drained } from "./receiver.ts";
import type { Handled } from "./report.ts";
import { type Run, type RunningParts, runClaim } from "./run-claim.ts";
import { createSlots } from "./slots.ts";
import { isPending, type Soon } from "./soon.ts";
import { Stop } from "./stop.ts";

/**
 * Capacity that is reserved for work that a request is about to store. `run` uses it; otherwise it must be released.
 */
export interface Reservation {
  giveBack(): void;
}

/** Runs claims from requests and from the inbox, with a limit on how many at once. */
export interface Worker {
  /**
   * Reserves capacity for this many pieces of work; null means that they stay in the inbox. `must`: the caller needs to
   * know their outcome.
   */
  reserve(pieces: number, must: boolean): Reservation | null;
  /**
   * Runs a request's claims, of which there is at least one, each as soon as there is a slot. `begun`: whether all had
   * a slot at once. `returned` resolves when each handler has returned or ended, and only recording that remains.
   * `ended` resolves with the outcomes, in the order in which they came. Neither is a promise if there is nothing left
   * to wait for.
   */
  run(claims: readonly Claim[]): { begun: boolean; returned: Soon<void>; ended: Soon<Worked[]> };
  /**
   * The inbox has unclaimed work: claim it as soon as there is capacity. `which`: the handlers; all of them by default.
   */
  leftWork(which?: readonly Pick<NewWork, "handler" | "dueAt">[]): void;
  /** Works in the background from now on. `holds`: whether that keeps an otherwise idle process running. */
  start(holds: boolean): void;
  /** Whether it works in the background. */
  started(): boolean;
  /**
   * Whether it was started for a process that keeps running. Then outcomes that are not recorded when a request is
   * answered will be recorded later.
   */
  stays(): boolean;
  /** Whether `stop` was called. */
  stopped(): boolean;
  /** Accepts no more work, and waits `graceMs` for running work. Then it stops that work, which is due again. */
  stop(graceMs: number): Promise<void>;
  drain(budgetMs: number): Promise<Omit<Drained, "orphans">>;
  /** Resolves when nothing is running. */
  idle(): Promise<void>;
}

export interface WorkerParts<Tx> extends RunningParts<Tx> {
  /** Periodic work in addition to handling events. It is called before each look for work. Never rejects. */
  upkeep(): Promise<void>;
}

/**
 * How many claims are kept ready for each slot: one statement claims many, and work that was just stored needs no
 * query.
 */
const AHEAD = 4;

/** Work that waits for a slot. `batch` is null when nobody waits for its outcome. */
interface Waiting {
  claim: Claim;
  batch: ClaimBatch | null;
}

/** A claim being worked on, until it is settled. */
class Running implements Run {
  readonly claim: Claim;
  readonly batch: ClaimBatch | null;
  readonly stop = new Stop();
  holdsSlot = true;
  hasReturned = false;
  readonly #tell: (one: Running) => void;

  /** `tell` is called when the claim's handler has returned. */
  constructor({ claim, batch }: Waiting, tell: (one: Running) => void) {
    this.claim = claim;
    this.batch = batch;
    this.#tell = tell;
  }

  returned(): void {
    this.#tell(this);
  }
}

export function createWorker<Tx>(parts: WorkerParts<Tx>): Worker {
  const { inbox, registrations, clock, limits, report } = parts;
  const most = Math.min(limits.concurrency, inbox.most?.handlers ?? limits.concurrency);
  const slots = createSlots(most, registrations.ids);
  const running = new Set<Running>();
  const queue: Waiting[] = [];
  const queuedOf = new Map<string, number>();
  let reserved = 0;
  let tries = 0;
  let beginning = false;
  let stopped = false;
  let draining = 0;
  /** Handlers that may have due work in the inbox. */
  let behind = new Set<string>();
  /** Handlers whose work may wait behind running work. */
  const blocked = new Set<string>();
  /** The error of the last query of the inbox; null when it succeeded. */
  let failure: unknown = null;
  let pumping: Promise<void> | null = null;
  /** New work was left in the inbox while the pump was querying. */
  let again = false;
  let loop: { ended: Promise<void>; stop: AbortController } | null = null;
  let stays = false;
  let wake = new AbortController();
  /** Resolves when the next claim has ended; null while nobody waits for that. */
  let ended: Deferred<void> | null = null;

  const works = (): boolean => !stopped || draining > 0;
  const queued = (handler: string): number => queuedOf.get(handler) ?? 0;

  const isAt = (handler: string): boolean => [...running].some(({ claim }) => claim.handler === handler);

  function nextEnd(): Promise<void> {
    ended ??= deferred<void>();
    return ended.promise;
  }

  function enqueue(one: Waiting): void {
    queue.push(one);
    queuedOf.set(one.claim.handler, queued(one.claim.handler) + 1);
  }

  function dequeue(place: number): Waiting | undefined {
    const [one] = queue.splice(place, 1);
    if (one !== undefined) queuedOf.set(one.claim.handler, queued(one.claim.handler) - 1);
    return one;
  }

  /** Starts waiting work that gets a slot, the longest waiting first. */
  function beginWaiting(): void {
    // Work that ends at once calls this again; the loop below continues with the slot that it frees.
    if (beginning) return;
    beginning = true;
    try {
      for (let place = 0; place < queue.length && slots.running() < most; ) {
        if (slots.room(queue[place]?.claim.handler ?? "") === 0) place++;
        else {
          const one = dequeue(place);
          if (one !== undefined) begin(one);
        }
      }
    } finally {
      beginning = false;
    }
  }

  function freeSlot(one: Running): void {
    if (one.holdsSlot) slots.free(one.claim.handler);
    one.holdsSlot = false;
  }

  function tellReturned(one: Running): void {
    if (!one.hasReturned) one.batch?.returned();
    one.hasReturned = true;
  }

  function onReturned(one: Running): void {
    tellReturned(one);
    // The most handled claims that may wait to be recorded, in addition to running ones: they are recorded together.
    if (running.size - slots.running() >= most * AHEAD) return;
    freeSlot(one);
    beginWaiting();
  }

  function begin(waiting: Waiting): void {
    tries++;
    slots.take(waiting.claim.handler);
    const one = new Running(waiting, onReturned);
    waiting.batch?.begins();
    running.add(one);
    const outcome = runClaim(waiting.claim, parts, one);
    if (isPending(outcome)) void outcome.then((how) => onEnded(one, how));
    else onEnded(one, outcome);
  }

  function onEnded(one: Running, outcome: Handled["outcome"]): void {
    const { claim, batch } = one;
    running.delete(one);
    freeSlot(one);
    if (blocked.has(claim.handler)) behind.add(claim.handler);
    // It is due again later, and the loop must not sleep past that time.
    if (outcome === "retry" || outcome === "deferred") wake.abort();
    tellReturned(one);
    batch?.ended(outcome);
    beginWaiting();
    ended?.resolve();
    ended = null;
    if (behind.size > 0 && works()) void pump();
  }

  /** What to claim from the inbox: handlers whose claims run low, and how many of each. */
  function wanted(): Wanted[] {
    const share = Math.max(1, Math.floor((most * AHEAD) / Math.max(1, registrations.ids().length)));
    const handlers: Wanted[] = [];
    for (const handler of behind) {
      const held = queued(handler);
      if (held <= Math.floor(share / 2)) handlers.push({ handler, limit: slots.room(handler) + share - held });
    }
    return handlers;
  }

  /** Claims due work while there is capacity. Never rejects. */
  function pump(): Promise<void> {
    // A running claim may have looked before this call's work was stored.
    if (pumping !== null) again = true;
    pumping ??= claimAll().finally(() => {
      pumping = null;
      if (again && works()) void pump();
      again = false;
    });
    return pumping;
  }

  async function claimAll(): Promise<void> {
    try {
      for (let handlers = wanted(); works() && handlers.length > 0; handlers = wanted()) {
        again = false;
        const now = clock.now();
        const leaseUntil = now + registrations.longestTimeoutMs() + limits.leaseMarginMs;
        const claims = await inbox.claim({ now, leaseUntil, limit: most * (AHEAD + 1), handlers });
        failure = null;
        if (!works()) return await inbox.release(claims);
        for (const { handler, limit } of handlers) {
          const found = claims.filter((claim) => claim.handler === handler).length;
          if (again || found >= limit || claims.length >= most * (AHEAD + 1)) continue;
          behind.delete(handler);
          if (found === 0 && queued(handler) === 0 && !isAt(handler)) blocked.delete(handler);
        }
        for (const claim of claims) {
          if (claim.order !== "any") blocked.add(claim.handler);
          enqueue({ claim, batch: null });
        }
        beginWaiting();
      }
    } catch (error) {
      behind = new Set();
      failure = error;
      report({ kind: "trouble", says: `the ${inbox.kind} inbox cannot be read: ${messageOf(error)}`, error });
    }
  }

  function lookForAll(): void {
    behind = new Set(registrations.ids());
  }

  async function keepWorking(stop: AbortSignal, holds: boolean): Promise<void> {
    while (!stop.aborted) {
      wake = new AbortController();
      await parts.upkeep();
      lookForAll();
      await pump();
      await clock.sleep(await pauseMs(), AbortSignal.any([stop, wake.signal]), holds);
    }
  }

  /** The time until the next work falls due, or other processes may have left some. */
  async function pauseMs(): Promise<number> {
    try {
      const now = clock.now();
      const next = await inbox.nextDueAt(registrations.ids(), now);
      return next === null || next <= now ? limits.pollMs : Math.min(limits.pollMs, next - now);
    } catch {
      // The next claim reports the error.
      return limits.pollMs;
    }
  }

  async function settleAll(): Promise<void> {
    while (running.size > 0 || queue.length > 0 || pumping !== null) await Promise.race([nextEnd(), pumping ?? nextEnd()]);
  }

  /** Releases claims that wait for a slot. */
  async function releaseWaiting(): Promise<void> {
    const waiting = queue.splice(0);
    queuedOf.clear();
    for (const { batch } of waiting) {
      batch?.returned();
      batch?.ended("released");
    }
    if (waiting.length === 0) return;
    try {
      await inbox.release(waiting.map(({ claim }) => claim));
    } catch (error) {
      report({
        kind: "trouble",
        says: `work that had not started could not be returned to the inbox, and waits until its lease ends`,
        error,
      });
    }
  }

  async function settleWithin(graceMs: number): Promise<void> {
    const over = new AbortController();
    await Promise.race([settleAll(), clock.sleep(graceMs, over.signal)]);
    over.abort();
    if (running.size === 0) return;
    report({
      kind: "trouble",
      says: `${running.size === 1 ? "1 handler was" : `${running.size} handlers were`} still running ${graceMs} ms after stop(); the events are due again`,
    });
    for (const { stop } of running) stop.stop();
    await settleAll();
  }

  return {
    reserve(pieces, must) {
      if (!must && (stopped || queue.length + reserved + pieces > most * AHEAD)) return null;
      reserved += pieces;
      let given = pieces;
      return {
        giveBack() {
          reserved -= given;
          given = 0;
        },
      };
    },
    run(claims) {
      const batch = new ClaimBatch(claims.length);
      for (const claim of claims) {
        const one: Waiting = { claim, batch };
        // Nobody has waited longer, so it does not need to go through the queue.
        if (queue.length === 0 && slots.room(claim.handler) > 0) begin(one);
        else enqueue(one);
      }
      beginWaiting();
      return { begun: batch.hasBegun(), returned: batch.untilReturned(), ended: batch.untilEnded() };
    },
    leftWork(which) {
      const now = clock.now();
      for (const handler of which?.map((work) => work.handler) ?? registrations.ids()) {
        behind.add(handler);
        blocked.add(handler);
      }
      if (which?.some(({ dueAt }) => dueAt > now) === true) wake.abort();
      if (!stopped) void pump();
    },
    start(holds) {
      stopped = false;
      stays ||= holds;
      if (loop !== null) return;
      const stop = new AbortController();
      loop = { stop, ended: keepWorking(stop.signal, holds) };
    },
    started: () => loop !== null,
    stays: () => stays && loop !== null,
    stopped: () => stopped,
    async stop(graceMs) {
      stopped = true;
      stays = false;
      loop?.stop.abort();
      await releaseWaiting();
      await settleWithin(graceMs);
      await loop?.ended;
      loop = null;
    },
    async drain(budgetMs) {
      const until = clock.now() + budgetMs;
      const before = tries;
      const over = new AbortController();
      draining++;
      lookForAll();
      try {
        for (;;) {
          if (clock.now() >= until) return { tries: tries - before, empty: false };
          const turn = nextEnd();
          await pump();
          if (failure !== null) throw failure;
          if (clock.now() >= until) return { tries: tries - before, empty: false };
          if (running.size === 0 && queue.length === 0 && pumping === null) {
            if (behind.size === 0) return { tries: tries - before, empty: true };
            continue;
          }
          await Promise.race([turn, clock.sleep(until - clock.now(), over.signal)]);
        }
      } finally {
        over.abort();
        draining--;
      }
    },
    idle: settleAll,
  };
}
