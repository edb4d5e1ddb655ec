import type { Delivery } from "./delivery.ts";

/** Deliveries whose attempts are followed until they are settled, up to a maximum. */
export class DeliveryWatch {
  readonly #most: number;
  readonly #open = new Map<string, Delivery>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Adds or updates a delivery. Returns whether to print it: a new attempt, another state, or no room to follow it. */
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

  /** The deliveries that may have been tried by a time in Unix seconds. */
  due(now: number): string[] {
    return [...this.#open.values()].filter((delivery) => (delivery.next_attempt_at ?? 0) <= now).map(({ id }) => id);
  }

  /** The delivery no longer exists. */
  forget(id: string): void {
    this.#open.delete(id);
  }

  get size(): number {
    return this.#open.size;
  }
}
