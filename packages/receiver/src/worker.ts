import type { Claim } from "./inbox/inbox.ts";
import type { Drained } from "./receiver.ts";
import type { Handled } from "./report.ts";
import { type RunningParts, runClaim } from "./run-claim.ts";

/** Where claims are worked off: at most so many at once, from requests and from the inbox. */
export interface Worker {
  /** Whether a request may run its handlers at once. */
  hasRoom(): boolean;
  /** Runs claims that a request holds. */
  run(claims: readonly Claim[]): Promise<Handled["outcome"][]>;
  /** There is work in the inbox that nobody holds: it is taken as soon as there is room. */
  leftWork(): void;
  start(): void;
  stop(): Promise<void>;
  drain(budgetMs: number): Promise<Drained>;
  /** Resolves when nothing runs. */
  idle(): Promise<void>;
}

export function createWorker<Tx>(parts: RunningParts<Tx>): Worker {
  const { inbox, registrations, clock, limits, report } = parts;
  const running = new Set<Promise<Handled["outcome"]>>();
  let tries = 0;
  let ended = 0;
  let stopped = false;
  /** Somebody left work behind that is due. */
  let behind = false;
  let pumping: Promise<void> | null = null;
  let loop: { ended: Promise<void>; stop: AbortController } | null = null;
  let wake = new AbortController();

  const most = Math.min(limits.concurrency, inbox.triesAtOnce ?? limits.concurrency);
  const free = (): number => most - running.size;

  function work(claim: Claim): Promise<Handled["outcome"]> {
    tries++;
    const turn = runClaim(claim, parts).finally(() => {
      running.delete(turn);
      ended++;
      // What waited behind it, or for its room, may go on now.
      if (!stopped && (behind || claim.order !== "any")) void pump();
    });
    running.add(turn);
    void turn.then((outcome) => {
      // It is due again some time: the loop must not sleep past that.
      if (outcome === "retry" || outcome === "deferred") wake.abort();
    });
    return turn;
  }

  /** Claims what is due as long as there is room. Never rejects. */
  function pump(): Promise<void> {
    // A claim under way may have looked before what calls for this one was there.
    if (pumping !== null) behind = true;
    pumping ??= claimAll().finally(() => {
      pumping = null;
    });
    return pumping;
  }

  async function claimAll(): Promise<void> {
    try {
      while (!stopped && free() > 0) {
        const asked = free();
        behind = false;
        const claims = await claimSome(asked);
        if (stopped) {
          await inbox.release(claims);
          return;
        }
        for (const claim of claims) void work(claim);
        if (claims.length === asked) behind = true;
        else if (!behind) return;
      }
    } catch (error) {
      report({ kind: "trouble", says: `the ${inbox.kind} inbox cannot be asked for work: ${(error as Error).message}`, error });
    }
  }

  function claimSome(limit: number): Promise<Claim[]> {
    const now = clock.now();
    return inbox.claim({
      now,
      leaseUntil: now + registrations.longestTimeoutMs() + limits.leaseMarginMs,
      limit,
      handlers: registrations.ids(),
    });
  }

  async function keepWorking(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      wake = new AbortController();
      await pump();
      await clock.sleep(await pauseMs(), AbortSignal.any([stop, wake.signal]));
    }
  }

  /** Until the next work falls due, or other processes may have left some. */
  async function pauseMs(): Promise<number> {
    try {
      const next = await inbox.nextDueAt(registrations.ids());
      const now = clock.now();
      return next === null || next <= now ? limits.pollMs : Math.min(limits.pollMs, next - now);
    } catch {
      // The claim that follows tells of it.
      return limits.pollMs;
    }
  }

  async function settleAll(): Promise<void> {
    while (running.size > 0 || pumping !== null) await Promise.all([...running, pumping]);
  }

  return {
    hasRoom: () => !stopped && free() > 0,
    run: (claims) => Promise.all(claims.map(work)),
    leftWork() {
      behind = true;
      wake.abort();
      if (!stopped && free() > 0) void pump();
    },
    start() {
      stopped = false;
      if (loop !== null) return;
      const stop = new AbortController();
      loop = { stop, ended: keepWorking(stop.signal) };
    },
    async stop() {
      stopped = true;
      loop?.stop.abort();
      await loop?.ended;
      loop = null;
      await settleAll();
    },
    async drain(budgetMs) {
      const until = clock.now() + budgetMs;
      const before = tries;
      const over = new AbortController();
      try {
        for (;;) {
          const room = free();
          const endedBefore = ended;
          const claims = room > 0 && clock.now() < until ? await claimSome(room) : [];
          for (const claim of claims) void work(claim);
          if (clock.now() >= until) return { tries: tries - before, empty: false };
          if (claims.length > 0) continue;
          // What ended while it was asked for work may have let other work go on.
          if (ended !== endedBefore) continue;
          if (running.size === 0 && pumping === null) return { tries: tries - before, empty: true };
          await Promise.race([...running, ...(pumping === null ? [] : [pumping]), clock.sleep(until - clock.now(), over.signal)]);
        }
      } finally {
        over.abort();
      }
    },
    idle: settleAll,
  };
}
