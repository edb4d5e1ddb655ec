import type { Clock } from "../clock/clock.ts";
import type { Claim, ClaimToken, Settlement } from "../store/contract/delivery-store.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

export interface UnderWayOptions {
  store: Pick<Store, "noteUnderWay">;
  clock: Clock;
  /** How long to wait before trying again to record attempts, milliseconds. */
  troublePauseMs: number;
  onTrouble(error: StoreUnavailable): void;
}

/**
 * The attempts of this engine that have begun and are not settled. Each is recorded in the store before it begins, so
 * that the next process knows what may have caused an unclean end.
 */
export class UnderWay {
  readonly #options: UnderWayOptions;
  readonly #tokens = new Set<ClaimToken>();
  #waiters: (() => void)[] = [];

  constructor(options: UnderWayOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#tokens.size;
  }

  /**
   * These attempts are about to begin. Returns null when that is already recorded; otherwise resolves when it is, with
   * whether it was. It waits for an unavailable store until `signal` aborts.
   */
  begin(claims: readonly Claim[], signal: AbortSignal): Promise<boolean> | null {
    const tokens = claims.map(({ token }) => token);
    for (const token of tokens) this.#tokens.add(token);
    try {
      const noted = this.#options.store.noteUnderWay(tokens, []);
      return noted === null
        ? null
        : noted.then(
            () => true,
            (error: unknown) => this.#again(tokens, signal, error),
          );
    } catch (error) {
      return this.#again(tokens, signal, error);
    }
  }

  /** These are settled, whether they had begun or not. */
  settled(settlements: readonly Settlement[]): void {
    this.#end(settlements.map(({ token }) => token).filter((token) => this.#tokens.delete(token)));
  }

  /** The engine stops on purpose: attempts that are still under way do not count as the cause of an unclean end. */
  abandon(): void {
    const tokens = [...this.#tokens];
    this.#tokens.clear();
    this.#end(tokens);
  }

  /** Resolves when nothing is under way, or when `signal` aborts. */
  none(signal: AbortSignal): Promise<void> {
    if (this.#tokens.size === 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  async #again(tokens: readonly ClaimToken[], signal: AbortSignal, failure: unknown): Promise<boolean> {
    for (let error = failure; ; ) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.#options.onTrouble(error);
      await this.#options.clock.pause(this.#options.troublePauseMs, signal);
      if (signal.aborted) return false;
      try {
        await this.#options.store.noteUnderWay(tokens, []);
        return true;
      } catch (failed) {
        error = failed;
      }
    }
  }

  #end(tokens: readonly ClaimToken[]): void {
    if (tokens.length > 0) void this.#forget(tokens);
    if (this.#tokens.size > 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }

  async #forget(tokens: readonly ClaimToken[]): Promise<void> {
    try {
      await this.#options.store.noteUnderWay([], tokens);
    } catch (error) {
      // This is recorded with the next attempts that begin; until then these tokens are outdated.
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }
}
