import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import type { Claim, DeliveryStore } from "../store/contract/delivery-store.ts";
import { StoreUnavailable } from "../store/store.ts";
import type { CarefulRound } from "./careful-round.ts";
import { rateSpanMs } from "./endpoint-record.ts";
import type { FairQueue } from "./fair-queue.ts";
import { WOKEN } from "./waiters.ts";

/** The parts of an engine that the claim loop needs. */
export interface ClaimLoopOptions {
  store: Pick<DeliveryStore, "claimDue" | "nextDueAt">;
  clock: Clock;
  limits: Limits;
  queue: Pick<FairQueue, "room" | "passOver" | "freed">;
  careful: Pick<CarefulRound, "running" | "done">;
  /** See `EngineOptions`. */
  leasesHold(leasedAt: number): boolean;
  /**
   * Called with new claims. `changed`: endpoints that changed in the meantime, which the claim may have read before the
   * change.
   */
  claimed(claims: readonly Claim[], changed: ReadonlySet<string>): void;
  /** How long to wait before trying an unavailable store again, milliseconds. */
  troublePauseMs: number;
  onTrouble(error: StoreUnavailable): void;
  onBug(error: unknown): void;
}

/** Claims what is due as long as there is room for it, and sleeps until more is due. */
export class ClaimLoop {
  readonly #options: ClaimLoopOptions;
  /** How many are claimed for one endpoint at once: no more than the general rate limit allows it to receive. */
  readonly #perEndpoint: number;
  /** The room at which more is claimed: enough for a full claim, so that claiming and sending alternate. */
  readonly #refillFrom: number;
  #running = false;
  #ended: Promise<void> = Promise.resolve();
  /** Ends the sleep. */
  #alarm = new AbortController();
  /** When the loop would wake without a signal. */
  #wakeAt = Number.POSITIVE_INFINITY;
  #passedOver: ReadonlySet<string> = new Set();
  #moreDue = false;
  /** Endpoints that change while a claim is being made; null when no claim is being made. */
  #changed: Set<string> | null = null;

  constructor(options: ClaimLoopOptions) {
    const { limits } = options;
    this.#options = options;
    const rate = limits.endpointRatePerSecond;
    this.#perEndpoint = Math.max(
      1,
      Math.min(
        limits.claimsAtOncePerEndpoint,
        Math.floor(limits.claimsHeldPerEndpoint / 2),
        rate > 0 ? Math.ceil((rate * rateSpanMs(limits.leaseMs)) / 1_000) : Number.POSITIVE_INFINITY,
      ),
    );
    this.#refillFrom = Math.min(limits.claimsAtOnce, Math.ceil(limits.claimsHeld / 2));
  }

  get running(): boolean {
    return this.#running;
  }

  /** Endpoints that the last claim skipped. */
  get passedOver(): ReadonlySet<string> {
    return this.#passedOver;
  }

  /** How much room there is beyond that of a full claim; 0 when the last claim left deliveries that are due. */
  get spareRoom(): number {
    return this.#moreDue ? 0 : Math.max(0, this.#options.queue.room() - this.#refillFrom);
  }

  start(): void {
    this.#running = true;
    this.#ended = this.#run().catch(this.#options.onBug);
  }

  /** Stops claiming. Resolves when the loop has ended. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#alarm.abort(WOKEN);
    await this.#ended;
  }

  /** Something falls due at this time. */
  wake(at: number): void {
    if (at <= this.#wakeAt) this.#alarm.abort(WOKEN);
  }

  /** Claims again once there is room, if the last claim left something that may be claimed now. */
  wakeIfFreed(): void {
    const { queue, clock } = this.#options;
    if ((this.#moreDue || queue.freed()) && queue.room() >= this.#refillFrom) this.wake(clock.now());
  }

  /** An endpoint changed. */
  changed(endpointId: string): void {
    this.#changed?.add(endpointId);
  }

  /** Endpoints that receive nothing at present. */
  passOver(): ReadonlySet<string> {
    this.#passedOver = this.#options.queue.passOver();
    return this.#passedOver;
  }

  /**
   * When the next delivery is due to an endpoint that the last claim did not skip; null when there is no such delivery.
   */
  nextDueAt(): Promise<number | null> {
    return this.#options.store.nextDueAt(this.#passedOver);
  }

  /**
   * Claims and sends until nothing is due. For a failing endpoint it claims twice as much each time, until that turns
   * out to be more than is worth holding: real time must not decide how long a turn of the clock takes. `idle` resolves
   * when all claims are sent; `returned` is the number of claims so far that were more than is worth holding.
   */
  async sendDue(idle: () => Promise<void>, returned: () => number): Promise<void> {
    const { claimsAtOncePerFailingEndpoint: least } = this.#options.limits;
    let share = least;
    let before = returned();
    while (await this.#claim(share, this.#options.clock.now())) {
      await idle();
      share = returned() > before ? least : Math.min(2 * share, Math.max(least, this.#perEndpoint));
      before = returned();
    }
  }

  /**
   * Claims as much as there is room for, and at most `perFailingEndpoint` for each failing endpoint. Returns whether it
   * claimed anything.
   */
  async #claim(perFailingEndpoint: number, now: number): Promise<boolean> {
    const { store, limits, queue, leasesHold, claimed } = this.#options;
    if (!leasesHold(now)) return false;
    const limit = Math.min(queue.room(), limits.claimsAtOnce);
    if (limit <= 0) {
      this.#moreDue = true;
      return false;
    }
    const changed = new Set<string>();
    const busy = this.passOver();
    this.#changed = changed;
    let claims: Claim[];
    try {
      claims = await store.claimDue({
        now,
        leaseMs: limits.leaseMs,
        limit,
        perEndpoint: this.#perEndpoint,
        perFailingEndpoint,
        rateSpanMs: rateSpanMs(limits.leaseMs),
        busy,
      });
    } finally {
      this.#changed = null;
    }
    claimed(claims, changed);
    // A claim takes only a share of each endpoint's deliveries: as long as a claim finds something, there may be more.
    this.#moreDue = claims.length === limit || (claims.length > 0 && queue.room() <= 0);
    return claims.length > 0;
  }

  async #run(): Promise<void> {
    const { clock, careful, leasesHold, troublePauseMs } = this.#options;
    while (this.#running) {
      this.#alarm = new AbortController();
      this.#wakeAt = Number.POSITIVE_INFINITY;
      const { signal } = this.#alarm;
      if (careful.running) {
        await careful.done();
        continue;
      }
      if (!leasesHold(clock.now())) {
        await clock.pause(troublePauseMs, signal);
        continue;
      }
      const pause = await this.#claimDue();
      if (pause === 0) continue;
      if (!this.#running) break;
      this.#wakeAt = clock.now() + pause;
      await clock.sleep(pause, signal);
    }
  }

  /** Claims what is due. Returns for how many milliseconds nothing more will be due; 0 when there may be more. */
  async #claimDue(): Promise<number> {
    const { clock, limits, queue, troublePauseMs, onTrouble } = this.#options;
    try {
      const asked = clock.now();
      const more = await this.#claim(limits.claimsAtOncePerFailingEndpoint, asked);
      if (more && queue.room() > 0) return 0;
      const next = await this.nextDueAt();
      const now = clock.now();
      // It fell due after the claim: the clock of the server that published it may be a few milliseconds ahead.
      if (next !== null && next > asked && next <= now && queue.room() > 0) return 0;
      // Due deliveries that were not claimed wait for room: the settlement that makes room wakes the engine.
      return next === null || next <= now ? limits.engineIdleMs : Math.min(next - now, limits.engineIdleMs);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      onTrouble(error);
      return troublePauseMs;
    }
  }
}
