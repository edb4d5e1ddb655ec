import type { Limits } from "../limits.ts";
import type { Claim, HeldEndpoint, OwnedEndpoint } from "../store/contract/delivery-store.ts";
import type { EndpointHold } from "../store/contract/rows.ts";
import { AttemptSlots } from "./attempt-slots.ts";
import { Capacity, capacityLimits } from "./capacity.ts";
import { EndpointQueue } from "./endpoint-queue.ts";
import { type AttemptResult, EndpointRecord } from "./endpoint-record.ts";
import { WakeTimes } from "./wake-times.ts";

/** How many known endpoints are examined, when there are too many, to find one that can be forgotten. */
const LOOKED_AT = 64;

/**
 * Claims in memory, and which of them may be sent next. A slow or failing endpoint, or an account with many such
 * endpoints, uses only its own share. Times are arguments, in Unix milliseconds; no I/O.
 */
export interface FairQueue {
  /** How many more claims fit. */
  room(): number;
  /** Endpoints that have enough, or that are paused: claim no more for them. From now on `freed` refers to these. */
  passOver(): ReadonlySet<string>;
  /** Whether one of the endpoints that were last skipped would now accept claims. */
  freed(): boolean;
  /** Reserves a place for a coming claim with a body of this size; false when there is no room. */
  reserve(endpoint: OwnedEndpoint, bytes: number): boolean;
  /** The same, whether there is room or not. */
  reserveAnyway(endpoint: OwnedEndpoint, bytes: number): void;
  /**
   * Whether everything that is due is sent before the clock moves on. Then an endpoint that fails at once delays
   * nobody, and as many of its claims are held as of others.
   */
  drains(all: boolean): void;
  unreserve(endpointId: string, count: number, bytes: number): void;
  /** Takes in a claim. `reserved`: a place was reserved for it. */
  add(claim: Claim, reserved: boolean, now: number): void;
  /** The next claim to send, now in flight; undefined when no claim may start. */
  take(): Claim | undefined;
  /** The claim is sent, and counts for its endpoint's rate limit. Call this before taking the next one. */
  sent(claim: Claim, now: number): void;
  /** Whether its endpoint has failed so often in a row that it receives only a probe. */
  isDown(claim: Claim): boolean;
  /** Whether nothing of an endpoint waits or is under way. */
  isFree(endpointId: string): boolean;
  /** Whether the last answer of an endpoint is known, and did not ask for a pause. */
  isSteady(endpointId: string): boolean;
  /** Its attempt has been under way for longer than an answer may take. */
  overdue(claim: Claim, now: number): void;
  /**
   * The outcome of its attempt is known, or null when no attempt was made: another may start. The claim is held until
   * it is settled; its body is not.
   */
  ended(claim: Claim, result: AttemptResult | null, now: number): void;
  /** The same for an attempt that was reported as overdue. */
  overdueEnded(claim: Claim, result: AttemptResult | null, now: number): void;
  /** The body of its answer was cut off. */
  bodyCut(claim: Claim, now: number): void;
  /** It is settled, or returned to the store: its place is free. */
  settled(endpointId: string): void;
  /** The engine before this one left an endpoint alone. */
  heldBefore(endpoint: HeldEndpoint, now: number): void;
  /** Until when, and why, an endpoint receives nothing; null when it is not paused. */
  holdOf(endpointId: string): EndpointHold | null;
  /** When the first paused endpoint resumes; null when no endpoint is paused. */
  nextRelease(): number | null;
  /** Resumes the endpoints whose time has come. */
  release(now: number): void;
  /**
   * Removes claims that are no longer worth holding: those of endpoints that receive nothing, or little. Their places
   * stay reserved until they are settled.
   */
  surplus(): Claim[];
  /** Takes out everything that has not started; the places stay reserved until it is settled. */
  drain(): Claim[];
  /** The same for an endpoint that its owner changed. Its record is reset. */
  changed(endpointId: string, now: number): Claim[];
  /** Claims, places reserved for claims, and everything that is not settled yet. */
  readonly held: number;
  /** How many of these wait for their endpoint's rate limit. */
  readonly paused: number;
  readonly inFlight: number;
}

/**
 * `onRestrained` receives how many deliveries of an endpoint may be held from now on; null for as many as fit.
 */
export function createFairQueue(
  limits: Limits,
  onRestrained: (endpointId: string, most: number | null) => void = () => undefined,
): FairQueue {
  const queues = new Map<string, EndpointQueue>();
  const slots = new AttemptSlots(limits);
  /**
   * In number: claims that wait, are in flight, have ended but are not settled, or have a reserved place. In bytes: the
   * bodies of those that have not ended.
   */
  const capacity = new Capacity(capacityLimits(limits));
  /** Paused endpoints: their deliveries stay in the store. */
  const holds = new WakeTimes();
  /** Endpoints that wait for a token, with what they have in memory. */
  const pauses = new WakeTimes();
  let surplus: Claim[] = [];
  let paused = 0;
  let draining = false;
  /** The endpoints that are restrained less while everything due is sent. */
  const eased = new Set<EndpointQueue>();

  function queueOf({ id, accountId }: OwnedEndpoint): EndpointQueue {
    let queue = queues.get(id);
    if (queue === undefined) {
      if (queues.size >= limits.endpointsRemembered) forgetOne();
      queue = new EndpointQueue(id, slots.enter(accountId), new EndpointRecord(id, limits));
      queues.set(id, queue);
    }
    return queue;
  }

  /** Attempts a second: the lower of the endpoint's own limit and the server's. */
  function rateOf({ rateLimit }: Claim["endpoint"]): number | null {
    const { endpointRatePerSecond } = limits;
    return endpointRatePerSecond > 0 ? Math.min(rateLimit ?? endpointRatePerSecond, endpointRatePerSecond) : rateLimit;
  }

  /** Forgets an endpoint without held deliveries; the endpoints known longest are checked first. */
  function forgetOne(): void {
    let looks = LOOKED_AT;
    for (const queue of queues.values()) {
      if (!queue.held && !capacity.holds(queue.id)) {
        restrain(queue, null);
        slots.leave(queue.account);
        queues.delete(queue.id);
        return;
      }
      if (--looks === 0) return;
    }
  }

  function restrain(queue: EndpointQueue, most: number | null): void {
    if (queue.restraint === most) return;
    queue.restraint = most;
    capacity.restrain(queue.id, most);
    onRestrained(queue.id, most);
  }

  /**
   * What follows from the endpoint's record and its waiting claims: its lane, whether it is paused, how many claims are
   * worth holding, whether it is queued.
   */
  function update(queue: EndpointQueue, now: number): void {
    const { record, id } = queue;
    slots.moveTo(record.lane, queue);
    const { heldUntil } = record;
    queue.held = heldUntil > now && (queue.held || holds.size < limits.endpointsHeld);
    if (queue.held) holds.set(id, heldUntil);
    else holds.delete(id);
    const { worthHolding } = record;
    const ease = draining && record.failsAtOnce;
    if (ease) eased.add(queue);
    restrain(queue, queue.held ? 0 : ease ? record.worthHoldingByRate : worthHolding);
    // Twice as much. Otherwise, for each claim that is sent, another would be claimed and returned.
    if (queue.restraint !== null && queue.waiting > 2 * queue.restraint) letGo(queue.cut(queue.restraint), surplus);
    line(queue, now);
  }

  function line(queue: EndpointQueue, now: number): void {
    const { record, id } = queue;
    const some = queue.waiting > 0 && !queue.held;
    const tokenAt = some ? record.tokenAt : 0;
    const waits = tokenAt > now ? queue.waiting : 0;
    if (waits > 0) pauses.set(id, tokenAt);
    else if (queue.paused > 0) pauses.delete(id);
    paused += waits - queue.paused;
    queue.paused = waits;
    slots.stand(queue, some && waits === 0 && queue.inFlight < record.window);
  }

  /** Releases the bodies of claims that will not be sent. */
  function letGo(claims: readonly Claim[], into: Claim[]): void {
    for (const claim of claims) {
      capacity.free(claim.endpoint.id, 0, claim.body.length);
      into.push(claim);
    }
  }

  function end(queue: EndpointQueue, claim: Claim, result: AttemptResult | null, now: number): void {
    capacity.free(queue.id, 0, claim.body.length);
    if (result !== null) queue.record.ended(result, now);
    slots.end(queue);
    update(queue, now);
  }

  return {
    room: () => capacity.left,
    passOver: () => capacity.passOver(),
    freed: () => capacity.freed,
    reserve: (endpoint, bytes) => capacity.reserve(endpoint, bytes),
    reserveAnyway: (endpoint, bytes) => capacity.add(endpoint, bytes),
    drains(all) {
      draining = all;
      if (all) return;
      for (const queue of eased) if (queues.get(queue.id) === queue) restrain(queue, queue.held ? 0 : queue.record.worthHolding);
      eased.clear();
    },
    unreserve: (endpointId, count, bytes) => void capacity.free(endpointId, count, bytes),
    add(claim, reserved, now) {
      const { endpoint } = claim;
      const queue = queueOf(endpoint);
      const { record } = queue;
      record.rate = rateOf(endpoint);
      if (endpoint.firstFailureAt !== null) record.failedBefore();
      queue.add(claim);
      if (!reserved) capacity.add(endpoint, claim.body.length);
      update(queue, now);
    },
    take() {
      const queue = slots.next() as EndpointQueue | undefined;
      if (queue === undefined) return undefined;
      const claim = queue.shift();
      slots.stand(queue, queue.waiting > 0 && queue.inFlight < queue.record.window);
      return claim;
    },
    sent({ endpoint }, now) {
      const queue = queueOf(endpoint);
      if (queue.record.rate === null) return;
      queue.record.began(now);
      line(queue, now);
    },
    isDown: ({ endpoint }) => queueOf(endpoint).record.down,
    isFree(endpointId) {
      const queue = queues.get(endpointId);
      return queue === undefined || (queue.waiting === 0 && queue.inFlight === 0);
    },
    isSteady: (endpointId) => queues.get(endpointId)?.record.steady ?? false,
    overdue({ endpoint }, now) {
      const queue = queueOf(endpoint);
      queue.record.becameOverdue();
      update(queue, now);
    },
    ended: (claim, result, now) => end(queueOf(claim.endpoint), claim, result, now),
    overdueEnded(claim, result, now) {
      const queue = queueOf(claim.endpoint);
      queue.record.overdueEnded();
      end(queue, claim, result, now);
    },
    bodyCut({ endpoint }, now) {
      const queue = queueOf(endpoint);
      queue.record.bodyCut();
      update(queue, now);
    },
    settled: (endpointId) => void capacity.free(endpointId, 1, 0),
    heldBefore(endpoint, now) {
      queueOf(endpoint).record.heldBefore(endpoint.held, now);
      update(queueOf(endpoint), now);
    },
    holdOf(endpointId) {
      const queue = queues.get(endpointId);
      return queue?.held === true ? queue.record.hold : null;
    },
    nextRelease() {
      const hold = holds.next();
      const pause = pauses.next();
      return hold === null || pause === null ? (hold ?? pause) : Math.min(hold, pause);
    },
    release(now) {
      for (const times of [holds, pauses])
        for (let id = times.take(now); id !== null; id = times.take(now)) update(queues.get(id) as EndpointQueue, now);
    },
    surplus() {
      const given = surplus;
      if (given.length > 0) surplus = [];
      return given;
    },
    drain() {
      const unsent: Claim[] = [];
      for (const queue of queues.values()) {
        if (queue.waiting === 0) continue;
        letGo(queue.cut(0), unsent);
        line(queue, 0);
      }
      return unsent;
    },
    changed(endpointId, now) {
      const unsent: Claim[] = [];
      const queue = queues.get(endpointId);
      if (queue === undefined) return unsent;
      letGo(queue.cut(0), unsent);
      queue.record.pardon();
      update(queue, now);
      return unsent;
    },
    get held() {
      return capacity.held;
    },
    get paused() {
      return paused;
    },
    get inFlight() {
      return slots.inFlight;
    },
  };
}
