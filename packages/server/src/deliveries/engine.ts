import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import type { Claim, DeliveryStore, HeldEndpoint, HotLane, Settlement } from "../store/contract/delivery-store.ts";
import type { StoreUnavailable } from "../store/store.ts";
import type { AnswerHead, OutgoingRequest, Posted, Transport } from "../transport/transport.ts";
import { attemptResult } from "./attempt-result.ts";
import { BodyWaits } from "./body-waits.ts";
import { createCarefulRound } from "./careful-round.ts";
import { ClaimLoop } from "./claim-loop.ts";
import { ClaimsAhead } from "./claims-ahead.ts";
import { cancellation, decideSettlement, giveUp, heldBack, putOff } from "./decide-settlement.ts";
import { mayTellOwner, tellsOwner } from "./endpoint-checks.ts";
import { type AttemptResult, shortestOpenMs } from "./endpoint-record.ts";
import { createFairQueue } from "./fair-queue.ts";
import { FreshShare } from "./fresh-share.ts";
import type { Policy } from "./policy.ts";
import { grantedWaitMs } from "./retry-after.ts";
import type { Policies } from "./retry-policies.ts";
import { SettlementQueue } from "./settlement-queue.ts";
import { type Attempt, SlowWatch } from "./slow-watch.ts";
import { UnderWay } from "./under-way.ts";
import { Waiters, WOKEN } from "./waiters.ts";
import { webhookHeaders } from "./webhook-headers.ts";

export interface EngineOptions {
  store: DeliveryStore;
  clock: Clock;
  transport: Transport;
  policies: Policies;
  limits: Limits;
  /**
   * Whether leases taken at this time still belong to this engine. If not, it sends and claims nothing. True by
   * default.
   */
  leasesHold?(leasedAt: number): boolean;
  /** Receives errors that the engine cannot repair but survives: an unavailable store. */
  onTrouble(error: StoreUnavailable): void;
  /** Receives a bug. Must end the process, or fail the test. */
  onBug(error: unknown): void;
  /**
   * Receives the cause of a failed attempt when it concerns the operator of the server. The attempt is recorded in any
   * case.
   */
  onUnexpected?(unexpected: Unexpected): void;
  /** Receives every settled attempt. */
  onSettled?(settlement: Settlement): void;
  /** Receives how many deliveries of an endpoint are worth passing on from now on; null for as many as fit. */
  onRestrained?(endpointId: string, most: number | null): void;
}

/** An unforeseen error of an attempt, or one that the tenant must not see. */
export interface Unexpected {
  error: unknown;
  endpointId: string;
  deliveryId: string;
}

/**
 * Sends what is owed: claims deliveries that are due, makes their attempts, settles them in batches. Deliveries that
 * were just committed arrive over the hot lane, already leased; everything else is claimed. Only the store is durable:
 * when an engine dies, its leases run out.
 */
export interface Engine {
  /** Starts to claim automatically, and accepts hot deliveries. */
  start(): void;
  /** Accepts hot deliveries, but claims only in `runOnce`, for a clock that is advanced by hand. */
  pause(): Promise<void>;
  /**
   * Claims what is due now, attempts it and settles it, until nothing is due. Returns the time of the next due
   * delivery, or null. Also waits for attempts that were already in flight.
   */
  runOnce(): Promise<number | null>;
  /**
   * For a paused engine, when nothing is due now: makes the attempts that fall due until `until`, each at its own time
   * and in order. `turnTo` turns the clock to the next of those times, or returns false when something else comes
   * before it. Claims are made ahead of their time, and outcomes stored together, so that many share a commit. Returns
   * when something else has to happen first: continue with `runOnce`. Only an engine that is alone on its store has
   * this method.
   */
  runThrough?(until: number, turnTo: (at: number) => boolean): Promise<void>;
  /**
   * The clock is being turned to this time; null when the turn has ended. So that the turn can end, only a share of
   * what is published meanwhile is sent during it: see `fresh-share.ts`. Only an engine whose clock is turned has this
   * method.
   */
  turning?(until: number | null): void;
  /**
   * Whether what is published now belongs to the turn itself: to tasks that fall due in it. All of that is sent.
   */
  ownWork?(own: boolean): void;
  /**
   * Sends the suspects of an unclean end one at a time, before it starts anything else. `endsInARow`: how many such
   * ends there have been in a row, including this one. Resolves when all are sent.
   */
  sendSuspects(endsInARow: number): Promise<void>;
  /**
   * The engine before this one left these endpoints alone, and so does this one. Call it before anything is claimed.
   */
  leaveAlone(endpoints: readonly HeldEndpoint[]): void;
  /** Resolves when nothing is held: no attempt is under way, and no outcome is unsettled. */
  idle(): Promise<void>;
  /** Stops claiming, waits up to `drainMs` for attempts under way, settles, and returns the rest. */
  stop(): Promise<void>;
}

/** An engine that accepts claims from the other thread, which counts the capacity. */
export interface HandedEngine extends Engine {
  take(claims: readonly Claim[]): void;
}

/** A claim is sent only if its lease outlasts the deadline by this much, which leaves time to settle. */
const LEASE_MARGIN_MS = 2_000;

/** How long to wait before trying an unavailable store again. */
const TROUBLE_PAUSE_MS = 250;

/** Throws when a lease could end before an attempt that it covers. Both in milliseconds. */
export function checkLease(leaseMs: number, timeoutMs: number): void {
  if (leaseMs <= timeoutMs + LEASE_MARGIN_MS)
    throw new Error(`leaseMs (${leaseMs}) must exceed an attempt's deadline (${timeoutMs}) by more than ${LEASE_MARGIN_MS}`);
}

/**
 * Makes an engine. It is always in one of these modes:
 *
 * - **new**: before any call. The hot lane is not attached: new deliveries wait in the store.
 * - **running**, after `start`: the loop claims what is due and sleeps until more is due. The lane is attached: it
 *   hands over what a commit just published, without a claim.
 * - **paused**, after `pause`: the loop has ended. The lane stays attached, so hot deliveries are still sent; what is
 *   due is claimed only by `runOnce`. `start` makes it running again.
 * - **careful**, while `sendSuspects` runs, in any of the modes above: one suspect is sent at a time, and the lane
 *   reserves nothing. Anything that is claimed or published meanwhile waits.
 * - **stopped**, after `stop`, permanently: the lane is detached, `start` is ignored, unsent claims are returned, and
 *   attempts under way have `drainMs` to end.
 *
 * In all of them a claim whose lease may have passed to another node (`leasesHold`) is not sent.
 */
export function createEngine(options: EngineOptions): HandedEngine {
  const { store, clock, transport, policies, limits, leasesHold = () => true } = options;
  for (const { timeoutMs } of [policies.live, policies.test]) checkLease(limits.leaseMs, timeoutMs);
  const queue = createFairQueue(limits, options.onRestrained);
  const bodies = new BodyWaits(limits);
  const watch = new SlowWatch(
    clock,
    limits.slowAnswerMs,
    ({ claim }) => {
      queue.overdue(claim, clock.now());
      pump();
    },
    options.onBug,
  );
  let stopped = false;
  const stopping = new AbortController();
  /** Ends the wait for the first paused endpoint. */
  let releasing = new AbortController();
  let releaseAt: number | null = null;
  const idleWaiters = new Waiters();
  const endedWaiters = new Waiters();
  /** How many claims so far were more than is worth holding. */
  let returned = 0;
  let pumpsSoon = false;
  /**
   * Anything that an attempt causes is due at least this much later. So attempts of a turned clock may overlap by this
   * much, in the clock's time.
   */
  const overlapMs = Math.min(
    ...[policies.live, policies.test].flatMap(({ timeoutMs, shortestDelayMs }) => [timeoutMs, shortestDelayMs]),
    limits.breakerFailures > 0 ? shortestOpenMs(limits) : Number.POSITIVE_INFINITY,
  );
  /** The attempt that was last begun ahead overlaps with nothing. */
  let alone = false;
  const underWay = new UnderWay({ store, clock, troublePauseMs: TROUBLE_PAUSE_MS, onTrouble: options.onTrouble });
  const settlements = new SettlementQueue({
    ...options,
    underWay,
    attemptsUnderWay: () => queue.inFlight > 0,
    ahead: () => ahead.running,
    moreAhead: () => ahead.running && idleWaiters.none,
    holdOf: (id) => queue.holdOf(id),
    stored(batch) {
      for (const { endpointId } of batch) queue.settled(endpointId);
    },
    after(makesRoom) {
      if (makesRoom) pump();
      claiming.wakeIfFreed();
    },
    empty: checkIdle,
    stopping: stopping.signal,
    troublePauseMs: TROUBLE_PAUSE_MS,
  });
  const ahead = new ClaimsAhead({
    ...options,
    troublePauseMs: TROUBLE_PAUSE_MS,
    passOver: () => claiming.passOver(),
    claimed(claims) {
      for (const claim of claims) settlements.remember(claim);
    },
    begin(claims) {
      const now = clock.now();
      alone = claims.some((claim) => goesAlone(claim, now));
      for (const claim of claims) queue.add(claim, false, now);
      pump();
    },
    mayJoin,
    allSent,
    oneEnded,
    sentAndStoring,
    idle,
    unstoredDueAt: () => settlements.dueAt,
    nextRelease: () => queue.nextRelease(),
  });
  const fresh = new FreshShare(limits.publishedPerTurn);
  const careful = createCarefulRound({
    ...options,
    leasesHold,
    underWay,
    troublePauseMs: TROUBLE_PAUSE_MS,
    post,
    keep: (batch) => settlements.keep(batch),
  });

  const claiming = new ClaimLoop({
    ...options,
    queue,
    careful,
    leasesHold,
    claimed(claims, changed) {
      for (const claim of claims) hold(claim, false, clock.now());
      for (const endpointId of changed) giveBack(queue.changed(endpointId, clock.now()));
      pump();
    },
    troublePauseMs: TROUBLE_PAUSE_MS,
  });

  const lane: HotLane = {
    reserve(endpoint, now, bytes) {
      if (stopped || careful.running || !leasesHold(now)) return null;
      const later = fresh.publishedAt(now);
      if (later !== null) queue.reserveAnyway(endpoint, bytes);
      else if (!queue.reserve(endpoint, bytes)) return null;
      fresh.reserved();
      return { leaseUntil: later ?? now + limits.leaseMs };
    },
    accept(claims) {
      const { now, later } = fresh.accepted(claims);
      for (const { endpoint, body } of later) queue.unreserve(endpoint.id, 1, body.length);
      holdAll(now, true);
      if (later.length > 0) checkWaiters();
    },
    release(endpointId, count, bytes) {
      fresh.released(count);
      queue.unreserve(endpointId, count, bytes);
      checkWaiters();
      claiming.wakeIfFreed();
    },
    due(at) {
      ahead.due(at);
      claiming.wake(at);
    },
    // Waiting deliveries of a changed endpoint are returned, so that they are claimed again with its new state.
    changed(endpointId) {
      claiming.changed(endpointId);
      ahead.changed(endpointId);
      giveBack(queue.changed(endpointId, clock.now()));
      claiming.wakeIfFreed();
    },
    takes() {
      const mayTake = !stopped && !careful.running && leasesHold(clock.now());
      return { room: mayTake ? claiming.spareRoom : 0, leaseMs: limits.leaseMs };
    },
    // If an endpoint has enough in memory, its deliveries that wait in the store are older and come first.
    take(claims) {
      const now = clock.now();
      const taken = claims.filter(
        ({ endpoint, body }) => !claiming.passedOver.has(endpoint.id) && lane.reserve(endpoint, now, body.length) !== null,
      );
      if (taken.length > 0) lane.accept(taken);
      const mine = new Set(taken);
      return claims.filter((claim) => !mine.has(claim));
    },
  };

  function holdAll(claims: readonly Claim[], reserved: boolean): void {
    const now = clock.now();
    for (const claim of claims) hold(claim, reserved, now);
    pump();
  }

  function hold(claim: Claim, reserved: boolean, now: number): void {
    settlements.remember(claim);
    queue.add(claim, reserved, now);
  }

  /** The same as `pump`, once for all attempts whose outcomes arrive together. */
  function pumpSoon(): void {
    if (pumpsSoon) return;
    pumpsSoon = true;
    queueMicrotask(() => {
      pumpsSoon = false;
      pump();
    });
  }

  /** Starts the attempts that may start. Call it after anything that may allow one to start. */
  function pump(): void {
    if (!careful.running) begin();
    const surplus = queue.surplus();
    returned += surplus.length;
    giveBack(surplus);
    setRelease();
  }

  /** Each attempt is recorded before it begins. */
  function begin(): void {
    for (let batch = take(); batch.length > 0; batch = take()) {
      const noted = underWay.begin(batch, stopping.signal);
      if (noted === null) for (const claim of batch) attempt(claim);
      else void noted.then((begins) => beginLate(batch, begins)).catch(options.onBug);
    }
  }

  /** Everything that can be sent now. */
  function take(): Claim[] {
    const batch: Claim[] = [];
    if (settlements.full) return batch;
    const now = clock.now();
    for (let claim = queue.take(); claim !== undefined; claim = queue.take()) {
      if (endUnsent(claim, now)) continue;
      queue.sent(claim, now);
      batch.push(claim);
    }
    return batch;
  }

  /** Starts an attempt once it is recorded, unless recording it failed. */
  function beginLate(batch: readonly Claim[], begins: boolean): void {
    for (const claim of batch)
      if (begins) attempt(claim);
      else finish(claim, putOff(claim), clock.now());
    pump();
  }

  /** Whether a claim ends without an attempt, because its endpoint no longer wants it or it would be too late. */
  function endUnsent(claim: Claim, now: number): boolean {
    const policy = policyOf(claim);
    const ending = cancellation(claim) ?? heldBack(claim) ?? (policy.isOver(claim, now) && queue.isDown(claim) ? giveUp(claim) : null);
    if (ending === null && mayBegin(claim, policy, now)) return false;
    finish(claim, ending ?? putOff(claim), now);
    return true;
  }

  /** Whether its lease covers an attempt that starts now, and still belongs to this engine. */
  function mayBegin(claim: Claim, { timeoutMs }: Policy, now: number): boolean {
    return claim.leaseUntil - now >= timeoutMs + LEASE_MARGIN_MS && leasesHold(claim.leaseUntil - limits.leaseMs);
  }

  /** Ends a claim without an attempt. */
  function finish(claim: Claim, settlement: Settlement, now: number): void {
    queue.ended(claim, null, now);
    settleSoon(settlement);
  }

  function policyOf({ event }: Claim): Policy {
    return event.livemode ? policies.live : policies.test;
  }

  /** Resumes paused endpoints, each at its time. */
  function setRelease(): void {
    const next = stopped ? null : queue.nextRelease();
    if (next === releaseAt) return;
    releasing.abort(WOKEN);
    releasing = new AbortController();
    releaseAt = next;
    if (next !== null) release(next, releasing.signal).catch(options.onBug);
  }

  async function release(at: number, signal: AbortSignal): Promise<void> {
    await clock.sleep(at - clock.now(), signal);
    if (signal.aborted) return;
    releaseAt = null;
    queue.release(clock.now());
    pump();
    claiming.wakeIfFreed();
  }

  function attempt(claim: Claim): void {
    const at = clock.now();
    const policy = policyOf(claim);
    // Recording it may have taken time.
    if (!mayBegin(claim, policy, at)) {
      finish(claim, putOff(claim), at);
      return;
    }
    const attempt = watch.begin(claim, at);
    const requestHeaders = webhookHeaders(claim, at, clock.wallNow());
    let head: AnswerHead | null = null;
    let awaitsBody = false;
    // Ahead of time, the clock is at the attempt's time, or has meanwhile been turned to the time of another attempt.
    const timeNow = (): number => (ahead.running ? at : clock.now());
    const onHead = (arrived: AnswerHead): number => {
      head = arrived;
      awaitsBody = bodies.begin(claim.endpoint.id);
      outcomeKnown(attempt, attemptResult(arrived, at, clock.wallNow(), limits), timeNow());
      pump();
      return awaitsBody ? limits.responseBodyMs : 0;
    };
    const settled = (posted: Posted): void => {
      // This happens before its outcome waits for others to share a commit.
      pumpSoon();
      const now = timeNow();
      const wallNow = clock.wallNow();
      const result = attemptResult(posted, at, wallNow, limits);
      if (posted.kind === "fault" && posted.cause !== undefined)
        options.onUnexpected?.({ error: posted.cause, endpointId: claim.endpoint.id, deliveryId: claim.deliveryId });
      if (head === null) outcomeKnown(attempt, result, now);
      else if (!awaitsBody || posted.durationMs - head.durationMs >= limits.responseBodyMs) queue.bodyCut(claim, now);
      if (awaitsBody) bodies.end(claim.endpoint.id);
      // An attempt that we cut off by stopping is not the endpoint's failure: the delivery is due again unchanged.
      if (result === null) settleSoon(putOff(claim));
      else {
        const waitMs = grantedWaitMs(posted, wallNow, limits.retryAfterLongestMs);
        const settlement = decideSettlement({ claim, at, requestHeaders, posted, waitMs }, policy, now);
        settleSoon(settlement);
        // Nothing is made ahead of a settlement that may end it.
        if (tellsOwner(claim, settlement, limits)) settlements.mayChangeFrom(now);
      }
    };
    const request = { url: claim.endpoint.url, headers: requestHeaders, body: claim.body, deadlineMs: policy.timeoutMs, onHead };
    // An exchange that fails costs only its own attempt. An error in processing the outcome is our bug.
    post(request, at).then(settled).catch(options.onBug);
  }

  async function post(request: OutgoingRequest, at: number): Promise<Posted> {
    try {
      return await transport.post(request);
    } catch (error) {
      return { kind: "fault", code: "unknown_fault", reason: "The attempt failed.", durationMs: clock.now() - at, cause: error };
    }
  }

  /** The slot is free for another attempt. `result` is what the attempt says about its endpoint, if anything. */
  function outcomeKnown(attempt: Attempt, result: AttemptResult | null, now: number): void {
    watch.end(attempt);
    if (attempt.overdue) queue.overdueEnded(attempt.claim, result, now);
    else queue.ended(attempt.claim, result, now);
  }

  /** Returns unsent claims to the store. */
  function giveBack(unsent: readonly Claim[]): void {
    for (const claim of unsent) settleSoon(putOff(claim));
  }

  function settleSoon(settlement: Settlement): void {
    settlements.add(settlement);
    endedWaiters.wake();
  }

  /** Nothing is under way or unsettled. Deliveries that wait for a rate limit have their own time. */
  function isIdle(): boolean {
    return queue.held - fresh.aside === queue.paused && settlements.idle && !careful.running;
  }

  async function runThrough(until: number, turnTo: (at: number) => boolean): Promise<void> {
    if (!claiming.running && !stopped && !careful.running && isIdle()) await ahead.runThrough(until, turnTo);
  }

  async function sendSuspects(endsInARow: number): Promise<void> {
    await careful.run(endsInARow);
    if (careful.running) return;
    pump();
    checkIdle();
    claiming.wake(clock.now());
  }

  /** Whether no attempt is under way, and none can start now. */
  function allSent(): boolean {
    return queue.held - fresh.aside - settlements.unsettled === queue.paused;
  }

  /** See `AheadOptions`. */
  async function sentAndStoring(): Promise<void> {
    while (!stopped && !allSent()) await oneEnded();
    await settlements.asked();
  }

  /** Resolves when an attempt has ended, or the engine stops. */
  function oneEnded(): Promise<void> {
    return stopped ? Promise.resolve() : endedWaiters.wait();
  }

  function checkWaiters(): void {
    endedWaiters.wake();
    checkIdle();
  }

  function checkIdle(): void {
    if (isIdle()) idleWaiters.wake();
  }

  /** See `AheadOptions`. */
  function mayJoin(claims: readonly Claim[]): boolean {
    // Nothing that is held waits, is overdue, or awaits the rest of an answer.
    if (alone || queue.held - fresh.aside - settlements.unsettled - queue.paused !== watch.size) return false;
    return claims.every(
      (claim) =>
        claim.dueAt - (watch.since ?? claim.dueAt) < overlapMs && queue.isFree(claim.endpoint.id) && !goesAlone(claim, claim.dueAt),
    );
  }

  /** Whether what an attempt causes may be due before another attempt that follows it shortly. */
  function goesAlone(claim: Claim, at: number): boolean {
    return mayTellOwner(claim, at, limits) || !queue.isSteady(claim.endpoint.id) || policyOf(claim).isOver(claim, at + overlapMs);
  }

  function idle(): Promise<void> {
    if (isIdle()) return Promise.resolve();
    const idle = idleWaiters.wait();
    settlements.hurry();
    return idle;
  }

  return {
    take: (claims) => holdAll(claims, false),
    start() {
      if (claiming.running || stopped) return;
      queue.drains(false);
      store.attach(lane);
      claiming.start();
    },
    async pause() {
      const ended = claiming.stop();
      queue.drains(true);
      store.attach(lane);
      await ended;
    },
    async runOnce() {
      queue.release(clock.now());
      pump();
      await idle();
      await claiming.sendDue(idle, () => returned);
      await idle();
      const dueAt = await claiming.nextDueAt();
      const sendableAt = queue.nextRelease();
      return dueAt === null || sendableAt === null ? (dueAt ?? sendableAt) : Math.min(dueAt, sendableAt);
    },
    ...(options.leasesHold === undefined ? { runThrough } : {}),
    turning(until) {
      if (until === null) holdAll(fresh.end(), true);
      else fresh.begin(until);
    },
    ownWork(own) {
      fresh.ownWork = own;
    },
    sendSuspects,
    leaveAlone(endpoints) {
      for (const endpoint of endpoints) queue.heldBefore(endpoint, clock.now());
      setRelease();
    },
    idle,
    async stop() {
      stopped = true;
      const loopEnded = claiming.stop();
      stopping.abort();
      careful.stop();
      settlements.stop();
      releasing.abort(WOKEN);
      watch.stop();
      endedWaiters.wake();
      const aheadEnded = ahead.stop();
      await loopEnded;
      store.attach(null);
      await settlements.drain(queue.drain().map(putOff));
      transport.endUnsent?.();
      if (queue.inFlight > 0 || bodies.size > 0 || settlements.settling || careful.running || ahead.running) {
        const drained = new AbortController();
        await Promise.race([Promise.all([idle(), aheadEnded]), clock.pause(limits.drainMs, drained.signal)]);
        drained.abort();
      }
      underWay.abandon();
    },
  };
}
