import type { Clock } from "../clock/clock.ts";
import type { Claim, ClaimToken, Settlement } from "../store/contract/delivery-store.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

export interface UnderWayOptions {
  store: Pick<Store, "noteUnderWay">;
  clock: Clock;
  /** How long to wait before a note is tried again that could not be made, milliseconds. */
  troublePauseMs: number;
  onTrouble(error: StoreUnavailable): void;
}

/**
 * The attempts of this engine that have begun and are not settled. Each is noted in the store before it begins, so that
 * the next process knows what may have caused an unclean end.
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
   * These attempts begin. Returns null when that is noted, or resolves when it is; a store that is away is waited for,
   * until `signal` aborts. Resolves with whether it was noted.
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

  /** The engine stops on purpose: what is still under way does not end the process. */
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
      // It is noted with the next beginnings; until then these tokens are outdated.
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }
}
