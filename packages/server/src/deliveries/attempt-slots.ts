import type { Limits } from "../limits.ts";
import type { EndpointLane } from "./endpoint-record.ts";
import { Turns, type TurnTaker } from "./turns.ts";

/** How many attempts may be under way. */
export type SlotLimits = Pick<
  Limits,
  "attemptsInFlight" | "attemptsInFlightPerAccount" | "unprovenPercent" | "failingPercent" | "reservedPercent"
>;

/** The order in which lanes get free slots. It matters only when few are free: each lane has its own slots. */
const LANES: readonly EndpointLane[] = ["healthy", "unproven", "failing"];

/** The least number of attempts that a lane may have under way. With few slots, its share would be one or two. */
const SMALLEST_LANE = 8;

/** Something that starts attempts: an endpoint. */
export interface SlotTaker extends TurnTaker<SlotTaker> {
  readonly account: AccountSlots;
  /** The lane that counts its attempts under way. */
  lane: EndpointLane;
  inFlight: number;
}

/** What one account has in one lane. */
class AccountLane implements TurnTaker<AccountLane> {
  readonly account: AccountSlots;
  readonly lane: LaneSlots;
  /** Its endpoints that deliveries may be sent to. */
  readonly turns = new Turns<SlotTaker>();
  inFlight = 0;
  inLine = false;
  before: AccountLane | null = null;
  behind: AccountLane | null = null;

  constructor(account: AccountSlots, lane: LaneSlots) {
    this.account = account;
    this.lane = lane;
  }
}

/** What is under way for the endpoints of one account. */
export class AccountSlots {
  readonly id: string;
  readonly lanes: Readonly<Record<EndpointLane, AccountLane>>;
  inFlight = 0;
  /** Its known endpoints. */
  endpoints = 0;

  constructor(id: string, lanes: Readonly<Record<EndpointLane, LaneSlots>>) {
    this.id = id;
    this.lanes = {
      healthy: new AccountLane(this, lanes.healthy),
      unproven: new AccountLane(this, lanes.unproven),
      failing: new AccountLane(this, lanes.failing),
    };
  }
}

/** A lane: accounts that have something to send in it, and what is under way. */
interface LaneSlots {
  readonly turns: Turns<AccountLane>;
  inFlight: number;
  /** Attempts it may have under way: in all, and for one account. */
  readonly most: number;
  readonly mostPerAccount: number;
  /** Slots reserved for it when other lanes would take all. */
  readonly reserved: number;
}

/**
 * Decides which endpoint may start the next attempt: in each lane the accounts take turns, and in each account its
 * endpoints. If endpoints move into a lane with attempts under way, the excess is not charged to other lanes. No time,
 * no I/O.
 */
export class AttemptSlots {
  readonly #limits: SlotLimits;
  readonly #lanes: Readonly<Record<EndpointLane, LaneSlots>>;
  readonly #accounts = new Map<string, AccountSlots>();
  #inFlight = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
    const all = limits.attemptsInFlight;
    const reserved = Math.floor((all * limits.reservedPercent) / 100);
    const lane = (percent: number, kept: number): LaneSlots => {
      const most = Math.max(Math.min(all, SMALLEST_LANE), Math.floor((all * percent) / 100));
      const mostPerAccount = Math.ceil((most * Math.min(limits.attemptsInFlightPerAccount, all)) / all);
      return { turns: new Turns(), inFlight: 0, most, mostPerAccount, reserved: Math.min(kept, most) };
    };
    this.#lanes = {
      healthy: lane(100, 0),
      unproven: lane(limits.unprovenPercent, reserved),
      failing: lane(limits.failingPercent, reserved),
    };
  }

  /** Attempts under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Adds an endpoint to its account. Returns the account. */
  enter(accountId: string): AccountSlots {
    let account = this.#accounts.get(accountId);
    if (account === undefined) {
      account = new AccountSlots(accountId, this.#lanes);
      this.#accounts.set(accountId, account);
    }
    account.endpoints++;
    return account;
  }

  /** Removes an endpoint that is forgotten. */
  leave(account: AccountSlots): void {
    if (--account.endpoints === 0) this.#accounts.delete(account.id);
  }

  /**
   * Returns the endpoint that may start an attempt, and counts the attempt as under way; undefined when no endpoint
   * may.
   */
  next(): SlotTaker | undefined {
    for (const lane of LANES) {
      if (this.#lanes[lane].turns.empty || !this.#mayStart(lane)) continue;
      const account = this.#lanes[lane].turns.shift() as AccountLane;
      const taker = account.turns.shift() as SlotTaker;
      this.#count(taker, 1);
      // This affects all lanes: the account has reached its limit over all lanes.
      for (const each of LANES) this.#lineUp(account.account.lanes[each]);
      return taker;
    }
    return undefined;
  }

  /** Counts one of its attempts as ended. */
  end(taker: SlotTaker): void {
    this.#count(taker, -1);
    for (const lane of LANES) this.#lineUp(taker.account.lanes[lane]);
  }

  /** Moves an endpoint to another lane, with its attempts under way. */
  moveTo(lane: EndpointLane, taker: SlotTaker): void {
    if (taker.lane === lane) return;
    this.stand(taker, false);
    for (const [to, change] of [
      [taker.lane, -taker.inFlight],
      [lane, taker.inFlight],
    ] as const) {
      taker.account.lanes[to].inFlight += change;
      this.#lanes[to].inFlight += change;
      this.#lineUp(taker.account.lanes[to]);
    }
    taker.lane = lane;
  }

  /** Queues an endpoint, or removes it from the queue, depending on whether deliveries may be sent to it. */
  stand(taker: SlotTaker, mayGo: boolean): void {
    const account = taker.account.lanes[taker.lane];
    if (mayGo === taker.inLine) return;
    if (mayGo) account.turns.join(taker);
    else account.turns.leave(taker);
    this.#lineUp(account);
  }

  #count(taker: SlotTaker, change: 1 | -1): void {
    taker.inFlight += change;
    taker.account.inFlight += change;
    taker.account.lanes[taker.lane].inFlight += change;
    this.#lanes[taker.lane].inFlight += change;
    this.#inFlight += change;
  }

  /**
   * An account is in a lane's queue while it has endpoints that deliveries may be sent to and has not used up its
   * share.
   */
  #lineUp(of: AccountLane): void {
    const { account, lane } = of;
    const mayGo = !of.turns.empty && of.inFlight < lane.mostPerAccount && account.inFlight < this.#limits.attemptsInFlightPerAccount;
    if (mayGo === of.inLine) return;
    if (mayGo) lane.turns.join(of);
    else lane.turns.leave(of);
  }

  #mayStart(lane: EndpointLane): boolean {
    const all = this.#limits.attemptsInFlight;
    if (this.#lanes[lane].inFlight >= this.#lanes[lane].most || this.#inFlight >= 2 * all) return false;
    let taken = 0;
    for (const other of LANES) {
      const { inFlight, most, reserved } = this.#lanes[other];
      taken += other === lane ? inFlight : Math.max(Math.min(inFlight, most), reserved);
    }
    return taken < all;
  }
}
