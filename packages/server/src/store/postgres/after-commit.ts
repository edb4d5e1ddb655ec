import type { Claim, HotLane, OwnedEndpoint } from "../contract/delivery-store.ts";
import type { NodeMessage } from "./node-message.ts";

/** What one transaction reports once it is durable: to the hot lane, and to the task runner. */
export class AfterCommit {
  readonly #lane: HotLane | null;
  #claims: Claim[] = [];
  #earliest = Number.POSITIVE_INFINITY;
  #earliestTask = Number.POSITIVE_INFINITY;
  readonly #changedEndpoints = new Set<string>();
  readonly #owedListeners = new Set<string>();
  #reserved = new Map<string, { count: number; bytes: number }>();

  constructor(lane: HotLane | null) {
    this.#lane = lane;
  }

  /** Reserves room in the hot lane. Released if the transaction fails. */
  reserve(endpoint: OwnedEndpoint, now: number, bytes: number): { leaseUntil: number } | null {
    const lease = this.#lane?.reserve(endpoint, now, bytes) ?? null;
    if (lease !== null) {
      const before = this.#reserved.get(endpoint.id) ?? { count: 0, bytes: 0 };
      this.#reserved.set(endpoint.id, { count: before.count + 1, bytes: before.bytes + bytes });
    }
    return lease;
  }

  handOver(claim: Claim): void {
    this.#claims.push(claim);
  }

  /** The same, and nothing that an earlier run of the same commit handed over. */
  handOverOnly(claims: Claim[]): void {
    this.#claims = claims;
  }

  due(at: number): void {
    this.#earliest = Math.min(this.#earliest, at);
  }

  endpointChanged(endpointId: string): void {
    this.#changedEndpoints.add(endpointId);
  }

  owedToListener(endpointId: string): void {
    this.#owedListeners.add(endpointId);
  }

  taskDue(at: number): void {
    this.#earliestTask = Math.min(this.#earliestTask, at);
  }

  /** The transaction failed: releases the reserved room. */
  release(): void {
    for (const [endpointId, { count, bytes }] of this.#reserved) this.#lane?.release(endpointId, count, bytes);
    this.#reserved = new Map();
  }

  /** The message to the other nodes: what this one leaves to them, and what they may hold in an old state. */
  news(tasksRunHere: boolean): NodeMessage {
    return {
      due: this.#earliest < Number.POSITIVE_INFINITY ? this.#earliest : null,
      task: !tasksRunHere && this.#earliestTask < Number.POSITIVE_INFINITY ? this.#earliestTask : null,
      endpoints: [...this.#changedEndpoints],
      listeners: [...this.#owedListeners],
    };
  }

  /** The transaction is durable. `lane`, `onTask` and `onOwed` are those attached now. */
  tell(lane: HotLane | null, onTask: ((dueAt: number) => void) | null, onOwed: ((endpointIds: readonly string[]) => void) | null): void {
    if (this.#claims.length > 0) this.#lane?.accept(this.#claims);
    for (const endpointId of this.#changedEndpoints) lane?.changed(endpointId);
    if (this.#earliest < Number.POSITIVE_INFINITY) lane?.due(this.#earliest);
    if (this.#earliestTask < Number.POSITIVE_INFINITY) onTask?.(this.#earliestTask);
    if (this.#owedListeners.size > 0) onOwed?.([...this.#owedListeners]);
  }
}
