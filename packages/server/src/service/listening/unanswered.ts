import type { Forwards } from "../../store/contract/rows.ts";
import type { SentEvent } from "./sent-events.ts";

/** The most types that are remembered. */
const TYPES = 4_096;

/**
 * Tells events that the client dropped from events that its local server did not answer. The client acknowledges both,
 * and does not report its filters: `--events`, `--events-from` or configured endpoints. Its answers show what it
 * forwards.
 */
export class Unanswered {
  readonly #forwards: Forwards;
  readonly #answered = new Set<string>();
  /** When the latest answered event was sent: among the account's own events, and among those of connected accounts. */
  readonly #lastAnswered = { own: 0, connected: 0 };

  constructor(forwards: Forwards) {
    this.#forwards = forwards;
  }

  /** An event was answered, so others of its type and origin are forwarded too. */
  answered({ claim, connected, sentAt }: SentEvent): void {
    if (this.#answered.size < TYPES) this.#answered.add(key(connected, claim.event.type));
    const route = connected ? "connected" : "own";
    this.#lastAnswered[route] = Math.max(this.#lastAnswered[route], sentAt);
  }

  /**
   * Whether the client declared that it does not forward events like this one, so that its acknowledgement is final.
   */
  endsWithAcknowledgement({ connected }: SentEvent): boolean {
    return connected ? !this.#forwards.connected : !this.#forwards.own;
  }

  /**
   * Whether an acknowledged event without an answer was dropped: no event of its type and origin was ever answered, but
   * a later one to the same receiver was. Otherwise the receiver was not running, and the event is tried again.
   */
  wasDropped({ claim, connected, sentAt }: SentEvent): boolean {
    if (this.#answered.has(key(connected, claim.event.type))) return false;
    const { own, connected: ofConnected } = this.#lastAnswered;
    const last = this.#forwards.together ? Math.max(own, ofConnected) : connected ? ofConnected : own;
    return last >= sentAt;
  }
}

const key = (connected: boolean, type: string): string => `${connected ? "connected" : "own"} ${type}`;
