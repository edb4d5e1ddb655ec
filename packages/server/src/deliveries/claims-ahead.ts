import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import type { Claim, DeliveryStore } from "../store/contract/delivery-store.ts";
import { StoreUnavailable } from "../store/store.ts";
import { putOff } from "./decide-settlement.ts";
import { rateSpanMs } from "./endpoint-record.ts";

/** The parts of an engine that making claims ahead needs. */
export interface AheadOptions {
  store: Pick<DeliveryStore, "claimDue" | "nextDueAt" | "settle">;
  clock: Clock;
  limits: Limits;
  /** Endpoints that get nothing for now. */
  passOver(): ReadonlySet<string>;
  /** What was just claimed: its endpoints were just read. */
  claimed(claims: readonly Claim[]): void;
  /** Starts the attempts of claims whose time it is. */
  begin(claims: readonly Claim[]): void;
  /** Resolves when no attempt is under way or waits for another, whether or not the outcomes are stored. */
  sent(): Promise<void>;
  /** Resolves when the outcomes are stored as well. */
  idle(): Promise<void>;
  /** When the first delivery is due again whose outcome is not stored; null when there is none. */
  unstoredDueAt(): number | null;
  /** When the first endpoint that is paused gets something again; null when there is none. */
  nextRelease(): number | null;
  /** How long to wait before an unreachable store is tried again, milliseconds. */
  troublePauseMs: number;
  onTrouble(error: StoreUnavailable): void;
}

/**
 * While a clock is turned: claims that are made before they are due, so that one commit makes many, and attempts at
 * their own times, in the order of those. What may change it ends it: an endpoint that was changed, a task that falls
 * due, the end of a pause. The claims that are left are given back then, and are due when they were.
 */
export class ClaimsAhead {
  readonly #options: AheadOptions;
  /** In the order of their times. */
  #claims: Claim[] = [];
  /** Nothing that is due before is unclaimed. */
  #unclaimedFrom = 0;
  /** Something that is due from then on is unclaimed: no endpoint was passed over when the store was asked. */
  #exact = false;
  #running = false;
  #changed = false;
  #stopped = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: AheadOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Something unclaimed falls due then. */
  due(at: number): void {
    this.#unclaimedFrom = Math.min(this.#unclaimedFrom, at);
  }

  /** An endpoint was changed: what was claimed of it is outdated. */
  changed(endpointId: string): void {
    if (this.#claims.some(({ endpoint }) => endpoint.id === endpointId)) this.#changed = true;
  }

  /** Resolves when it has ended and given back its claims. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
  }

  /** See `Engine.runThrough`. */
  async runThrough(until: number, turnTo: (at: number) => boolean): Promise<void> {
    this.#running = true;
    this.#changed = false;
    this.#exact = false;
    const ended = Promise.withResolvers<void>();
    this.#ended = ended.promise;
    try {
      while (!this.#stopped && (await this.#step(until, turnTo)));
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.#options.onTrouble(error);
    } finally {
      this.#running = false;
      await this.#giveBack();
      ended.resolve();
    }
  }

  /** Makes the attempts of the next time, or what must come before them. Returns whether there may be more. */
  async #step(until: number, turnTo: (at: number) => boolean): Promise<boolean> {
    const { clock, nextRelease, unstoredDueAt, idle } = this.#options;
    const [first] = this.#claims;
    if (first === undefined || first.dueAt > this.#unclaimedFrom) return this.#claim(until);
    const { dueAt } = first;
    if (this.#changed) return false;
    const again = unstoredDueAt();
    if (again !== null && again <= dueAt) {
      await idle();
      return true;
    }
    const release = nextRelease();
    if (release !== null && release <= dueAt) return false;
    if (dueAt > clock.now() && !turnTo(dueAt)) return false;
    const others = this.#claims.findIndex((claim) => claim.dueAt > clock.now());
    this.#options.begin(this.#claims.splice(0, others === -1 ? this.#claims.length : others));
    await this.#options.sent();
    return true;
  }

  /** Claims more. Returns whether there was any. */
  async #claim(until: number): Promise<boolean> {
    const { store, clock, limits, passOver, claimed, idle } = this.#options;
    // What is tried again before `until` is among what is claimed, and endpoints are as the outcomes left them.
    await idle();
    const limit = 2 * limits.claimsAtOnce - this.#claims.length;
    const now = clock.now();
    const busy = passOver();
    const from = this.#exact && busy.size === 0 ? this.#unclaimedFrom : ((await store.nextDueAt(busy)) ?? Number.POSITIVE_INFINITY);
    if (this.#changed || limit <= 0 || from > until) return false;
    // An endpoint that begins to fail meanwhile is claimed anew before its owner is told.
    const aheadMs = Math.min(limits.claimsAheadMs, limits.endpointWarningMs, limits.endpointFailingMs);
    // What waits here is leased until then, and would be claimed a second time after that.
    const leased = this.#claims.reduce((earliest, { leaseUntil }) => Math.min(earliest, leaseUntil), Number.POSITIVE_INFINITY);
    // What is published during the turn may be leased until its end: see `fresh-share.ts`.
    const through = Math.min(until - 1, Math.max(now, from) + aheadMs, leased - 1);
    this.#unclaimedFrom = Number.POSITIVE_INFINITY;
    const claims = await store.claimDue({
      now,
      through,
      leaseMs: limits.leaseMs,
      limit: Math.min(limit, limits.claimsAtOnce),
      // They wait here, not in the queue, where an endpoint has its share.
      perEndpoint: limits.claimsAtOnce,
      perFailingEndpoint: limits.claimsAtOnce,
      rateSpanMs: rateSpanMs(limits.leaseMs),
      busy,
    });
    this.due((await store.nextDueAt(busy)) ?? Number.POSITIVE_INFINITY);
    this.#exact = busy.size === 0;
    claimed(claims);
    // Stable: what falls due together stays in the order in which it was claimed.
    this.#claims = this.#claims.concat(claims).sort((one, other) => one.dueAt - other.dueAt);
    return claims.length > 0;
  }

  /** Gives back what was not sent. Waits for a store that is away, unless the engine stops. */
  async #giveBack(): Promise<void> {
    const { store, clock, troublePauseMs, onTrouble } = this.#options;
    const left = this.#claims;
    this.#claims = [];
    while (left.length > 0) {
      try {
        await store.settle(left.map(putOff), []);
        return;
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        onTrouble(error);
        // Their leases run out.
        if (this.#stopped) return;
        await clock.pause(troublePauseMs, new AbortController().signal);
      }
    }
  }
}
