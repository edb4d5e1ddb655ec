import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import type { Claim, DeliveryStore, Settlement } from "../store/contract/delivery-store.ts";
import type { EndpointHold } from "../store/contract/rows.ts";
import { StoreUnavailable } from "../store/store.ts";
import { BatchSize } from "./batch-size.ts";
import { endpointChecks } from "./endpoint-checks.ts";
import { keptChars } from "./kept-chars.ts";
import type { UnderWay } from "./under-way.ts";
import { Waiters, WOKEN } from "./waiters.ts";

/** The parts of an engine that storing outcomes needs. */
export interface SettlementQueueOptions {
  store: Pick<DeliveryStore, "settle">;
  clock: Clock;
  limits: Limits;
  underWay: UnderWay;
  /** Whether attempts are under way whose outcomes may share a commit with the ones that wait. */
  attemptsUnderWay(): boolean;
  /** Whether attempts are made ahead of a turned clock. */
  ahead(): boolean;
  /** The same, when nobody waits until everything is stored. */
  moreAhead(): boolean;
  /** See `endpointChecks`. */
  holdOf(endpointId: string): EndpointHold | null;
  /** These are stored and no longer held. */
  stored(batch: readonly Settlement[]): void;
  /** A batch was stored, or failed. `makesRoom`: attempts that waited for the store may begin again. */
  after(makesRoom: boolean): void;
  /** Nothing is left to store. */
  empty(): void;
  /** Ends the wait for a store that is away. */
  stopping: AbortSignal;
  /** How long to wait before trying an unavailable store again, milliseconds. */
  troublePauseMs: number;
  onTrouble(error: StoreUnavailable): void;
  onBug(error: unknown): void;
  onSettled?(settlement: Settlement): void;
}

/** The most settlements in one commit; this many do not wait for more. The commit takes the store about 10 ms. */
const BATCH = 1_024;

/**
 * The same while attempts are made ahead of time: most then share the commit of the next claim. Retries do not follow
 * the order of the rows, so a commit writes mostly whole pages, which more outcomes can share.
 */
const BATCH_AHEAD = 8_192;

/**
 * Outcomes of attempts, and returned claims, until the store has them. They wait a little for others, are stored in
 * batches, and stay here while the store is unavailable.
 */
export class SettlementQueue {
  readonly #options: SettlementQueueOptions;
  readonly #batchSize = new BatchSize();
  /**
   * Endpoints that fail, or whose owner was notified of that, as they were last read or as the store last found them.
   */
  readonly #troubled = new Set<string>();
  #waiting: Settlement[] = [];
  /** How many characters of answers they keep, including those that are being stored. */
  #chars = 0;
  #unsettled = 0;
  #dueAt = Number.POSITIVE_INFINITY;
  #settling = false;
  #stopped = false;
  /** Ends the wait for more outcomes. */
  #gathered = new AbortController();
  readonly #askedWaiters = new Waiters();

  constructor(options: SettlementQueueOptions) {
    this.#options = options;
  }

  /** How many outcomes are not stored yet: they wait, or are being stored. */
  get unsettled(): number {
    return this.#unsettled;
  }

  /** Whether no outcome waits to be stored or is being stored. */
  get idle(): boolean {
    return this.#waiting.length === 0 && !this.#settling;
  }

  /** Whether batches are being stored. */
  get settling(): boolean {
    return this.#settling;
  }

  /** When the first delivery whose outcome is not stored is due again; null when all are stored. */
  get dueAt(): number | null {
    return this.#unsettled === 0 ? null : this.#dueAt;
  }

  /** Whether the most that may wait is waiting: the store is slower than the receivers. */
  get full(): boolean {
    return this.#chars >= this.#options.limits.outcomesWaitingChars;
  }

  /** Takes an outcome, and makes sure that it is stored. */
  add(settlement: Settlement): void {
    this.#waiting.push(settlement);
    this.#chars += keptChars(settlement);
    if (this.#unsettled++ === 0) this.#dueAt = Number.POSITIVE_INFINITY;
    if (settlement.next.state === "pending") this.#dueAt = Math.min(this.#dueAt, settlement.next.dueAt);
    if (this.#settling) this.hurry();
    else void this.#settleAll().catch(this.#options.onBug);
  }

  /** Outcomes that are not stored may change what is due from this time on: nothing is made ahead of it. */
  mayChangeFrom(at: number): void {
    this.#dueAt = at;
  }

  /** The endpoint of a claim, as it was read just now. It is newer than what an earlier batch left here. */
  remember({ endpoint: { id, firstFailureAt, toldOf } }: Claim): void {
    if (firstFailureAt !== null || toldOf !== null) this.#troubled.add(id);
    else if (this.#troubled.size > 0) this.#troubled.delete(id);
  }

  /** Ends the wait for more outcomes, unless the wait still pays off. */
  hurry(): void {
    if (!this.#gathers()) this.#gathered.abort(WOKEN);
  }

  /** Resolves when the store has been asked to store everything that waits, or the queue is stopped. */
  async asked(): Promise<void> {
    if (this.#waiting.length === 0 || this.#stopped) return;
    const asked = this.#askedWaiters.wait();
    this.hurry();
    await asked;
  }

  /** Writes what attempts changed. Returns those that were not refused. Throws `StoreUnavailable`. */
  async keep(batch: Settlement[]): Promise<Settlement[]> {
    const { store, limits, underWay, holdOf } = this.#options;
    const answer = store.settle(batch, endpointChecks(batch, this.#troubled, limits, holdOf));
    if (this.#waiting.length === 0) this.#askedWaiters.wake();
    const { refused, checked = [] } = await answer;
    for (const { endpointId, troubled } of checked) {
      if (troubled) this.#troubled.add(endpointId);
      else this.#troubled.delete(endpointId);
    }
    underWay.settled(batch);
    if (refused.length === 0) return batch;
    const stale = new Set(refused);
    return batch.filter(({ deliveryId }) => !stale.has(deliveryId));
  }

  /** From now on outcomes do not wait for others, or for an unavailable store. */
  stop(): void {
    this.#stopped = true;
    this.#gathered.abort(WOKEN);
  }

  /** Stores what waits and these unsent claims, if the store is available. Call it after `stop`. */
  async drain(unsent: readonly Settlement[]): Promise<void> {
    this.#waiting.push(...unsent);
    this.#unsettled += unsent.length;
    if (this.#waiting.length > 0 && !this.#settling) await this.#settleAll();
  }

  /** Whether outcomes wait for more: some will come, and the batch is not full. */
  #gathers(): boolean {
    const { attemptsUnderWay, moreAhead } = this.#options;
    const more = attemptsUnderWay() || (this.#askedWaiters.none && moreAhead());
    return more && this.#waiting.length < this.#mostAtOnce() && !this.#stopped;
  }

  #mostAtOnce(): number {
    return this.#options.ahead() ? BATCH_AHEAD : BATCH;
  }

  /**
   * Waits until a commit is worthwhile: the batch is full, nothing more will come, or `settleWithinMs` have passed. A
   * commit costs a sync of the disk, and no receiver waits for it.
   */
  async #gather(): Promise<void> {
    const { clock, limits, ahead } = this.#options;
    this.#gathered = new AbortController();
    // Attempts that end in the same turn of the event loop may start their successors in that turn.
    await Promise.resolve();
    if (this.#gathers()) await clock.pause(ahead() ? limits.settleAheadWithinMs : limits.settleWithinMs, this.#gathered.signal);
  }

  /** How many outcomes the next commit stores, and how many characters of answers they keep. */
  #nextBatch(): { count: number; chars: number } {
    const { settledAtOnceChars } = this.#options.limits;
    const most = this.#batchSize.next(this.#mostAtOnce());
    if (this.#waiting.length <= most && this.#chars <= settledAtOnceChars) return { count: this.#waiting.length, chars: this.#chars };
    let chars = 0;
    let count = 0;
    for (const settlement of this.#waiting) {
      const more = keptChars(settlement);
      if (count === most || (count > 0 && chars + more > settledAtOnceChars)) break;
      chars += more;
      count++;
    }
    return { count, chars };
  }

  /** Stores batch after batch as long as attempts end; the ones that end meanwhile make up the next batch. */
  async #settleAll(): Promise<void> {
    const { clock, troublePauseMs, stopping, after, empty } = this.#options;
    this.#settling = true;
    while (this.#waiting.length > 0) {
      await this.#gather();
      const { count, chars } = this.#nextBatch();
      const batch = this.#waiting.length <= count ? this.#waiting : this.#waiting.slice(0, count);
      this.#waiting = batch === this.#waiting ? [] : this.#waiting.slice(count);
      let makesRoom = false;
      if (await this.#store(batch)) {
        makesRoom = this.full;
        this.#chars -= chars;
      } else {
        this.#waiting = batch.concat(this.#waiting);
        if (this.#stopped) break;
        await clock.pause(troublePauseMs, stopping);
      }
      after(makesRoom);
    }
    this.#settling = false;
    empty();
  }

  /** Returns whether they are stored; false when the store is unavailable. */
  async #store(batch: Settlement[]): Promise<boolean> {
    const { stored, onSettled, onTrouble } = this.#options;
    try {
      const settled = await this.keep(batch);
      this.#unsettled -= batch.length;
      stored(batch);
      for (const settlement of settled) onSettled?.(settlement);
      this.#batchSize.stored();
      return true;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.#batchSize.failed(batch.length);
      onTrouble(error);
      return false;
    }
  }
}
