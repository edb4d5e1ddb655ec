import { expect } from "vitest";
import type { DeliveryState, EndpointRow, EventRow, NewDelivery } from "../../src/store/contract/rows.ts";
import type { ConnectedEvents, DeliveryFilter, EventFilter, Page, TimeRange } from "../../src/store/contract/transaction.ts";
import type { Store } from "../../src/store/store.ts";
import { claimRequest } from "./store-conformance/opened-store.ts";
import { START, settlementOf, storeFixture } from "./store-fixture.ts";

/** The numbers of the three `list-thresholds.ts`, so small that the rows of this file pass all of them. */
export const SMALL = {
  either: {
    WAYS: { counted: 30, few: 2 },
    TYPE_LISTS: { lookedAt: 5 },
  },
  sqlite: {
    NEWEST_OF_EVENTS: { eventsApart: 12, laterLookedAt: 12, passedOver: 4 },
    DELIVERY_LISTS: { counted: 30, eventsCounted: 25, wholeSet: 2, few: 4 },
    EVENT_LISTS: { counted: 30, walked: 8 },
  },
  postgres: {
    NEWEST_OF_EVENTS: { eventsApart: 12, eventsLookedAt: 9, laterLookedAt: 12, passedOver: 4 },
    DELIVERY_LISTS: { counted: 40, many: 15, few: 3, walked: 8, sampled: 5, typesAtOnce: 2 },
    EVENT_LISTS: { walked: 8 },
  },
} as const;

const TRANSACTIONS = 60;
const QUESTIONS = 100;
const TYPES = ["customer.created", "customer.updated", "payout.paid", "payout.failed", "v2.core.account.closed"] as const;
const PATTERNS = ["*", "payout.*", "*.paid", "customer.*", "v2.*", "none.*"] as const;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A delivery as it should be found. */
interface Known {
  row: NewDelivery;
  state: DeliveryState;
  attempts: number;
  /** How the last attempt ended: a status or a fault. */
  outcome: number | string | null;
}

/** All that a store was given, in the order of its numbers. */
interface World {
  /** When it begins: later than that of the seed before, whose rows a store may have. */
  start: number;
  owner: string;
  application: string;
  accounts: readonly string[];
  endpoints: readonly EndpointRow[];
  connected: ReadonlySet<string>;
  events: readonly EventRow[];
  deliveries: readonly Known[];
}

/** Chance that is the same in every run. */
class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed * 7_919 + 1;
  }

  below(end: number): number {
    this.state = (this.state * 48_271) % 2_147_483_647;
    return this.state % end;
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)] as T;
  }

  shuffled<T>(of: readonly T[]): T[] {
    const all = [...of];
    for (let n = all.length - 1; n > 0; n--) {
      const other = this.below(n + 1);
      [all[n], all[other]] = [all[other] as T, all[n] as T];
    }
    return all;
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }
}

/** Asks for random pages of random lists, and compares each with a plain filter over all rows. */
export async function expectRandomLists(store: Store, seed: number): Promise<void> {
  const dice = new Dice(seed);
  const world = await worldOf(store, dice, seed);
  const deliveryFilters = [deliveryFilter, ofAnAccount].flatMap((made) => Array.from({ length: QUESTIONS }, () => made(world, dice)));
  for (const filter of deliveryFilters) {
    const ids = world.deliveries.filter((known) => isAsked(known, filter)).map(({ row }) => row.id);
    await expectPage(filter, ids.reverse(), dice, (page) => store.read((reads) => reads.deliveries(filter, page)));
  }
  for (let n = 0; n < QUESTIONS; n++) {
    const filter = eventFilter(world, dice);
    const ids = world.events.filter((event) => isAskedEvent(world, event, filter)).map(({ id }) => id);
    await expectPage(filter, ids.reverse(), dice, (page) => store.read((reads) => reads.events(filter, page)));
  }
}

async function expectPage(
  filter: object,
  ids: readonly string[],
  dice: Dice,
  find: (page: Page) => Promise<{ rows: readonly { id: string }[]; hasMore: boolean }>,
): Promise<void> {
  const limit = dice.one([1, 3, 7, 20]);
  const at = dice.below(ids.length + 1);
  const cursor = ids[at];
  const way = cursor === undefined ? "first" : dice.one(["first", "after", "before"] as const);
  const [page, wanted, hasMore]: [Page, readonly string[], boolean] =
    way === "first" || cursor === undefined
      ? [{ limit }, ids.slice(0, limit), ids.length > limit]
      : way === "after"
        ? [{ limit, startingAfter: cursor }, ids.slice(at + 1, at + 1 + limit), ids.length > at + 1 + limit]
        : [{ limit, endingBefore: cursor }, ids.slice(Math.max(0, at - limit), at), at > limit];
  const found = await find(page);
  expect({ ids: found.rows.map(({ id }) => id), hasMore: found.hasMore }, JSON.stringify({ filter, page })).toEqual({
    ids: wanted,
    hasMore,
  });
}

/**
 * Fills a store: events with deliveries made with them or later, late events, attempts that end in every way, an
 * account whose old events were swept, and an erased one.
 */
async function worldOf(store: Store, dice: Dice, seed: number): Promise<World> {
  const make = storeFixture();
  const start = START + seed * DAY;
  const named = (name: string) => `acct_${name}${seed}`;
  const owner = named("owner");
  const accounts = [owner, named("large"), named("large"), named("small"), named("swept"), named("gone")];
  const connected = new Set([named("large"), named("gone")]);
  const id = (prefix: string, n: number) => `${prefix}_${seed}x${String(n).padStart(6, "0")}`;
  const endpoints = [0, 1, 2, 3].map((n) => make.endpoint({ id: id("we", n), accountId: n === 3 ? named("other") : owner }));
  await store.transaction(async (tx) => {
    for (const endpoint of endpoints) await tx.insertEndpoint(endpoint);
    for (const accountId of connected)
      await tx.insertConnection({ platformId: owner, accountId, livemode: false, created: start, controller: true, scope: "read_write" });
  });
  const events: EventRow[] = [];
  const rows: NewDelivery[] = [];
  for (let n = 0; n < TRANSACTIONS; n++) {
    const now = start + n * MINUTE;
    const fresh = Array.from({ length: 1 + dice.below(4) }, (_, at) =>
      make.event({
        id: id("evt", events.length + at),
        accountId: dice.one(accounts),
        livemode: dice.once(4),
        type: dice.one(TYPES),
        created: dice.once(12) ? start + dice.below(TRANSACTIONS) * MINUTE - 60 * MINUTE : now,
        objectId: dice.one(["obj_1", "obj_2", null]),
        applicationId: dice.one([`ca_own${seed}`, `ca_other${seed}`, null, null]),
      }),
    );
    const old = events.length > 0 && dice.once(4) ? [dice.one(events)] : [];
    const deliver = (event: EventRow, kind: NewDelivery["kind"]) => {
      const row = make.delivery(event, dice.one(endpoints), { id: id("dlv", rows.length), kind, created: now, dueAt: now });
      rows.push(row);
      return row;
    };
    // Out of the order of their events, as those of events with thin forms are.
    const owing = dice.shuffled(fresh.flatMap((event) => Array.from({ length: dice.below(3) }, () => event)));
    const made = [
      ...owing.map((event) => deliver(event, "automatic")),
      ...old.map((event) => deliver(event, dice.one(["manual", "resent"]))),
    ];
    await store.transaction(async (tx) => {
      await tx.insertEvents(fresh, []);
      await tx.insertDeliveries(made);
    });
    events.push(...fresh);
  }
  const deliveries = await settled(store, dice, rows, start + TRANSACTIONS * MINUTE);
  await store.transaction(async (tx) => {
    await tx.updateEndpoint({ ...(endpoints[2] as EndpointRow), deleted: true });
    while ((await tx.eraseRows({ accountId: named("gone"), erasure: named("gone"), now: START }, 1_000)) > 0);
  });
  const swept = await sweep(store, named("swept"), start + (TRANSACTIONS / 2) * MINUTE, { events, deliveries });
  const left = (event: EventRow): boolean => event.accountId !== named("gone") && !swept.has(event.id);
  return {
    ...{ start, owner, application: `ca_own${seed}`, accounts, endpoints, connected: new Set([named("large")]) },
    events: events.filter(left),
    deliveries: deliveries.filter(({ row }) => left(row.event)),
  };
}

/**
 * Deletes the old events of an account, with their deliveries. Returns which those are, as a filter over all rows
 * tells.
 */
async function sweep(
  store: Store,
  accountId: string,
  before: number,
  { events, deliveries }: Pick<World, "events" | "deliveries">,
): Promise<ReadonlySet<string>> {
  const swept = new Set<string>();
  const pending = new Set(deliveries.flatMap(({ row, state }) => (state === "pending" ? [row.event.id] : [])));
  for (const livemode of [false, true]) {
    const own = events.filter((event) => event.accountId === accountId && event.livemode === livemode);
    const young = own.findIndex(({ created }) => created >= before);
    for (const { id } of young === -1 ? own : own.slice(0, young)) if (!pending.has(id)) swept.add(id);
    for (let after: number | null = 0; after !== null; )
      after = (await store.pruneAccount({ accountId, livemode, before, after, limit: 1_000 })).next;
  }
  expect(swept.size).toBeGreaterThan(0);
  return swept;
}

/** Ends the attempts of most deliveries, in every way. */
async function settled(store: Store, dice: Dice, rows: readonly NewDelivery[], now: number): Promise<Known[]> {
  const known = new Map(rows.map((row): [string, Known] => [row.id, { row, state: "pending", attempts: 0, outcome: null }]));
  const claims = await store.claimDue(claimRequest({ now, limit: 10_000, perEndpoint: 10_000 }));
  const batch = claims.flatMap((claim) => {
    const one = known.get(claim.deliveryId);
    if (one === undefined || dice.once(6)) return [];
    const state = dice.one(["succeeded", "succeeded", "exhausted", "cancelled", "pending"] as const);
    const next = state === "pending" ? { state, dueAt: now + DAY } : { state };
    const settlement = settlementOf(claim, next, now);
    one.state = state;
    if (state === "cancelled") return [{ ...settlement, attempt: null }];
    one.attempts = 1;
    const failure = dice.one([404, 500, 503, "timeout"] as const);
    one.outcome = state === "succeeded" ? 200 : failure;
    const ended =
      state === "succeeded"
        ? {}
        : typeof failure === "number"
          ? { outcome: "status", status: failure }
          : { outcome: failure, status: null };
    return [{ ...settlement, attempt: settlement.attempt === null ? null : { ...settlement.attempt, ...ended } }];
  });
  expect((await store.settle(batch, [])).refused).toEqual([]);
  return [...known.values()];
}

function times({ start }: World, dice: Dice): TimeRange {
  const at = (): number => start + dice.below(TRANSACTIONS) * MINUTE - dice.one([0, 1, 60 * MINUTE]);
  const from = dice.once(2) ? { [dice.one(["gt", "gte"])]: at() } : {};
  return dice.once(3) ? from : { ...from, [dice.one(["lt", "lte"])]: at() };
}

const within = (time: number, { gt, gte, lt, lte }: TimeRange = {}): boolean =>
  !(
    (gt !== undefined && time <= gt) ||
    (gte !== undefined && time < gte) ||
    (lt !== undefined && time >= lt) ||
    (lte !== undefined && time > lte)
  );

const fits = (type: string, pattern: string): boolean => new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(type);

function deliveryFilter(world: World, dice: Dice): DeliveryFilter {
  const { owner, accounts, endpoints, events } = world;
  return {
    accountId: owner,
    livemode: false,
    ...(dice.once(5) ? { endpointId: dice.one(endpoints.slice(0, 3)).id } : {}),
    ...(dice.once(12) ? { eventId: dice.one(events).id } : {}),
    ...(dice.once(3) ? { state: dice.one(["pending", "succeeded", "exhausted", "cancelled", "quarantined"]) } : {}),
    ...(dice.once(6) ? { tried: dice.once(2) } : {}),
    ...(dice.once(2) ? { eventAccountId: dice.one(accounts) } : {}),
    ...dice.one([{}, {}, { eventType: dice.one(TYPES) }, { eventTypePattern: dice.one(PATTERNS) }]),
    ...dice.one([
      {},
      {},
      {
        statuses: dice.one([
          [[500, 599]],
          [[404, 404]],
          [[200, 299]],
          [
            [400, 404],
            [503, 503],
          ],
        ] as [number, number][][]),
      },
      dice.once(2) ? { fault: "timeout" } : {},
    ]),
    ...(dice.once(3) ? { created: times(world, dice) } : {}),
  };
}

/**
 * The deliveries of one account's events: read from the events on, for which deliveries must be numbered nearly as
 * these are.
 */
function ofAnAccount(world: World, dice: Dice): DeliveryFilter {
  const created = dice.once(2) ? { created: times(world, dice) } : {};
  return { accountId: world.owner, livemode: false, eventAccountId: dice.one(world.accounts), ...created };
}

function isAsked({ row, state, attempts, outcome }: Known, asked: DeliveryFilter): boolean {
  const { event, endpoint } = row;
  return (
    endpoint.accountId === asked.accountId &&
    endpoint.livemode === asked.livemode &&
    (asked.endpointId ?? endpoint.id) === endpoint.id &&
    (asked.eventId ?? event.id) === event.id &&
    (asked.state ?? state) === state &&
    (asked.tried ?? attempts > 0) === attempts > 0 &&
    (asked.eventAccountId ?? event.accountId) === event.accountId &&
    (asked.eventType ?? event.type) === event.type &&
    fits(event.type, asked.eventTypePattern ?? "*") &&
    (asked.statuses ?? [[outcome, outcome]]).some(([from, to]) =>
      asked.statuses === undefined ? true : typeof outcome === "number" && outcome >= Number(from) && outcome <= Number(to),
    ) &&
    (asked.fault ?? outcome) === outcome &&
    within(row.created, asked.created)
  );
}

function eventFilter(world: World, dice: Dice): EventFilter {
  const { owner, accounts, application } = world;
  const connectedTo: ConnectedEvents = {
    platformId: owner,
    applicationId: dice.one([application, null]),
    exceptTypes: dice.once(2) ? ["payout.paid"] : [],
  };
  return {
    accountId: dice.one([owner, ...accounts]),
    livemode: dice.once(4),
    ...dice.one([{}, {}, { types: [dice.one(TYPES)] }, { types: [dice.one(TYPES), dice.one(TYPES)] }]),
    ...(dice.once(4) ? { typePattern: dice.one(PATTERNS) } : {}),
    ...(dice.once(6) ? { exceptTypes: [dice.one(TYPES)] } : {}),
    ...(dice.once(6) ? { payload: dice.one(["thin", "snapshot"]) } : {}),
    ...(dice.once(5) ? { objectId: dice.one(["obj_1", "obj_2", "obj_3"]) } : {}),
    ...(dice.once(3) ? { created: times(world, dice) } : {}),
    ...(dice.once(3) ? { deliverySuccess: dice.once(2) } : {}),
    ...dice.one([{}, {}, { applicationId: dice.one([application, null]) }, { connectedTo, accountId: owner }]),
  };
}

function isAskedEvent({ connected, deliveries }: World, event: EventRow, asked: EventFilter): boolean {
  const { accountId, applicationId, type } = event;
  const { connectedTo: to } = asked;
  const isShown =
    to === undefined
      ? accountId === asked.accountId
      : accountId === asked.accountId ||
        (to.applicationId !== null && applicationId === to.applicationId) ||
        (applicationId === null && !to.exceptTypes.includes(type) && connected.has(accountId) && !asked.livemode);
  const isThin = /^v[12]\./.test(type);
  const of = deliveries.filter(({ row }) => row.event.id === event.id);
  const received = !of.some(
    ({ row, state }) =>
      ["pending", "exhausted", "quarantined"].includes(state) &&
      !of.some((other) => other.row.endpoint.id === row.endpoint.id && other.state === "succeeded"),
  );
  return (
    isShown &&
    event.livemode === asked.livemode &&
    (asked.applicationId === undefined || applicationId === null || applicationId === asked.applicationId) &&
    (asked.types ?? [type]).includes(type) &&
    fits(type, asked.typePattern ?? "*") &&
    !(asked.exceptTypes ?? []).includes(type) &&
    (asked.payload ?? (isThin ? "thin" : "snapshot")) === (isThin ? "thin" : "snapshot") &&
    (asked.objectId ?? event.objectId) === event.objectId &&
    within(event.created, asked.created) &&
    (asked.deliverySuccess ?? received) === received
  );
}
