import type { HotLane } from "../../contract/delivery-store.ts";
import type { Takes } from "./node-message.ts";

/** The most endpoints that are named in one message. With more, the node takes nothing. */
const EXCEPT_AT_MOST = 64;

/** Tells nodes that do not send what they may lease for this one. */
export class Taking {
  readonly #node: string;
  readonly #lastsMs: number;
  #until = 0;
  #refused = new Set<string>();
  #saysSome = false;

  /** `lastsMs`: how long an offer holds. */
  constructor(node: string, lastsMs: number) {
    this.#node = node;
    this.#lastsMs = lastsMs;
  }

  /**
   * What to announce at `now`; null when nothing was announced before, and there is nothing to announce. Endpoints that
   * were refused may come again.
   */
  at(now: number, lane: HotLane | null): Takes | null {
    this.#until = now + this.#lastsMs;
    this.#refused = new Set();
    return this.#say(lane);
  }

  /** What to announce after deliveries of these endpoints were refused. */
  after(endpointIds: readonly string[], lane: HotLane | null): Takes | null {
    for (const id of endpointIds) this.#refused.add(id);
    return this.#say(lane);
  }

  #say(lane: HotLane | null): Takes | null {
    const { room, leaseMs } = lane?.takes?.() ?? { room: 0, leaseMs: 0 };
    const some = room > 0 && this.#refused.size <= EXCEPT_AT_MOST;
    const saidSome = this.#saysSome;
    this.#saysSome = some;
    if (!some && !saidSome) return null;
    return { node: this.#node, until: this.#until, leaseMs, room: some ? room : 0, except: some ? [...this.#refused] : [] };
  }
}
