import type { Arrival, Claim, Inbox, InboxEvent, NewWork, Order, Pruned, Pruning, Settlement, Stored } from "../inbox/inbox.ts";

/** The start time of the tests: 2026-01-01, Unix milliseconds. */
export const START = 1_767_225_600_000;
export const LEASE_MS = 60_000;
export const DONE: Settlement = { at: START, next: { state: "done" }, error: null, counts: true, mark: null };

/** A prune request that removes nothing, and the result of one. */
export const NO_PRUNING: Pruning = {
  now: START,
  receivedBefore: 0,
  deadBefore: null,
  quarantinedBefore: null,
  orphanedBefore: null,
  handlers: ["a"],
  markedBefore: null,
  limit: 10,
};
export const NONE_PRUNED: Pruned = { events: 0, dead: 0, quarantined: 0, orphaned: 0, marks: 0 };

let numbers = 0;

/** An event as the inbox stores it. `at` is in milliseconds after the start. */
export function inboxEvent(given: Partial<InboxEvent> & { at?: number } = {}): InboxEvent {
  const { at = 0, ...rest } = given;
  numbers++;
  return {
    source: "stripe",
    livemode: false,
    account: "acct_1",
    id: `evt_${numbers}`,
    type: "account.updated",
    objectId: "acct_1",
    created: START + at,
    rank: 1,
    endpoint: "connect",
    apiVersion: "2026-10-28.endive",
    body: new TextEncoder().encode(`{"n":${numbers},"é":"\u{1F517}"}`),
    receivedAt: START,
    ...rest,
  };
}

export function workFor(event: InboxEvent, handler = "a", order: Order = "any", dueAt = START): NewWork {
  return { handler, order, orderKey: JSON.stringify([event.source, event.livemode, event.account, event.objectId]), dueAt };
}

export function arrivalOf(event: InboxEvent, work: readonly NewWork[], more: Partial<Arrival> = {}): Arrival {
  return { event, work, connection: null, tieGoesTo: null, lease: null, ...more };
}

/** The test's inbox, opened before it. */
export class OpenedInbox<Tx> {
  inbox!: Inbox<Tx>;

  /** Stores an event with one waiting piece of work. */
  async add(event: InboxEvent, { handler = "a", order = "any" as Order, dueAt = START } = {}): Promise<InboxEvent> {
    await this.inbox.store(arrivalOf(event, [workFor(event, handler, order, dueAt)]));
    return event;
  }

  /** Stores an event with one piece of work, leased at once. */
  async hot(event: InboxEvent, { handler = "a", order = "any" as Order } = {}): Promise<Stored> {
    return this.inbox.store(arrivalOf(event, [workFor(event, handler, order)], { lease: { now: START, leaseUntil: START + LEASE_MS } }));
  }

  /** An event about the connection to its account. */
  async connection(
    to: "authorized" | "deauthorized",
    at: number,
    more: Partial<InboxEvent> & { tieGoesTo?: "authorized" | "deauthorized" } = {},
  ) {
    const { tieGoesTo = null, ...given } = more;
    const event = inboxEvent({ at, type: `account.application.${to}`, objectId: "ca_1", ...given });
    const work = to === "deauthorized" ? [workFor(event, "gone", "serial")] : [];
    return this.inbox.store(arrivalOf(event, work, { connection: { account: event.account ?? "", to }, tieGoesTo }));
  }

  claim(
    now = START,
    { limit = 100, handlers = ["a", "b", "gone"], from = this.inbox }: { limit?: number; handlers?: string[]; from?: Inbox<Tx> } = {},
  ): Promise<Claim[]> {
    return from.claim({ now, leaseUntil: now + LEASE_MS, limit, handlers: handlers.map((handler) => ({ handler, limit })) });
  }

  async states(eventId: string): Promise<string[]> {
    return (await this.inbox.work({ eventId, limit: 100 })).map(({ handler, state }) => `${handler}:${state}`);
  }
}

export function ids(claims: readonly Claim[]): string[] {
  return claims.map(({ event }) => event.id);
}
