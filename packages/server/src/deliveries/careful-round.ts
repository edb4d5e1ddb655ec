import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import type { Claim, Settlement } from "../store/contract/delivery-store.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";
import type { OutgoingRequest, Posted } from "../transport/transport.ts";
import { cancellation, decideSettlement, heldBack, putOff } from "./decide-settlement.ts";
import { grantedWaitMs } from "./retry-after.ts";
import type { Policies } from "./retry-policies.ts";
import type { UnderWay } from "./under-way.ts";
import { webhookHeaders } from "./webhook-headers.ts";

/** The factor by which the bounds of a round grow with each further unclean end in a row. */
const GROWTH = 4;

export interface CarefulRoundOptions {
  store: Pick<Store, "nextSuspect" | "releaseSuspects">;
  clock: Clock;
  policies: Policies;
  limits: Limits;
  underWay: UnderWay;
  /** How long to wait before querying an unavailable store again, milliseconds. */
  troublePauseMs: number;
  leasesHold(leasedAt: number): boolean;
  onTrouble(error: StoreUnavailable): void;
  onBug(error: unknown): void;
  onUnexpected?(unexpected: { error: unknown; endpointId: string; deliveryId: string }): void;
  onSettled?(settlement: Settlement): void;
  /** Posts a request that begins at a given time. Never rejects. */
  post(request: OutgoingRequest, at: number): Promise<Posted>;
  /** Writes what attempts changed; returns those that were not refused. */
  keep(settlements: Settlement[]): Promise<Settlement[]>;
}

/**
 * Sends what was under way at an unclean end, one delivery at a time, while nothing else is under way. If one of them
 * ends the process again, it is clear which one did. The engine starts nothing meanwhile.
 */
export interface CarefulRound {
  readonly running: boolean;
  /**
   * Sends the suspects. `endsInARow`: how many unclean ends there have been in a row; the bounds grow with them.
   * Resolves when other deliveries may be sent.
   */
  run(endsInARow: number): Promise<void>;
  /** Resolves when no round is running, or when it was told to stop. */
  done(): Promise<void>;
  /** Begins no further attempt. */
  stop(): void;
}

/** How long one attempt of a round and the whole round may take, in milliseconds. */
export function carefulBounds(
  endsInARow: number,
  limits: Pick<Limits, "carefulAttemptMs" | "carefulRoundMs" | "carefulRoundLongestMs">,
): { attemptMs: number; roundMs: number } {
  const times = GROWTH ** Math.max(0, endsInARow - 1);
  return { attemptMs: limits.carefulAttemptMs * times, roundMs: Math.min(limits.carefulRoundMs * times, limits.carefulRoundLongestMs) };
}

export function createCarefulRound(options: CarefulRoundOptions): CarefulRound {
  const { store, clock, policies, limits, underWay } = options;
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    stopping.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  /** Rounds run one after another. */
  let last: Promise<void> = Promise.resolve();
  let rounds = 0;

  async function send(endsInARow: number): Promise<void> {
    const { attemptMs, roundMs } = carefulBounds(endsInARow, limits);
    const ended = new AbortController();
    const over = AbortSignal.any([stopping.signal, ended.signal]);
    void clock.pause(roundMs, over).then(() => ended.abort());
    // A stopping server leaves no suspects, even when an attempt does not end in time.
    let releasing: Promise<unknown> | null = null;
    const release = (): Promise<unknown> => (releasing ??= asking(() => store.releaseSuspects(), stopping.signal));
    stopping.signal.addEventListener("abort", () => void release().catch(options.onBug), { once: true });
    try {
      await underWay.none(over);
      while (!over.aborted) {
        const claim = await asking(() => store.nextSuspect({ now: clock.now(), leaseMs: limits.leaseMs }), over);
        if (claim === null) break;
        const settlement = await attempt(claim, attemptMs);
        const settled = await asking(() => options.keep([settlement]), stopping.signal);
        for (const one of settled ?? []) options.onSettled?.(one);
      }
    } finally {
      ended.abort();
    }
    await release();
  }

  async function attempt(claim: Claim, attemptMs: number): Promise<Settlement> {
    const unsent = cancellation(claim) ?? heldBack(claim);
    if (unsent !== null) return unsent;
    const noted = (await underWay.begin([claim], stopping.signal)) ?? true;
    if (!noted || !options.leasesHold(claim.leaseUntil - limits.leaseMs)) return putOff(claim);
    const at = clock.now();
    const policy = claim.event.livemode ? policies.live : policies.test;
    const deadlineMs = Math.min(attemptMs, policy.timeoutMs);
    const requestHeaders = webhookHeaders(claim, at, clock.wallNow());
    const onHead = () => limits.responseBodyMs;
    const posted = await options.post({ url: claim.endpoint.url, headers: requestHeaders, body: claim.body, deadlineMs, onHead }, at);
    if (posted.kind === "fault" && posted.cause !== undefined)
      options.onUnexpected?.({ error: posted.cause, endpointId: claim.endpoint.id, deliveryId: claim.deliveryId });
    // An attempt that we cut off does not count: its delivery continues like any other, with the full deadline.
    if (isCutOff(posted, deadlineMs, policy.timeoutMs)) return putOff(claim);
    const waitMs = grantedWaitMs(posted, clock.wallNow(), limits.retryAfterLongestMs);
    return decideSettlement({ claim, at, requestHeaders, posted, waitMs }, policy, clock.now());
  }

  /**
   * Queries the store, and repeats the query while the store is unavailable. Null when `signal` aborts before the
   * answer.
   */
  async function asking<Answer>(ask: () => Promise<Answer>, signal: AbortSignal): Promise<Answer | null> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        // A stopping server may have closed its store before its last attempt ended.
        if (signal.aborted) return null;
        options.onTrouble(error);
      }
      await clock.pause(options.troublePauseMs, signal);
    }
  }

  return {
    get running() {
      return rounds > 0;
    },
    run(endsInARow) {
      rounds++;
      last = last
        .then(() => send(endsInARow))
        .catch(options.onBug)
        .finally(() => rounds--);
      return last;
    },
    done: () => Promise.race([last, stopped]),
    stop: () => stopping.abort(),
  };
}

/** Whether an attempt ended because its time was short, or because we are stopping. */
function isCutOff(posted: Posted, deadlineMs: number, timeoutMs: number): boolean {
  if (posted.kind === "answer") return false;
  return posted.code === "interrupted" || (deadlineMs < timeoutMs && (posted.code === "timeout" || posted.durationMs >= deadlineMs));
}
