import type { Claim } from "../store/contract/delivery-store.ts";
import type { AccountSlots, SlotTaker } from "./attempt-slots.ts";
import type { EndpointLane, EndpointRecord } from "./endpoint-record.ts";

/**
 * How many entries must be taken from the front of a list before it is cut. The cut happens once taken entries are half
 * of it.
 */
const COMPACT_FROM = 16;

/** What is waiting and running for one endpoint, and its record. */
export class EndpointQueue implements SlotTaker {
  readonly id: string;
  readonly account: AccountSlots;
  readonly record: EndpointRecord;
  lane: EndpointLane;
  inFlight = 0;
  /** Its deliveries are neither sent nor claimed. */
  held = false;
  /** How many of its deliveries may be held in memory; null for as many as fit. */
  restraint: number | null = null;
  /** How many of the waiting deliveries wait for a token of its rate limit. */
  paused = 0;
  inLine = false;
  before: SlotTaker | null = null;
  behind: SlotTaker | null = null;
  /**
   * Taken entries leave a hole. Otherwise an endpoint that always has more would keep the bodies of all earlier ones.
   */
  #waiting: (Claim | undefined)[] = [];
  /** Where in `#waiting` the next one is. Taking it from there does not move the rest. */
  #head = 0;

  constructor(id: string, account: AccountSlots, record: EndpointRecord) {
    this.id = id;
    this.account = account;
    this.record = record;
    this.lane = record.lane;
  }

  get waiting(): number {
    return this.#waiting.length - this.#head;
  }

  add(claim: Claim): void {
    this.#waiting.push(claim);
  }

  /** Takes out the one that has waited longest. There must be one. */
  shift(): Claim {
    const claim = this.#waiting[this.#head] as Claim;
    this.#waiting[this.#head++] = undefined;
    if (this.#head === this.#waiting.length || (this.#head >= COMPACT_FROM && this.#head * 2 >= this.#waiting.length)) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return claim;
  }

  /** Takes out all but the `most` that have waited longest. */
  cut(most: number): Claim[] {
    return this.#waiting.splice(this.#head + most) as Claim[];
  }
}
