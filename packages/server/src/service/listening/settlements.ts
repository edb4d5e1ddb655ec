import type { Clock } from "../../clock/clock.ts";
import type { Limits } from "../../limits.ts";
import type { Settlement } from "../../store/contract/delivery-store.ts";
import { type Store, StoreUnavailable } from "../../store/store.ts";

/** Settlements in one commit, at most. */
const BATCH = 512;

export interface SettlementsOptions {
  store: Pick<Store, "settle">;
  clock: Clock;
  limits: Pick<Limits, "settleWithinMs" | "listenTroublePauseMs">;
  /** Told of a store that is away. */
  onTrouble(error: StoreUnavailable): void;
}

/** Settles what listeners were sent, many in one commit. Their endpoints have no health: whoever listens sees by themselves. */
export class Settlements {
  readonly #store: Pick<Store, "settle">;
  readonly #clock: Clock;
  readonly #onTrouble: (error: StoreUnavailable) => void;
  readonly #limits: Pick<Limits, "settleWithinMs" | "listenTroublePauseMs">;
  readonly #closing = new AbortController();
  #waiting: Settlement[] = [];
  #settling: Promise<void> | null = null;

  constructor({ store, clock, limits, onTrouble }: SettlementsOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
    this.#onTrouble = onTrouble;
  }

  /** Resolves when it is stored. What a lease was lost for changes nothing. */
  add(settlement: Settlement): Promise<void> {
    this.#waiting.push(settlement);
    this.#settling ??= this.#settleAll();
    return this.#settling;
  }

  /** Settles what there is, without waiting for a store that is away: that is due again when its lease has run out. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#settling;
  }

  async #settleAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#clock.pause(this.#limits.settleWithinMs, this.#closing.signal);
      const batch = this.#waiting.splice(0, BATCH);
      try {
        await this.#store.settle(batch, []);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        this.#onTrouble(error);
        if (this.#closing.signal.aborted) break;
        this.#waiting = batch.concat(this.#waiting);
        await this.#clock.pause(this.#limits.listenTroublePauseMs, this.#closing.signal);
      }
    }
    this.#settling = null;
  }
}
