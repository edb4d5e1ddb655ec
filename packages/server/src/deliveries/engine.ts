import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import { type Claim, type HotLane, type Settlement, type Store, StoreUnavailable } from "../store/store.ts";
import type { OutgoingRequest, Posted, Transport } from "../transport/transport.ts";
import { createCarefulRound } from "./careful-round.ts";
import { cancellation, decideSettlement, putOff } from "./decide-settlement.ts";
import { endpointChecks } from "./endpoint-checks.ts";
import { createFairQueue } from "./fair-queue.ts";
import type { Policies } from "./policies.ts";
import { roomLimits } from "./room.ts";
import { UnderWay } from "./under-way.ts";
import { webhookHeaders } from "./webhook-headers.ts";

/** What of the store the engine uses. */
export type DeliveryStore = Pick<
  Store,
  "claimDue" | "settle" | "nextDueAt" | "attach" | "noteUnderWay" | "nextSuspect" | "releaseSuspects"
>;

export interface EngineOptions {
  store: DeliveryStore;
  clock: Clock;
  transport: Transport;
  policies: Policies;
  limits: Limits;
  /** Whether what was leased at a time is still this engine's: when not, it is not sent, and nothing is claimed. Always when left out. */
  leasesHold?(leasedAt: number): boolean;
  /** Told of what the engine cannot repair but survives: a store that is away. */
  onTrouble(error: StoreUnavailable): void;
  /** Told of a bug. Must end the process, or fail the test. */
  onBug(error: unknown): void;
  /** Told of what lies behind a failed attempt and concerns whoever runs the server. The attempt is recorded all the same. */
  onUnexpected?(unexpected: Unexpected): void;
  /** Told of every attempt that is settled. */
  onSettled?(settlement: Settlement): void;
}

/** An error behind an attempt that nobody foresaw, or that the tenant must not see. */
export interface Unexpected {
  error: unknown;
  endpointId: string;
  deliveryId: string;
}

/**
 * Sends what is owed: claims deliveries that are due, makes their attempts, settles them in batches. Deliveries
 * just committed arrive over the hot lane, already leased; everything else is claimed. What is durable is in the
 * store alone: an engine that dies leaves leases that run out.
 */
export interface Engine {
  /** Begins to claim by itself, and takes hot deliveries. */
  start(): void;
  /** Takes hot deliveries, but claims only in `runOnce`: for those who turn the clock. */
  pause(): Promise<void>;
  /**
   * Claims what is due now, attempts it and settles it, until nothing is due; returns the time at which something
   * will be, or null. What was in flight before is waited for as well.
   */
  runOnce(): Promise<number | null>;
  /**
   * Sends the suspects of an unclean end one at a time, before it starts anything else. `endsInARow`: how many such ends
   * there have been in a row, this one included. Resolves when that is over.
   */
  sendSuspects(endsInARow: number): Promise<void>;
  /** Resolves when nothing is held: no attempt under way, no outcome unsettled. */
  idle(): Promise<void>;
  /** Stops claiming, waits for attempts under way at most `drainMs`, settles, and gives the rest back. */
  stop(): Promise<void>;
}

/** An engine that can be handed claims by who counts the room for them: the other side of a thread. */
export interface HandedEngine extends Engine {
  take(claims: readonly Claim[]): void;
}

/** Settlements in one commit, at most; as many as this do not wait for more. */
const SETTLE_BATCH = 512;

/** A claim is not sent when less of its lease is left than this beyond the deadline: time to settle. */
const LEASE_MARGIN_MS = 2_000;

/** How long to wait before the store is tried again after it could not be reached. */
const TROUBLE_PAUSE_MS = 250;

/** Why the loop's sleep ended, or the wait for company. Nobody reads it; without, each abort makes an error with a stack. */
const WOKEN = "woken";

/** Throws when a lease could end before an attempt that it covers. Both in milliseconds. */
export function checkLease(leaseMs: number, timeoutMs: number): void {
  if (leaseMs <= timeoutMs + LEASE_MARGIN_MS)
    throw new Error(`leaseMs (${leaseMs}) must exceed an attempt's deadline (${timeoutMs}) by more than ${LEASE_MARGIN_MS}`);
}

export function createEngine(options: EngineOptions): HandedEngine {
  const { store, clock, transport, policies, limits, leasesHold = () => true } = options;
  for (const { timeoutMs } of [policies.live, policies.test]) checkLease(limits.leaseMs, timeoutMs);
  const queue = createFairQueue({
    inFlight: limits.attemptsInFlight,
    inFlightPerEndpoint: limits.attemptsInFlightPerEndpoint,
    ...roomLimits(limits),
  });
  /** With so much room more is claimed: a full claim's, so that claiming and sending take turns. */
  const refillFrom = Math.min(limits.claimsAtOnce, Math.ceil(limits.claimsHeld / 2));
  /** Endpoints that fail, or whose owner was told so: as last read, or as the store last found them. */
  const troubled = new Set<string>();
  /** Ended, and not yet settled. */
  let ended: Settlement[] = [];
  let settling = false;
  let running = false;
  let stopped = false;
  let loop: Promise<void> = Promise.resolve();
  const stopping = new AbortController();
  /** Ends the wait for more outcomes. */
  let gathered = new AbortController();
  /** Ends the loop's sleep. */
  let alarm = new AbortController();
  /** When the loop would wake by itself. */
  let wakeAt = Number.POSITIVE_INFINITY;
  /** Endpoints passed over at the last claim because they had enough; null when all that was due was claimed. */
  let passedOver: number | null = null;
  let idleWaiters: (() => void)[] = [];
  const underWay = new UnderWay({ store, clock, troublePauseMs: TROUBLE_PAUSE_MS, onTrouble: options.onTrouble });
  const careful = createCarefulRound({ ...options, leasesHold, underWay, troublePauseMs: TROUBLE_PAUSE_MS, post, keep });

  const lane: HotLane = {
    reserve(endpointId, now, bytes) {
      return !stopped && !careful.running && leasesHold(now) && queue.reserve(endpointId, bytes)
        ? { leaseUntil: now + limits.leaseMs }
        : null;
    },
    accept: (claims) => holdAll(claims, true),
    release(endpointId, count, bytes) {
      queue.unreserve(endpointId, count, bytes);
      checkIdle();
    },
    due: wake,
    changed: giveBack,
  };

  function holdAll(claims: readonly Claim[], reserved: boolean): void {
    for (const claim of claims) hold(claim, reserved);
    pump();
  }

  function hold(claim: Claim, reserved: boolean): void {
    // The claim's endpoint was read just now: fresher than what an earlier batch left here.
    const { id, firstFailureAt, toldOf } = claim.endpoint;
    if (firstFailureAt !== null || toldOf !== null) troubled.add(id);
    else if (troubled.size > 0) troubled.delete(id);
    queue.add(claim, reserved);
  }

  function pump(): void {
    if (careful.running) return;
    for (let batch = take(); batch.length > 0; batch = take()) {
      const noted = underWay.begin(batch, stopping.signal);
      if (noted === null) for (const claim of batch) attempt(claim);
      else void noted.then((begins) => beginLate(batch, begins)).catch(options.onBug);
    }
  }

  /** All that may start now. */
  function take(): Claim[] {
    const batch: Claim[] = [];
    for (let claim = queue.take(); claim !== undefined; claim = queue.take()) batch.push(claim);
    return batch;
  }

  /** What was noted only now begins, unless it was not. */
  function beginLate(batch: readonly Claim[], begins: boolean): void {
    for (const claim of batch)
      if (begins) attempt(claim);
      else finish(claim, putOff(claim));
    pump();
  }

  function attempt(claim: Claim): void {
    const at = clock.now();
    const policy = claim.event.livemode ? policies.live : policies.test;
    const cancelled = cancellation(claim);
    const tooLate = claim.leaseUntil - at < policy.timeoutMs + LEASE_MARGIN_MS || !leasesHold(claim.leaseUntil - limits.leaseMs);
    if (cancelled !== null || tooLate) {
      finish(claim, cancelled ?? putOff(claim));
      return;
    }
    const requestHeaders = webhookHeaders(claim, at, clock.wallNow());
    // Whatever an exchange fails with costs its own attempt. A mistake in what is made of the outcome is a bug of ours.
    post({ url: claim.endpoint.url, headers: requestHeaders, body: claim.body, deadlineMs: policy.timeoutMs }, at)
      .then((posted) => {
        if (posted.kind === "fault" && posted.cause !== undefined)
          options.onUnexpected?.({ error: posted.cause, endpointId: claim.endpoint.id, deliveryId: claim.deliveryId });
        // What our own stopping cut off is no failure of the endpoint's: it is due again as it was.
        const interrupted = posted.kind === "fault" && posted.code === "interrupted";
        finish(claim, interrupted ? putOff(claim) : decideSettlement({ claim, at, requestHeaders, posted }, policy, clock.now()));
        pump();
      })
      .catch(options.onBug);
  }

  async function post(request: OutgoingRequest, at: number): Promise<Posted> {
    try {
      return await transport.post(request);
    } catch (error) {
      return { kind: "fault", code: "unknown_fault", reason: "The attempt failed.", durationMs: clock.now() - at, cause: error };
    }
  }

  /** What waits for an endpoint that has changed is given back, to be claimed as the endpoint is now. */
  function giveBack(endpointId: string): void {
    for (const unsent of queue.drain(endpointId)) ended.push(putOff(unsent));
    if (ended.length > 0 && !settling) void settleEnded().catch(options.onBug);
  }

  function finish(claim: Claim, settlement: Settlement): void {
    queue.ended(claim);
    ended.push(settlement);
    if (!settling) void settleEnded().catch(options.onBug);
    else if (ended.length >= SETTLE_BATCH || queue.inFlight === 0) gathered.abort(WOKEN);
  }

  /**
   * Waits until outcomes are worth a commit: a full batch, or nothing more under way, or `settleWithinMs`. A commit
   * costs a sync of the disk, and no receiver waits for it.
   */
  async function gather(): Promise<void> {
    gathered = new AbortController();
    // What ends in the same turn of the event loop may start the next attempt in it.
    await Promise.resolve();
    if (ended.length < SETTLE_BATCH && queue.inFlight > 0 && !stopped) await clock.pause(limits.settleWithinMs, gathered.signal);
  }

  /** Settles batch after batch for as long as attempts end; those that end meanwhile make up the next batch. */
  async function settleEnded(): Promise<void> {
    settling = true;
    while (ended.length > 0) {
      await gather();
      const batch = ended.length <= SETTLE_BATCH ? ended : ended.slice(0, SETTLE_BATCH);
      ended = batch === ended ? [] : ended.slice(SETTLE_BATCH);
      if (!(await settle(batch))) {
        ended = batch.concat(ended);
        if (stopped) break;
        await clock.pause(TROUBLE_PAUSE_MS, stopping.signal);
      }
      if (passedOver !== null && queue.room() >= refillFrom && (passedOver === 0 || queue.busy().size < passedOver)) wake(clock.now());
    }
    settling = false;
    checkIdle();
  }

  async function settle(batch: Settlement[]): Promise<boolean> {
    try {
      const settled = await keep(batch);
      for (const { endpointId } of batch) queue.settled(endpointId);
      for (const settlement of settled) options.onSettled?.(settlement);
      return true;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      options.onTrouble(error);
      return false;
    }
  }

  /** Writes what attempts changed. Returns those that were not refused. Throws `StoreUnavailable`. */
  async function keep(batch: Settlement[]): Promise<Settlement[]> {
    const { refused, checked = [] } = await store.settle(batch, endpointChecks(batch, troubled, limits));
    for (const condition of checked) {
      if (condition.troubled) troubled.add(condition.endpointId);
      else troubled.delete(condition.endpointId);
    }
    underWay.settled(batch);
    if (refused.length === 0) return batch;
    const stale = new Set(refused);
    return batch.filter(({ deliveryId }) => !stale.has(deliveryId));
  }

  function isBusy(): boolean {
    return queue.held > 0 || ended.length > 0 || settling || careful.running;
  }

  async function sendSuspects(endsInARow: number): Promise<void> {
    await careful.run(endsInARow);
    if (careful.running) return;
    pump();
    checkIdle();
    wake(clock.now());
  }

  function checkIdle(): void {
    if (isBusy()) return;
    const waiters = idleWaiters;
    idleWaiters = [];
    for (const resolve of waiters) resolve();
  }

  function idle(): Promise<void> {
    if (!isBusy()) return Promise.resolve();
    return new Promise((resolve) => idleWaiters.push(resolve));
  }

  function wake(at: number): void {
    if (at <= wakeAt) alarm.abort(WOKEN);
  }

  /** Claims as much as there is room for. Returns whether anything was claimed. */
  async function claim(): Promise<boolean> {
    if (!leasesHold(clock.now())) return false;
    const limit = Math.min(queue.room(), limits.claimsAtOnce);
    if (limit <= 0) {
      passedOver = 0;
      return false;
    }
    const busy = new Set(queue.busy());
    const claims = await store.claimDue({
      now: clock.now(),
      leaseMs: limits.leaseMs,
      limit,
      perEndpoint: Math.max(1, Math.min(limits.claimsAtOncePerEndpoint, Math.floor(limits.claimsHeldPerEndpoint / 2))),
      busy,
    });
    passedOver = busy.size > 0 ? busy.size : claims.length === limit ? 0 : null;
    holdAll(claims, false);
    return claims.length > 0;
  }

  async function run(): Promise<void> {
    while (running) {
      alarm = new AbortController();
      wakeAt = Number.POSITIVE_INFINITY;
      const { signal } = alarm;
      let pause: number;
      if (careful.running) {
        await careful.done();
        continue;
      }
      try {
        if (!leasesHold(clock.now())) {
          await clock.pause(TROUBLE_PAUSE_MS, signal);
          continue;
        }
        const more = await claim();
        if (more && queue.room() > 0) continue;
        const next = await store.nextDueAt();
        const now = clock.now();
        // What is due already and was not claimed waits for room: the settling that makes room wakes us.
        pause = next === null || next <= now ? limits.engineIdleMs : Math.min(next - now, limits.engineIdleMs);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        options.onTrouble(error);
        pause = TROUBLE_PAUSE_MS;
      }
      if (!running) break;
      wakeAt = clock.now() + pause;
      await clock.sleep(pause, signal);
    }
  }

  return {
    take: (claims) => holdAll(claims, false),
    start() {
      if (running || stopped) return;
      running = true;
      store.attach(lane);
      loop = run().catch(options.onBug);
    },
    async pause() {
      running = false;
      store.attach(lane);
      alarm.abort(WOKEN);
      await loop;
    },
    async runOnce() {
      await idle();
      while (await claim()) await idle();
      await idle();
      return store.nextDueAt();
    },
    sendSuspects,
    idle,
    async stop() {
      running = false;
      stopped = true;
      stopping.abort();
      careful.stop();
      gathered.abort(WOKEN);
      alarm.abort(WOKEN);
      await loop;
      store.attach(null);
      for (const unsent of queue.drain()) {
        ended.push(putOff(unsent));
      }
      if (ended.length > 0 && !settling) await settleEnded();
      transport.endUnsent?.();
      if (queue.inFlight > 0 || settling || careful.running) {
        const drained = new AbortController();
        await Promise.race([idle(), clock.pause(limits.drainMs, drained.signal)]);
        drained.abort();
      }
      underWay.abandon();
    },
  };
}
