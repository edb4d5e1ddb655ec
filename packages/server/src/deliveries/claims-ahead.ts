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
  /**
   * Whether attempts of these claims, all due at one time, may begin while others are under way: those are at other
   * endpoints, began shortly before, and nothing that they may cause comes before that time.
   */
  mayJoin(claims: readonly Claim[]): boolean;
  /** Whether no attempt is under way or waits for another, whether or not the outcomes are stored. */
  allSent(): boolean;
  /** Resolves when an attempt ends, or the engine stops. */
  oneEnded(): Promise<void>;
  /** Resolves when no attempt is under way, and the store was asked to store the outcomes. */
  sentAndStoring(): Promise<void>;
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

/** How much more than usual is claimed in one go, at most. */
const GROWTH = 16;

/**
 * While a clock is turned, claims deliveries before they are due, so that one commit makes many claims, and begins
 * their attempts at their own times, in that order. Attempts at different endpoints overlap, as they do in real time;
 * an endpoint gets one after the other. Whatever could change what is due ends this: an endpoint that was changed, a
 * task that falls due, the end of a pause. The claims that are left are given back then, and are due at the same times
 * as before.
 */
export class ClaimsAhead {
  readonly #options: AheadOptions;
  /** In the order of their times. */
  #claims: Claim[] = [];
  /** Nothing that is due before is unclaimed. */
  #unclaimedFrom = 0;
  /** When the next delivery is due, as the last claim that found nothing saw it. */
  #claimFrom = 0;
  /** How many may wait here. */
  #most = 0;
  #running = false;
  #changed = false;
  #claiming = false;
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

  /** An endpoint was changed: its claims are outdated, and so may be those that are being made. */
  changed(endpointId: string): void {
    if (this.#claiming || this.#claims.some(({ endpoint }) => endpoint.id === endpointId)) this.#changed = true;
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
    this.#claiming = false;
    this.#claimFrom = 0;
    this.#most = this.#options.limits.claimsAtOnce;
    const ended = Promise.withResolvers<void>();
    this.#ended = ended.promise;
    try {
      while (!this.#stopped && (await this.#step(until, turnTo)));
      while (!this.#stopped && !this.#options.allSent()) await this.#options.oneEnded();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.#options.onTrouble(error);
    } finally {
      this.#running = false;
      await this.#giveBack();
      ended.resolve();
    }
  }

  /** Begins the attempts of the next time, or does what must come before them. Returns whether there may be more. */
  async #step(until: number, turnTo: (at: number) => boolean): Promise<boolean> {
    const { clock, nextRelease, unstoredDueAt, idle, allSent, mayJoin, oneEnded } = this.#options;
    const [first] = this.#claims;
    if (first === undefined || first.dueAt > this.#unclaimedFrom) return this.#claim(until);
    if (this.#changed) return false;
    const dueAt = Math.max(first.dueAt, clock.now());
    const again = unstoredDueAt();
    if (again !== null && again <= dueAt) {
      await idle();
      return true;
    }
    const release = nextRelease();
    if (release !== null && release <= dueAt) return false;
    const later = this.#claims.findIndex((claim) => claim.dueAt > dueAt);
    const count = later === -1 ? this.#claims.length : later;
    if (!allSent() && !mayJoin(this.#claims.slice(0, count))) {
      await oneEnded();
      return true;
    }
    if (dueAt > clock.now() && !turnTo(dueAt)) return false;
    this.#options.begin(this.#claims.splice(0, count));
    return true;
  }

  /** Claims more. Returns whether there may be more to do. */
  async #claim(until: number): Promise<boolean> {
    const { store, clock, limits, passOver, claimed, sentAndStoring, idle } = this.#options;
    // What is tried again before `until` is among what is claimed, and endpoints are as the outcomes left them: the
    // store does its work in turn, and what is asked for at once shares a commit.
    await sentAndStoring();
    const limit = this.#most - this.#claims.length;
    if (this.#changed || limit <= 0) return false;
    let busy = passOver();
    if (busy.size > 0) {
      // It may be outcomes that are still being stored that make them busy.
      await idle();
      busy = passOver();
    }
    const now = clock.now();
    // An endpoint that begins to fail meanwhile is claimed anew before its owner is told.
    const aheadMs = Math.min(limits.claimsAheadMs, limits.endpointWarningMs, limits.endpointFailingMs);
    // What waits here is leased until then, and would be claimed a second time after that.
    const leased = this.#claims.reduce((earliest, { leaseUntil }) => Math.min(earliest, leaseUntil), Number.POSITIVE_INFINITY);
    // What is published during the turn may be leased until its end: see `fresh-share.ts`.
    const through = Math.min(until - 1, Math.max(now, this.#claimFrom) + aheadMs, leased - 1);
    this.#unclaimedFrom = Number.POSITIVE_INFINITY;
    this.#claiming = true;
    const asked = store.claimDue({
      now,
      through,
      leaseMs: limits.leaseMs,
      limit,
      // They wait here, not in the queue, where an endpoint has its share.
      perEndpoint: limit,
      perFailingEndpoint: limit,
      rateSpanMs: rateSpanMs(limits.leaseMs),
      busy,
    });
    const [claims, next] = await Promise.all([asked, store.nextDueAt(busy)]);
    await idle();
    this.due(next ?? Number.POSITIVE_INFINITY);
    claimed(claims);
    // Stable: what falls due together stays in the order in which it was claimed.
    this.#claims = this.#claims.concat(claims).sort((one, other) => one.dueAt - other.dueAt);
    this.#claiming = false;
    this.#grow();
    if (claims.length > 0) return true;
    // Nothing falls due soon: what is next may be a long time ahead.
    const later = next !== null && next < until && next > Math.max(through, this.#claimFrom);
    if (later) this.#claimFrom = next;
    return later;
  }

  /**
   * The longer only retries fall due, the more is claimed in one go, so that what is given back at the end stays in
   * proportion to what was claimed.
   */
  #grow(): void {
    const { claimsAtOnce, claimsHeldBytes } = this.#options.limits;
    const bytes = this.#claims.reduce((sum, { body }) => sum + body.length, 0);
    const least = 2 * claimsAtOnce;
    this.#most = 2 * bytes > claimsHeldBytes ? least : Math.max(least, Math.min(2 * this.#most, GROWTH * claimsAtOnce));
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
