import type { Clock } from "../../clock/clock.ts";
import { BatchSize } from "../../deliveries/batch-size.ts";
import type { Limits } from "../../limits.ts";
import type { Settlement } from "../../store/contract/delivery-store.ts";
import { type Store, StoreUnavailable } from "../../store/store.ts";

/** The most settlements in one commit. */
const BATCH = 512;

export interface SettlementsOptions {
  store: Pick<Store, "settle">;
  clock: Clock;
  limits: Pick<Limits, "settleWithinMs" | "listenTroublePauseMs">;
  /** Called when the store is unavailable. */
  onTrouble(error: StoreUnavailable): void;
}

/**
 * Settles what was sent to listeners, many in one commit. Their endpoints have no health: their users see the results
 * directly.
 */
export class Settlements {
  readonly #store: Pick<Store, "settle">;
  readonly #clock: Clock;
  readonly #onTrouble: (error: StoreUnavailable) => void;
  readonly #limits: Pick<Limits, "settleWithinMs" | "listenTroublePauseMs">;
  readonly #closing = new AbortController();
  readonly #batchSize = new BatchSize();
  #waiting: Settlement[] = [];
  #settling: Promise<void> | null = null;

  constructor({ store, clock, limits, onTrouble }: SettlementsOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
    this.#onTrouble = onTrouble;
  }

  /** Resolves when it is stored. A settlement whose lease was lost changes nothing. */
  add(settlement: Settlement): Promise<void> {
    this.#waiting.push(settlement);
    this.#settling ??= this.#settleAll();
    return this.#settling;
  }

  /**
   * Settles the remaining outcomes, without waiting for an unavailable store: what is not stored is due again when its
   * lease has run out.
   */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#settling;
  }

  async #settleAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#clock.pause(this.#limits.settleWithinMs, this.#closing.signal);
      const batch = this.#waiting.splice(0, this.#batchSize.next(BATCH));
      try {
        await this.#store.settle(batch, []);
        this.#batchSize.stored();
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        this.#batchSize.failed(batch.length);
        this.#onTrouble(error);
        if (this.#closing.signal.aborted) break;
        this.#waiting = batch.concat(this.#waiting);
        await this.#clock.pause(this.#limits.listenTroublePauseMs, this.#closing.signal);
      }
    }
    this.#settling = null;
  }
}
