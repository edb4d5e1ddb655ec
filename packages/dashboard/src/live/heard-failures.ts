import type { Delivery } from "../api/answers.ts";
import { standingOf, whyNot } from "../records/delivery-words.ts";

/** What screen readers have announced: each delivery once, however often it fails. */
export class HeardFailures {
  readonly #since: number;
  readonly #told = new Set<string>();

  /** `since`: earlier failures are not news. Unix seconds. */
  constructor(since: number) {
    this.#since = since;
  }

  /** A text about the newest deliveries that have begun to fail, the newest first; null if there are none. */
  news(deliveries: readonly Delivery[]): string | null {
    const fresh = deliveries.filter(
      (delivery) => standingOf(delivery).tone === "bad" && (delivery.last_attempt?.at ?? 0) >= this.#since && !this.#told.has(delivery.id),
    );
    const [newest] = fresh;
    if (newest === undefined) return null;
    for (const { id } of fresh) this.#told.add(id);
    const why = whyNot(newest);
    if (fresh.length > 1) return `${fresh.length} more deliveries have failed, the newest of ${newest.event_type}.`;
    return `A delivery of ${newest.event_type} has failed${why === null ? "." : `: ${why}`}`;
  }
}
