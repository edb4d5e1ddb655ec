import type { Limits } from "../limits.ts";

/**
 * Counts the answers whose outcome is known and whose body is still arriving: in all, and for each endpoint. No time,
 * no I/O.
 */
export class BodyWaits {
  readonly #limits: Pick<Limits, "responseBodies" | "responseBodiesPerEndpoint">;
  readonly #ofEndpoints = new Map<string, number>();
  #size = 0;

  constructor(limits: Pick<Limits, "responseBodies" | "responseBodiesPerEndpoint">) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds one more, if there is room for it. */
  begin(endpointId: string): boolean {
    const count = this.#ofEndpoints.get(endpointId) ?? 0;
    if (this.#size >= this.#limits.responseBodies || count >= this.#limits.responseBodiesPerEndpoint) return false;
    this.#ofEndpoints.set(endpointId, count + 1);
    this.#size++;
    return true;
  }

  end(endpointId: string): void {
    const count = this.#ofEndpoints.get(endpointId);
    if (count === undefined) throw new Error(`No body of ${endpointId} is awaited.`);
    if (count === 1) this.#ofEndpoints.delete(endpointId);
    else this.#ofEndpoints.set(endpointId, count - 1);
    this.#size--;
  }
}
