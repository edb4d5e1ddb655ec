import { createHash } from "node:crypto";
import type { EndpointRow } from "../../contract/rows.ts";
import type { HandedOver, Takes } from "./node-message.ts";

/** The lease that a delivery is written with. */
export interface FirstLease {
  leaseUntil: number;
  /** The other node that it is for; null for this one. */
  to: HandedOver | null;
}

/**
 * The nodes that send, and how many deliveries each takes from this one, which does not send. A due delivery is leased
 * for one of them in the commit that makes it, so that it need not be claimed.
 */
export class HandOffs {
  /** The nodes in turn: the node that got the last lease comes last. */
  readonly #senders = new Map<string, Takes & { left: number }>();
  #mark: number;

  constructor(node: string) {
    // Marks of different nodes usually differ. If they do not, more is read than is new.
    this.#mark = createHash("sha256").update(node).digest().readUIntBE(0, 6);
  }

  /** A node announces what it takes. */
  hear(takes: Takes): void {
    if (takes.room > 0) this.#senders.set(takes.node, { ...takes, left: takes.room });
    else this.#senders.delete(takes.node);
  }

  /** For a delivery to an endpoint that is due now: a lease for a node that takes it; null if no node does. */
  lease({ id, firstFailureAt }: Pick<EndpointRow, "id" | "firstFailureAt">, now: number): FirstLease | null {
    // A failing endpoint has its own pace, which only the sender knows.
    if (firstFailureAt !== null) return null;
    for (const [node, sender] of this.#senders) {
      if (sender.until <= now) {
        this.#senders.delete(node);
        continue;
      }
      if (sender.left === 0 || sender.except.includes(id)) continue;
      sender.left--;
      this.#senders.delete(node);
      this.#senders.set(node, sender);
      return { leaseUntil: now + sender.leaseMs, to: [node, this.#mark] };
    }
    return null;
  }

  /** Everything that was leased so far is announced now. Later leases get another mark. */
  told(): void {
    this.#mark++;
  }
}
