import type { Claim, HotLane } from "../../contract/delivery-store.ts";
import type { EndpointRow } from "../../contract/rows.ts";
import type { FirstLease, HandOffs } from "./hand-offs.ts";
import type { HandedOver, NodeMessage } from "./node-message.ts";

/** What one transaction reports once it is durable: to the hot lane, and to the task runner. */
export class AfterCommit {
  readonly #lane: HotLane | null;
  #claims: Claim[] = [];
  #earliest = Number.POSITIVE_INFINITY;
  #earliestTask = Number.POSITIVE_INFINITY;
  /** Endpoints that it changed. */
  readonly changedEndpoints = new Set<string>();
  readonly #owedListeners = new Set<string>();
  /** Hand-offs by node and mark. */
  readonly #handed = new Map<string, HandedOver>();
  readonly #handOffs: HandOffs | null;
  #reserved = new Map<string, { count: number; bytes: number }>();

  /** `handOffs` decides where deliveries go when this node has no lane. */
  constructor(lane: HotLane | null, handOffs: HandOffs | null = null) {
    this.#lane = lane;
    this.#handOffs = handOffs;
  }

  /**
   * Reserves room in the hot lane, or at another node if there is no lane. The room is released if the transaction
   * fails.
   */
  reserve(endpoint: EndpointRow, now: number, bytes: number): FirstLease | null {
    if (this.#lane === null) return this.#handOver(endpoint, now);
    const lease = this.#lane.reserve(endpoint, now, bytes);
    if (lease === null) return null;
    const before = this.#reserved.get(endpoint.id) ?? { count: 0, bytes: 0 };
    this.#reserved.set(endpoint.id, { count: before.count + 1, bytes: before.bytes + bytes });
    return { ...lease, to: null };
  }

  #handOver(endpoint: EndpointRow, now: number): FirstLease | null {
    const lease = this.#handOffs?.lease(endpoint, now) ?? null;
    if (lease?.to != null) this.#handed.set(lease.to.join(), lease.to);
    return lease;
  }

  handOver(claim: Claim): void {
    this.#claims.push(claim);
  }

  /** The same, and clears everything that an earlier run of the same commit handed over. */
  handOverOnly(claims: Claim[]): void {
    this.#claims = claims;
  }

  due(at: number): void {
    this.#earliest = Math.min(this.#earliest, at);
  }

  endpointChanged(endpointId: string): void {
    this.changedEndpoints.add(endpointId);
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

  /**
   * The message to the other nodes: the work that this node leaves to them, and the rows whose old state they may have
   * in memory.
   */
  news(tasksRunHere: boolean): NodeMessage {
    return {
      due: this.#earliest < Number.POSITIVE_INFINITY ? this.#earliest : null,
      task: !tasksRunHere && this.#earliestTask < Number.POSITIVE_INFINITY ? this.#earliestTask : null,
      endpoints: [...this.changedEndpoints],
      listeners: [...this.#owedListeners],
      handed: [...this.#handed.values()],
      takes: null,
    };
  }

  /** The transaction is durable. `lane`, `onTask` and `onOwed` are the ones attached now. */
  tell(lane: HotLane | null, onTask: ((dueAt: number) => void) | null, onOwed: ((endpointIds: readonly string[]) => void) | null): void {
    if (this.#claims.length > 0) this.#lane?.accept(this.#claims);
    for (const endpointId of this.changedEndpoints) lane?.changed(endpointId);
    if (this.#earliest < Number.POSITIVE_INFINITY) lane?.due(this.#earliest);
    if (this.#earliestTask < Number.POSITIVE_INFINITY) onTask?.(this.#earliestTask);
    if (this.#owedListeners.size > 0) onOwed?.([...this.#owedListeners]);
  }
}
