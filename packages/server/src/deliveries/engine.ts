import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import type { Claim, DeliveryStore, HotLane, Settlement } from "../store/contract/delivery-store.ts";
import { StoreUnavailable } from "../store/store.ts";
import type { AnswerHead, OutgoingRequest, Posted, Transport } from "../transport/transport.ts";
import { attemptResult } from "./attempt-result.ts";
import { BatchSize } from "./batch-size.ts";
import { BodyWaits } from "./body-waits.ts";
import { createCarefulRound } from "./careful-round.ts";
import { ClaimsAhead } from "./claims-ahead.ts";
import { cancellation, decideSettlement, giveUp, heldBack, putOff } from "./decide-settlement.ts";
import { endpointChecks, mayTellOwner, tellsOwner } from "./endpoint-checks.ts";
import { type AttemptResult, rateSpanMs, shortestOpenMs } from "./endpoint-record.ts";
import { createFairQueue } from "./fair-queue.ts";
import { FreshShare } from "./fresh-share.ts";
import { keptChars } from "./kept-chars.ts";
import type { Policy } from "./policy.ts";
import { grantedWaitMs } from "./retry-after.ts";
import type { Policies } from "./retry-policies.ts";
import { type Attempt, SlowWatch } from "./slow-watch.ts";
import { UnderWay } from "./under-way.ts";
import { webhookHeaders } from "./webhook-headers.ts";

export interface EngineOptions {
  store: DeliveryStore;
  clock: Clock;
  transport: Transport;
  policies: Policies;
  limits: Limits;
  /** Whether leases from this time still belong to this engine. If not, nothing is sent or claimed. True by default. */
  leasesHold?(leasedAt: number): boolean;
  /** Gets errors that the engine cannot repair but survives: an unreachable store. */
  onTrouble(error: StoreUnavailable): void;
  /** Gets a bug. Must end the process, or fail the test. */
  onBug(error: unknown): void;
  /**
   * Gets the cause of a failed attempt when it concerns the operator of the server. The attempt is recorded in any
   * case.
   */
  onUnexpected?(unexpected: Unexpected): void;
  /** Gets every settled attempt. */
  onSettled?(settlement: Settlement): void;
  /** Gets how many deliveries of an endpoint are worth passing on from now on; null for as many as fit. */
  onRestrained?(endpointId: string, most: number | null): void;
}

/** An unforeseen error of an attempt, or one that the tenant must not see. */
export interface Unexpected {
  error: unknown;
  endpointId: string;
  deliveryId: string;
}

/**
 * Sends what is owed: claims deliveries that are due, makes their attempts, settles them in batches. Deliveries
 * that were just committed arrive over the hot lane, already leased; everything else is claimed. Only the store is
 * durable: an engine that dies leaves leases that run out.
 */
export interface Engine {
  /** Starts to claim by itself, and accepts hot deliveries. */
  start(): void;
  /** Accepts hot deliveries, but claims only in `runOnce`: for a clock that is advanced by hand. */
  pause(): Promise<void>;
  /**
   * Claims what is due now, attempts it and settles it, until nothing is due. Returns the time of the next
   * due delivery, or null. Also waits for what was in flight before.
   */
  runOnce(): Promise<number | null>;
  /**
   * While paused, when nothing is due now: makes the attempts that fall due until `until`, each at its own time and in
   * order. `turnTo` turns the clock to the next of those times, or returns false when something else comes before it.
   * Claims are made ahead of their time, and outcomes stored together, so that many share a commit. Returns when what
   * comes next needs another look: continue with `runOnce`. Only an engine that has the store to itself has it.
   */
  runThrough?(until: number, turnTo: (at: number) => boolean): Promise<void>;
  /**
   * The clock is turned until then; null when the turn has ended. So that it ends, only a share of what is published
   * meanwhile is sent during it: see `fresh-share.ts`. Only an engine whose clock is turned has it.
   */
  turning?(until: number | null): void;
  /** Whether what is published now belongs to the turn itself: tasks that fall due in it. It is sent whatever its number. */
  ownWork?(own: boolean): void;
  /**
   * Sends the suspects of an unclean end one at a time, before it starts anything else. `endsInARow`: how many such
   * ends there have been in a row, this one included. Resolves when that is over.
   */
  sendSuspects(endsInARow: number): Promise<void>;
  /** Resolves when nothing is held: no attempt under way, no outcome unsettled. */
  idle(): Promise<void>;
  /** Stops claiming, waits up to `drainMs` for attempts under way, settles, and returns the rest. */
  stop(): Promise<void>;
}

/** An engine that accepts claims from the side that counts its capacity: the other side of a thread. */
export interface HandedEngine extends Engine {
  take(claims: readonly Claim[]): void;
}

/** Settlements in one commit, at most; as many as this do not wait for more. It takes the store about 10 ms. */
const SETTLE_BATCH = 1_024;

/**
 * The same while attempts are made ahead: most then share the commit of the next claim. Retries come in no order of the
 * rows, so what a commit writes is mostly pages, which more outcomes share.
 */
const SETTLE_BATCH_AHEAD = 8_192;

/** A claim is sent only if its lease lasts this much longer than the deadline: time to settle. */
const LEASE_MARGIN_MS = 2_000;

/** How long to wait before an unreachable store is tried again. */
const TROUBLE_PAUSE_MS = 250;

/** Why a sleep ended early. It is never read, but without a reason each abort creates an error with a stack. */
const WOKEN = "woken";

/** Wakes those that wait. Returns those that wait then: none. */
function wakeAll(waiters: readonly (() => void)[]): (() => void)[] {
  for (const wake of waiters) wake();
  return [];
}

/** Throws when a lease could end before an attempt that it covers. Both in milliseconds. */
export function checkLease(leaseMs: number, timeoutMs: number): void {
  if (leaseMs <= timeoutMs + LEASE_MARGIN_MS)
    throw new Error(`leaseMs (${leaseMs}) must exceed an attempt's deadline (${timeoutMs}) by more than ${LEASE_MARGIN_MS}`);
}

/**
 * Makes an engine. It is in one of these modes:
 *
 * - **new**: before any call. No lane is attached: new deliveries wait in the store.
 * - **running**, after `start`: the loop claims what is due and sleeps until more will be. The lane is attached, and
 *   hands over what a commit just published without a claim.
 * - **paused**, after `pause`: the loop has ended. The lane stays attached, so hot deliveries are still sent; what is
 *   due is claimed only by `runOnce`. `start` makes it running again.
 * - **careful**, while `sendSuspects` runs, in any of the modes above: one suspect is sent at a time, and the lane
 *   reserves nothing. What is claimed or published meanwhile waits.
 * - **stopped**, after `stop`, permanently: the lane is detached, `start` is ignored, claims that were not sent are
 *   given back, and attempts under way have `drainMs` to end.
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
  /** How many are claimed for one endpoint at once: no more than the general rate limit lets it receive. */
  const perEndpoint = Math.max(
    1,
    Math.min(
      limits.claimsAtOncePerEndpoint,
      Math.floor(limits.claimsHeldPerEndpoint / 2),
      limits.endpointRatePerSecond > 0
        ? Math.ceil((limits.endpointRatePerSecond * rateSpanMs(limits.leaseMs)) / 1_000)
        : Number.POSITIVE_INFINITY,
    ),
  );
  /** With this much room more is claimed: enough for a full claim, so that claiming and sending take turns. */
  const refillFrom = Math.min(limits.claimsAtOnce, Math.ceil(limits.claimsHeld / 2));
  /** Endpoints that fail, or whose owner was notified of that: as last read, or as the store last found them. */
  const troubled = new Set<string>();
  /** Ended, and not yet settled. */
  let ended: Settlement[] = [];
  let settling = false;
  const batchSize = new BatchSize();
  /** What they keep of answers, in characters, with those that are being settled. */
  let endedChars = 0;
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
  /** Endpoints skipped at the last claim. */
  let passedOver: ReadonlySet<string> = new Set();
  /** The last claim left due deliveries of other endpoints as well. */
  let moreDue = false;
  /** Endpoints that were changed while a claim is made, which may have read them before; null when none is made. */
  let changedMeanwhile: Set<string> | null = null;
  /** Ends the wait for the first paused endpoint. */
  let releasing = new AbortController();
  let releaseAt: number | null = null;
  let idleWaiters: (() => void)[] = [];
  let endedWaiters: (() => void)[] = [];
  let storingWaiters: (() => void)[] = [];
  /** How many are held that have ended and are not settled, and when the first of them is due again. */
  let unsettled = 0;
  /** How many claims turned out to be more than is worth holding, so far. */
  let returned = 0;
  let pumpsSoon = false;
  let unsettledDueAt = Number.POSITIVE_INFINITY;
  /** What an attempt causes is due at least this much later: so far may attempts of a turned clock overlap, in its time. */
  const overlapMs = Math.min(
    ...[policies.live, policies.test].flatMap(({ timeoutMs, shortestDelayMs }) => [timeoutMs, shortestDelayMs]),
    limits.breakerFailures > 0 ? shortestOpenMs(limits) : Number.POSITIVE_INFINITY,
  );
  /** What was last begun ahead overlaps with nothing. */
  let alone = false;
  const underWay = new UnderWay({ store, clock, troublePauseMs: TROUBLE_PAUSE_MS, onTrouble: options.onTrouble });
  const ahead = new ClaimsAhead({
    ...options,
    troublePauseMs: TROUBLE_PAUSE_MS,
    passOver: () => (passedOver = queue.passOver()),
    claimed: (claims) => claims.forEach(remember),
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
    unstoredDueAt: () => (unsettled === 0 ? null : unsettledDueAt),
    nextRelease: () => queue.nextRelease(),
  });
  const fresh = new FreshShare(limits.publishedPerTurn);
  const careful = createCarefulRound({ ...options, leasesHold, underWay, troublePauseMs: TROUBLE_PAUSE_MS, post, keep });

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
      wakeIfFreed();
    },
    due(at) {
      ahead.due(at);
      wake(at);
    },
    // Waiting deliveries of a changed endpoint are returned, to be claimed with its new state.
    changed(endpointId) {
      changedMeanwhile?.add(endpointId);
      ahead.changed(endpointId);
      giveBack(queue.changed(endpointId, clock.now()));
      wakeIfFreed();
    },
    takes() {
      const mayTake = !stopped && !careful.running && !moreDue && leasesHold(clock.now());
      return { room: mayTake ? Math.max(0, queue.room() - refillFrom) : 0, leaseMs: limits.leaseMs };
    },
    // What waits in the store for an endpoint that has enough is older.
    take(claims) {
      const now = clock.now();
      const taken = claims.filter(
        ({ endpoint, body }) => !passedOver.has(endpoint.id) && lane.reserve(endpoint, now, body.length) !== null,
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
    remember(claim);
    queue.add(claim, reserved, now);
  }

  /** The claim's endpoint was read just now: fresher than what an earlier batch left here. */
  function remember({ endpoint: { id, firstFailureAt, toldOf } }: Claim): void {
    if (firstFailureAt !== null || toldOf !== null) troubled.add(id);
    else if (troubled.size > 0) troubled.delete(id);
  }

  /** The same as `pump`, once for all attempts whose outcomes are told together. */
  function pumpSoon(): void {
    if (pumpsSoon) return;
    pumpsSoon = true;
    queueMicrotask(() => {
      pumpsSoon = false;
      pump();
    });
  }

  /** Starts the attempts that may start. Call it after anything that may allow one. */
  function pump(): void {
    if (!careful.running) begin();
    const surplus = queue.surplus();
    returned += surplus.length;
    giveBack(surplus);
    setRelease();
  }

  /** Each attempt is noted before it begins. */
  function begin(): void {
    for (let batch = take(); batch.length > 0; batch = take()) {
      const noted = underWay.begin(batch, stopping.signal);
      if (noted === null) for (const claim of batch) attempt(claim);
      else void noted.then((begins) => beginLate(batch, begins)).catch(options.onBug);
    }
  }

  /** Everything to send now. */
  function take(): Claim[] {
    const batch: Claim[] = [];
    // The store is slower than the receivers.
    if (isFull()) return batch;
    const now = clock.now();
    for (let claim = queue.take(); claim !== undefined; claim = queue.take()) {
      if (endUnsent(claim, now)) continue;
      queue.sent(claim, now);
      batch.push(claim);
    }
    return batch;
  }

  /** Starts an attempt once it is noted, unless noting it failed. */
  function beginLate(batch: readonly Claim[], begins: boolean): void {
    for (const claim of batch)
      if (begins) attempt(claim);
      else finish(claim, putOff(claim), clock.now());
    pump();
  }

  /** Whether a claim ends without an attempt: its endpoint no longer wants it, or it would be too late. */
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
    wakeIfFreed();
  }

  function attempt(claim: Claim): void {
    const at = clock.now();
    const policy = policyOf(claim);
    // Noting it may have taken time.
    if (!mayBegin(claim, policy, at)) {
      finish(claim, putOff(claim), at);
      return;
    }
    const attempt = watch.begin(claim, at);
    const requestHeaders = webhookHeaders(claim, at, clock.wallNow());
    let head: AnswerHead | null = null;
    let awaitsBody = false;
    // Ahead, the clock stands at the attempt's time, or has been turned to that of another attempt meanwhile.
    const timeNow = (): number => (ahead.running ? at : clock.now());
    const onHead = (arrived: AnswerHead): number => {
      head = arrived;
      awaitsBody = bodies.begin(claim.endpoint.id);
      outcomeKnown(attempt, attemptResult(arrived, at, clock.wallNow(), limits), timeNow());
      pump();
      return awaitsBody ? limits.responseBodyMs : 0;
    };
    const settled = (posted: Posted): void => {
      // Before its outcome waits for others to be stored with.
      pumpSoon();
      const now = timeNow();
      const wallNow = clock.wallNow();
      const result = attemptResult(posted, at, wallNow, limits);
      if (posted.kind === "fault" && posted.cause !== undefined)
        options.onUnexpected?.({ error: posted.cause, endpointId: claim.endpoint.id, deliveryId: claim.deliveryId });
      if (head === null) outcomeKnown(attempt, result, now);
      else if (!awaitsBody || posted.durationMs - head.durationMs >= limits.responseBodyMs) queue.bodyCut(claim, now);
      if (awaitsBody) bodies.end(claim.endpoint.id);
      // An attempt that our own stop cut off is not the endpoint's failure: the delivery is due again unchanged.
      if (result === null) settleSoon(putOff(claim));
      else {
        const waitMs = grantedWaitMs(posted, wallNow, limits.retryAfterLongestMs);
        const settlement = decideSettlement({ claim, at, requestHeaders, posted, waitMs }, policy, now);
        settleSoon(settlement);
        // Nothing is made ahead of what may end it.
        if (tellsOwner(claim, settlement, limits)) unsettledDueAt = now;
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

  /** The slot is free for another attempt. `result`: what the attempt says about its endpoint, if anything. */
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
    ended.push(settlement);
    endedChars += keptChars(settlement);
    if (unsettled++ === 0) unsettledDueAt = Number.POSITIVE_INFINITY;
    if (settlement.next.state === "pending") unsettledDueAt = Math.min(unsettledDueAt, settlement.next.dueAt);
    if (!settling) void settleEnded().catch(options.onBug);
    else if (!gathers()) gathered.abort(WOKEN);
    wakeWaiters();
  }

  function settleBatch(): number {
    return ahead.running ? SETTLE_BATCH_AHEAD : SETTLE_BATCH;
  }

  /** Whether outcomes wait for more: some are under way, or are made ahead, and a batch is not full. */
  function gathers(): boolean {
    const more = queue.inFlight > 0 || (ahead.running && idleWaiters.length === 0 && storingWaiters.length === 0);
    return more && ended.length < settleBatch() && !stopped;
  }

  /**
   * Waits until outcomes are worth a commit: a full batch, or nothing more under way, or `settleWithinMs`. A commit
   * costs a sync of the disk, and no receiver waits for it.
   */
  async function gather(): Promise<void> {
    gathered = new AbortController();
    // Attempts that end in the same turn of the event loop may start their successors in it.
    await Promise.resolve();
    if (gathers()) await clock.pause(ahead.running ? limits.settleAheadWithinMs : limits.settleWithinMs, gathered.signal);
  }

  /** How many outcomes one commit stores next, and how many characters they keep of answers. */
  function nextBatch(): { count: number; chars: number } {
    const most = batchSize.next(settleBatch());
    if (ended.length <= most && endedChars <= limits.settledAtOnceChars) return { count: ended.length, chars: endedChars };
    let chars = 0;
    let count = 0;
    for (const settlement of ended) {
      const more = keptChars(settlement);
      if (count === most || (count > 0 && chars + more > limits.settledAtOnceChars)) break;
      chars += more;
      count++;
    }
    return { count, chars };
  }

  /** Whether as much waits to be stored as may. */
  function isFull(): boolean {
    return endedChars >= limits.outcomesWaitingChars;
  }

  /** Settles batch after batch for as long as attempts end; those that end meanwhile make up the next batch. */
  async function settleEnded(): Promise<void> {
    settling = true;
    while (ended.length > 0) {
      await gather();
      const { count, chars } = nextBatch();
      const batch = ended.length <= count ? ended : ended.slice(0, count);
      ended = batch === ended ? [] : ended.slice(count);
      if (await settle(batch)) {
        const wasFull = isFull();
        endedChars -= chars;
        if (wasFull) pump();
      } else {
        ended = batch.concat(ended);
        if (stopped) break;
        await clock.pause(TROUBLE_PAUSE_MS, stopping.signal);
      }
      wakeIfFreed();
    }
    settling = false;
    checkIdle();
  }

  async function settle(batch: Settlement[]): Promise<boolean> {
    try {
      const settled = await keep(batch);
      unsettled -= batch.length;
      for (const { endpointId } of batch) queue.settled(endpointId);
      for (const settlement of settled) options.onSettled?.(settlement);
      batchSize.stored();
      return true;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      batchSize.failed(batch.length);
      options.onTrouble(error);
      return false;
    }
  }

  /** Writes what attempts changed. Returns those that were not refused. Throws `StoreUnavailable`. */
  async function keep(batch: Settlement[]): Promise<Settlement[]> {
    const asked = store.settle(
      batch,
      endpointChecks(batch, troubled, limits, (id) => queue.holdOf(id)),
    );
    if (ended.length === 0) storingWaiters = wakeAll(storingWaiters);
    const { refused, checked = [] } = await asked;
    for (const condition of checked) {
      if (condition.troubled) troubled.add(condition.endpointId);
      else troubled.delete(condition.endpointId);
    }
    underWay.settled(batch);
    if (refused.length === 0) return batch;
    const stale = new Set(refused);
    return batch.filter(({ deliveryId }) => !stale.has(deliveryId));
  }

  /** Nothing is under way or unsettled. Deliveries that wait for a rate limit have their own time. */
  function isIdle(): boolean {
    return queue.held - fresh.aside === queue.paused && ended.length === 0 && !settling && !careful.running;
  }

  async function runThrough(until: number, turnTo: (at: number) => boolean): Promise<void> {
    if (!running && !stopped && !careful.running && isIdle()) await ahead.runThrough(until, turnTo);
  }

  async function sendSuspects(endsInARow: number): Promise<void> {
    await careful.run(endsInARow);
    if (careful.running) return;
    pump();
    checkIdle();
    wake(clock.now());
  }

  /** Whether no attempt is under way, and none can start now. */
  function allSent(): boolean {
    return queue.held - fresh.aside - unsettled === queue.paused;
  }

  /** See `AheadOptions`. */
  async function sentAndStoring(): Promise<void> {
    while (!stopped && !allSent()) await oneEnded();
    if (ended.length > 0 && !stopped) {
      const asked = new Promise<void>((resolve) => storingWaiters.push(resolve));
      if (!gathers()) gathered.abort(WOKEN);
      await asked;
    }
  }

  /** Resolves when an attempt has ended, or the engine stops. */
  function oneEnded(): Promise<void> {
    return stopped ? Promise.resolve() : new Promise((resolve) => endedWaiters.push(resolve));
  }

  function wakeWaiters(): void {
    if (endedWaiters.length > 0) endedWaiters = wakeAll(endedWaiters);
  }

  function checkWaiters(): void {
    wakeWaiters();
    checkIdle();
  }

  function checkIdle(): void {
    if (isIdle()) idleWaiters = wakeAll(idleWaiters);
  }

  /** See `AheadOptions`. */
  function mayJoin(claims: readonly Claim[]): boolean {
    // None of what is held waits, is overdue, or awaits the rest of an answer.
    if (alone || queue.held - fresh.aside - unsettled - queue.paused !== watch.size) return false;
    return claims.every(
      (claim) =>
        claim.dueAt - (watch.since ?? claim.dueAt) < overlapMs && queue.isFree(claim.endpoint.id) && !goesAlone(claim, claim.dueAt),
    );
  }

  /** Whether what an attempt causes may come before another that is due shortly after it. */
  function goesAlone(claim: Claim, at: number): boolean {
    return mayTellOwner(claim, at, limits) || !queue.isSteady(claim.endpoint.id) || policyOf(claim).isOver(claim, at + overlapMs);
  }

  function idle(): Promise<void> {
    if (isIdle()) return Promise.resolve();
    const idle = new Promise<void>((resolve) => idleWaiters.push(resolve));
    if (!gathers()) gathered.abort(WOKEN);
    return idle;
  }

  function wake(at: number): void {
    if (at <= wakeAt) alarm.abort(WOKEN);
  }

  /** Claims again once there is room, if the last claim left something that may be claimed now. */
  function wakeIfFreed(): void {
    if ((moreDue || queue.freed()) && queue.room() >= refillFrom) wake(clock.now());
  }

  /**
   * Claims as much as there is room for, and of each failing endpoint at most `perFailingEndpoint`. Returns whether
   * anything was claimed.
   */
  async function claim(perFailingEndpoint: number, now = clock.now()): Promise<boolean> {
    if (!leasesHold(now)) return false;
    const limit = Math.min(queue.room(), limits.claimsAtOnce);
    if (limit <= 0) {
      moreDue = true;
      return false;
    }
    passedOver = queue.passOver();
    const changed = new Set<string>();
    changedMeanwhile = changed;
    let claims: Claim[];
    try {
      claims = await store.claimDue({
        now,
        leaseMs: limits.leaseMs,
        limit,
        perEndpoint,
        perFailingEndpoint,
        rateSpanMs: rateSpanMs(limits.leaseMs),
        busy: passedOver,
      });
    } finally {
      changedMeanwhile = null;
    }
    for (const claim of claims) hold(claim, false, clock.now());
    for (const endpointId of changed) giveBack(queue.changed(endpointId, clock.now()));
    pump();
    // An endpoint gives a claim its share alone: as long as a claim finds something, there may be more.
    moreDue = claims.length === limit || (claims.length > 0 && queue.room() <= 0);
    return claims.length > 0;
  }

  /**
   * Claims and sends until nothing is due. Of a failing endpoint twice as much is claimed each time, until it turns out to
   * be more than is worth holding: real time must not decide how long a turned clock takes.
   */
  async function sendDue(): Promise<void> {
    const { claimsAtOncePerFailingEndpoint: least } = limits;
    let share = least;
    let before = returned;
    while (await claim(share)) {
      await idle();
      share = returned > before ? least : Math.min(2 * share, Math.max(least, perEndpoint));
      before = returned;
    }
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
        const asked = clock.now();
        const more = await claim(limits.claimsAtOncePerFailingEndpoint, asked);
        if (more && queue.room() > 0) continue;
        const next = await store.nextDueAt(passedOver);
        const now = clock.now();
        // It fell due after the claim: the clock of the server that published it may be some milliseconds ahead.
        if (next !== null && next > asked && next <= now && queue.room() > 0) continue;
        // Due deliveries that were not claimed wait for room: the settlement that makes room wakes the engine.
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
      queue.drains(false);
      store.attach(lane);
      loop = run().catch(options.onBug);
    },
    async pause() {
      running = false;
      queue.drains(true);
      store.attach(lane);
      alarm.abort(WOKEN);
      await loop;
    },
    async runOnce() {
      queue.release(clock.now());
      pump();
      await idle();
      await sendDue();
      await idle();
      const dueAt = await store.nextDueAt(passedOver);
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
    idle,
    async stop() {
      running = false;
      stopped = true;
      stopping.abort();
      careful.stop();
      gathered.abort(WOKEN);
      alarm.abort(WOKEN);
      releasing.abort(WOKEN);
      watch.stop();
      wakeWaiters();
      const aheadEnded = ahead.stop();
      await loop;
      store.attach(null);
      const unsent = queue.drain();
      ended.push(...unsent.map(putOff));
      unsettled += unsent.length;
      if (ended.length > 0 && !settling) await settleEnded();
      transport.endUnsent?.();
      if (queue.inFlight > 0 || bodies.size > 0 || settling || careful.running || ahead.running) {
        const drained = new AbortController();
        await Promise.race([Promise.all([idle(), aheadEnded]), clock.pause(limits.drainMs, drained.signal)]);
        drained.abort();
      }
      underWay.abandon();
    },
  };
}
