/** Why a wait ended early. Nothing reads it, but without a reason each abort creates an error with a stack. */
export const WOKEN = "woken";

/** Callers that wait for the same thing to happen. */
export class Waiters {
  #waiting: (() => void)[] = [];

  /** Whether nobody waits. */
  get none(): boolean {
    return this.#waiting.length === 0;
  }

  /** Resolves at the next `wake`. */
  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  wake(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
