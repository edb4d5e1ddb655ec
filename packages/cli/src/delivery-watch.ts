import type { Delivery } from "./delivery.ts";

/** Deliveries of which somebody wants to hear each attempt, as far as they are not settled: at most so many. */
export class DeliveryWatch {
  readonly #most: number;
  readonly #open = new Map<string, Delivery>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a delivery as it is now. Returns whether there is news: an attempt more, another state, or no room to wait for it. */
  take(delivery: Delivery): boolean {
    const { id, state, attempt_count: attempts } = delivery;
    const before = this.#open.get(id);
    if (state !== "pending") {
      this.#open.delete(id);
      return true;
    }
    const room = before !== undefined || this.#open.size < this.#most;
    if (room) this.#open.set(id, delivery);
    return !room || attempts > (before?.attempt_count ?? 0);
  }

  /** Those that may have been tried by a time, Unix seconds. */
  due(now: number): string[] {
    return [...this.#open.values()].filter((delivery) => (delivery.next_attempt_at ?? 0) <= now).map(({ id }) => id);
  }

  /** It is no longer there. */
  forget(id: string): void {
    this.#open.delete(id);
  }

  get size(): number {
    return this.#open.size;
  }
}
