import type { Claim } from "../../store/contract/delivery-store.ts";

/** An event that was sent to a client and is not settled. */
export interface SentEvent {
  claim: Claim;
  /** When it was sent, by the server's clock and by the machine's. */
  at: number;
  sentAt: number;
  requestHeaders: Record<string, string>;
  /** Whether it happened on a connected account. */
  connected: boolean;
  conversations: readonly string[];
  /** The copies that are not acknowledged yet. */
  unacknowledged: Set<string>;
  /** When the last copy was acknowledged, by the machine's clock; null until then. */
  acknowledgedAt: number | null;
}

const NO_BYTES = new Uint8Array();

/**
 * The events sent to a client. Each stays until the client has acknowledged both copies, and then until the local
 * server has answered. Acknowledged events outlive the session's socket. Bodies are not kept, so that a client that
 * acknowledges nothing costs little memory: an event that is sent again is read again.
 */
export class SentEvents {
  readonly #byConversation = new Map<string, SentEvent>();
  readonly #unacknowledged = new Set<SentEvent>();
  /** In the order in which they were acknowledged. */
  readonly #awaited = new Set<SentEvent>();

  get unacknowledged(): number {
    return this.#unacknowledged.size;
  }

  get awaited(): number {
    return this.#awaited.size;
  }

  add(sent: SentEvent): void {
    for (const conversation of sent.conversations) this.#byConversation.set(conversation, sent);
    sent.claim = { ...sent.claim, body: NO_BYTES };
    this.#unacknowledged.add(sent);
  }

  find(conversation: string): SentEvent | undefined {
    return this.#byConversation.get(conversation);
  }

  /** Acknowledges a copy. Returns its event once all copies are acknowledged, else null. */
  acknowledge(conversation: string, now: number): SentEvent | null {
    const sent = this.#byConversation.get(conversation);
    if (sent === undefined || sent.acknowledgedAt !== null) return null;
    sent.unacknowledged.delete(conversation);
    if (sent.unacknowledged.size > 0) return null;
    sent.acknowledgedAt = now;
    this.#unacknowledged.delete(sent);
    this.#awaited.add(sent);
    return sent;
  }

  /** Removes an event that is settled, or about to be. */
  remove(sent: SentEvent): void {
    for (const conversation of sent.conversations)
      if (this.#byConversation.get(conversation) === sent) this.#byConversation.delete(conversation);
    this.#unacknowledged.delete(sent);
    this.#awaited.delete(sent);
  }

  /** The event that has waited longest for its acknowledgement. */
  firstUnacknowledged(): SentEvent | undefined {
    return this.#unacknowledged.values().next().value;
  }

  allUnacknowledged(): SentEvent[] {
    return [...this.#unacknowledged];
  }

  allAwaited(): SentEvent[] {
    return [...this.#awaited];
  }

  /** The events that were acknowledged before a time and are unanswered. */
  awaitedSince(time: number): SentEvent[] {
    const late: SentEvent[] = [];
    for (const sent of this.#awaited) {
      if ((sent.acknowledgedAt ?? 0) > time) break;
      late.push(sent);
    }
    return late;
  }
}
