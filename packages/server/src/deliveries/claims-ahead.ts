import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import type { Claim, DeliveryStore } from "../store/contract/delivery-store.ts";
import { StoreUnavailable } from "../store/store.ts";
import { putOff } from "./decide-settlement.ts";
import { rateSpanMs } from "./endpoint-record.ts";

/** The parts of an engine that claiming ahead needs. */
export interface AheadOptions {
  store: Pick<DeliveryStore, "claimDue" | "nextDueAt" | "settle">;
  clock: Clock;
  limits: Limits;
  /** Endpoints that receive nothing at present. */
  passOver(): ReadonlySet<string>;
  /** Called with new claims: their endpoints were just read. */
  claimed(claims: readonly Claim[]): void;
  /** Starts the attempts of claims whose time has come. */
  begin(claims: readonly Claim[]): void;
  /**
   * Whether attempts of these claims, which are all due at one time, may begin while others are under way. They may if
   * the others go to different endpoints, began shortly before, and cannot cause anything that is due before that time.
   */
  mayJoin(claims: readonly Claim[]): boolean;
  /** Whether no attempt is under way or waits for another. The outcomes need not be stored. */
  allSent(): boolean;
  /** Resolves when an attempt ends, or the engine stops. */
  oneEnded(): Promise<void>;
  /** Resolves when no attempt is under way and the store has been asked to store the outcomes. */
  sentAndStoring(): Promise<void>;
  /** Resolves when the outcomes are stored as well. */
  idle(): Promise<void>;
  /** When the first delivery whose outcome is not stored is due again; null when there is no such delivery. */
  unstoredDueAt(): number | null;
  /** When the first paused endpoint resumes; null when no endpoint is paused. */
  nextRelease(): number | null;
  /** How long to wait before trying an unavailable store again, milliseconds. */
  troublePauseMs: number;
  onTrouble(error: StoreUnavailable): void;
}

/** The most by which a claim grows beyond the usual size. */
const GROWTH = 16;

/**
 * While a clock is turned, claims deliveries before they are due, so that one commit makes many claims, and begins
 * their attempts at their own times, in that order. Attempts at different endpoints overlap, as they do in real time;
 * attempts at one endpoint follow each other. Anything that could change what is due ends this: a changed endpoint, a
 * task that falls due, the end of a pause. The remaining claims are then returned, and are due at the same times as
 * before.
 */
export class ClaimsAhead {
  readonly #options: AheadOptions;
  /** In the order of their times. */
  #claims: Claim[] = [];
  /** Everything that is due before this time is claimed. */
  #unclaimedFrom = 0;
  /** When the next delivery is due, according to the last claim that found nothing. */
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

  /** Something unclaimed falls due at this time. */
  due(at: number): void {
    this.#unclaimedFrom = Math.min(this.#unclaimedFrom, at);
  }

  /** An endpoint changed: its claims are outdated, and so may be the claims that are being made. */
  changed(endpointId: string): void {
    if (this.#claiming || this.#claims.some(({ endpoint }) => endpoint.id === endpointId)) this.#changed = true;
  }

  /** Resolves when this has ended and its claims are returned. */
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

  /**
   * Begins the attempts of the next time, or does what must happen before them. Returns whether there may be more to
   * do.
   */
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
    // This claim includes what is tried again before `until`, and sees endpoints as the outcomes left them: the store
    // does its work in order, and requests that arrive together share a commit.
    await sentAndStoring();
    const limit = this.#most - this.#claims.length;
    if (this.#changed || limit <= 0) return false;
    let busy = passOver();
    if (busy.size > 0) {
      // The endpoints may be busy because of outcomes that are still being stored.
      await idle();
      busy = passOver();
    }
    const now = clock.now();
    // An endpoint that begins to fail meanwhile is claimed again before its owner is notified.
    const aheadMs = Math.min(limits.claimsAheadMs, limits.endpointWarningMs, limits.endpointFailingMs);
    // Claims that wait here are leased until then. After that, a claim would take them a second time.
    const leased = this.#claims.reduce((earliest, { leaseUntil }) => Math.min(earliest, leaseUntil), Number.POSITIVE_INFINITY);
    // Deliveries that are published during the turn may be leased until its end: see `fresh-share.ts`.
    const through = Math.min(until - 1, Math.max(now, this.#claimFrom) + aheadMs, leased - 1);
    this.#unclaimedFrom = Number.POSITIVE_INFINITY;
    this.#claiming = true;
    const asked = store.claimDue({
      now,
      through,
      leaseMs: limits.leaseMs,
      limit,
      // They wait here and not in the queue, where an endpoint has a limited share.
      perEndpoint: limit,
      perFailingEndpoint: limit,
      rateSpanMs: rateSpanMs(limits.leaseMs),
      busy,
    });
    const [claims, next] = await Promise.all([asked, store.nextDueAt(busy)]);
    await idle();
    this.due(next ?? Number.POSITIVE_INFINITY);
    claimed(claims);
    // A stable sort: deliveries that are due at the same time stay in the order in which they were claimed.
    this.#claims = this.#claims.concat(claims).sort((one, other) => one.dueAt - other.dueAt);
    this.#claiming = false;
    this.#grow();
    if (claims.length > 0) return true;
    // Nothing is due soon: the next delivery may be far in the future.
    const later = next !== null && next < until && next > Math.max(through, this.#claimFrom);
    if (later) this.#claimFrom = next;
    return later;
  }

  /**
   * As long as only retries fall due, more and more is claimed at once. So what is returned at the end stays in
   * proportion to what was claimed.
   */
  #grow(): void {
    const { claimsAtOnce, claimsHeldBytes } = this.#options.limits;
    const bytes = this.#claims.reduce((sum, { body }) => sum + body.length, 0);
    const least = 2 * claimsAtOnce;
    this.#most = 2 * bytes > claimsHeldBytes ? least : Math.max(least, Math.min(2 * this.#most, GROWTH * claimsAtOnce));
  }

  /** Returns the claims that were not sent. Waits for an unavailable store, unless the engine stops. */
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
