import type { Claim } from "../../store/contract/delivery-store.ts";

/** An event that a client was sent and that is not settled. */
export interface SentEvent {
  claim: Claim;
  /** When it was sent, by the server's clock and by the machine's own. */
  at: number;
  sentAt: number;
  requestHeaders: Record<string, string>;
  /** Whether it happened on a connected account. */
  connected: boolean;
  conversations: readonly string[];
  /** The copies of it that were not acknowledged. */
  unacknowledged: Set<string>;
  /** When the last copy was, by the machine's own clock; null before. */
  acknowledgedAt: number | null;
}

const NO_BYTES = new Uint8Array();

/**
 * What a client was sent: first until it has acknowledged both copies, then until its local server has answered. What was
 * acknowledged is remembered over the sockets of a session. Bodies are not kept, so that a client that acknowledges nothing costs
 * little memory: a body is read again should its event be sent again.
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

  /** A copy was acknowledged. Returns its event once all of them are, and null before. */
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

  /** It is settled, or about to be. */
  remove(sent: SentEvent): void {
    for (const conversation of sent.conversations)
      if (this.#byConversation.get(conversation) === sent) this.#byConversation.delete(conversation);
    this.#unacknowledged.delete(sent);
    this.#awaited.delete(sent);
  }

  /** The one that has waited longest to be acknowledged. */
  firstUnacknowledged(): SentEvent | undefined {
    return this.#unacknowledged.values().next().value;
  }

  allUnacknowledged(): SentEvent[] {
    return [...this.#unacknowledged];
  }

  allAwaited(): SentEvent[] {
    return [...this.#awaited];
  }

  /** Those that were acknowledged before a time and were not answered. */
  awaitedSince(time: number): SentEvent[] {
    const late: SentEvent[] = [];
    for (const sent of this.#awaited) {
      if ((sent.acknowledgedAt ?? 0) > time) break;
      late.push(sent);
    }
    return late;
  }
}
