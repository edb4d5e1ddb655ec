import { deliveryAnswers } from "../../console/deliveries.ts";
import { eventsSeenBy } from "../../console/events.ts";
import type { Limits } from "../../limits.ts";
import { allEndpoints } from "../../resources/webhook-endpoints/all-endpoints.ts";
import type { AccountRow, ApplicationRow, DeliveryRow, EventRow, JsonObject, RequestRow } from "../../store/contract/rows.ts";
import type { Reads } from "../../store/contract/transaction.ts";

/** The account whose changes are watched, in one mode. */
export interface Watched {
  account: AccountRow;
  application: ApplicationRow | null;
  livemode: boolean;
}

/** The lists whose changes are reported. */
type ListName = "events" | "deliveries" | "endpoints" | "requests";

/** What has changed. Empty lists are left out. */
export interface LiveChanges {
  /** New events, newest first. */
  events?: JsonObject[];
  /** Deliveries that are new or have changed, as `/console/deliveries` shows them, newest first. */
  deliveries?: JsonObject[];
  /** Ids of endpoints that are new or deleted, or whose settings, state or failures have changed. */
  endpoints?: string[];
  /** Requests that were answered, newest first. */
  requests?: JsonObject[];
  /** Lists with more changes than are reported: load them again. */
  reload?: ListName[];
}

/** What the last look saw, to find what is new at the next. */
export interface Seen {
  /** The server's time, Unix milliseconds. */
  at: number;
  events: ReadonlySet<string>;
  requests: ReadonlySet<string>;
  /** Their state, by id. */
  deliveries: ReadonlyMap<string, string>;
  endpoints: ReadonlyMap<string, string>;
}

/** One look at everything that an account may see. */
export interface LookRequest {
  who: Watched;
  /** The last look; null for the first, which reports nothing. */
  before: Seen | null;
  now: number;
  /** Deliveries that this server has settled since the last look, and whether there were more. */
  touched: { deliveryIds: readonly string[]; more: boolean };
  limits: LookLimits;
}

/** How many rows of each list are examined, and how many are reported; how far looks overlap. */
type LookLimits = Pick<Limits, "liveItems" | "liveOverlapMs">;

/**
 * Finds what has changed since the last look by looking into the store, where all nodes write. It costs a few short
 * reads, however much data there is. It notices a change of a delivery if the delivery is among the account's newest,
 * or if this server made the change.
 */
export async function look(
  reads: Reads,
  { who, before, now, touched, limits }: LookRequest,
): Promise<{ changes: LiveChanges; seen: Seen }> {
  const { liveItems: most, liveOverlapMs } = limits;
  const reload: ListName[] = [];
  const owner = { accountId: who.account.id, livemode: who.livemode };

  const recent = await eventsSince(reads, who, (before?.at ?? now) - liveOverlapMs, most);
  const newEvents = recent.rows.filter(({ id }) => before?.events.has(id) !== true);
  if (recent.hasMore && newEvents.length === recent.rows.length) reload.push("events");

  const requests = await latestRequests(reads, owner, before, most);
  const newRequests = requests.rows.filter(({ id }) => before?.requests.has(id) !== true);
  if (requests.hasMore && newRequests.length === most) reload.push("requests");

  const endpoints = await endpointStates(reads, owner, most);
  const known = before?.endpoints ?? endpoints;
  const changedEndpoints = [...new Set([...endpoints.keys(), ...known.keys()])].filter((id) => endpoints.get(id) !== known.get(id));

  const { rows } = await reads.deliveries(owner, { limit: most });
  const listed = new Set(rows.map(({ id }) => id));
  const older = await reads.deliveriesById(touched.deliveryIds.filter((id) => !listed.has(id)).slice(0, most));
  const changed = [...rows.filter((row) => before?.deliveries.get(row.id) !== stateOf(row)), ...older.values()].slice(0, most);
  if (touched.more || (rows.length === most && changed.length === most)) reload.push("deliveries");

  const seen: Seen = {
    at: now,
    events: new Set(recent.rows.map(({ id }) => id)),
    requests: requests.rows.length === 0 ? (before?.requests ?? new Set()) : new Set(requests.rows.map(({ id }) => id)),
    deliveries: new Map(rows.map((row) => [row.id, stateOf(row)])),
    endpoints,
  };
  if (before === null) return { changes: {}, seen };
  return {
    changes: {
      ...(newEvents.length === 0 ? {} : { events: newEvents.map(eventLine) }),
      ...(newRequests.length === 0 ? {} : { requests: newRequests.map(requestLine) }),
      ...(changedEndpoints.length === 0 ? {} : { endpoints: changedEndpoints }),
      ...(changed.length === 0 ? {} : { deliveries: await deliveryAnswers({ tx: reads }, changed) }),
      ...(reload.length === 0 ? {} : { reload }),
    },
    seen,
  };
}

/**
 * What a browser that reconnects has missed since a time: the events, unless there are too many. For everything else,
 * only the lists know what has changed meanwhile.
 */
export async function missedSince(
  reads: Reads,
  { who, since, limits }: { who: Watched; since: number; limits: LookLimits },
): Promise<LiveChanges> {
  const { rows, hasMore } = await eventsSince(reads, who, since - limits.liveOverlapMs, limits.liveItems);
  return {
    ...(rows.length === 0 ? {} : { events: rows.map(eventLine) }),
    reload: [...(hasMore ? (["events"] as const) : []), "deliveries", "endpoints", "requests"],
  };
}

const eventsSince = (reads: Reads, who: Watched, since: number, limit: number) =>
  reads.events({ ...eventsSeenBy(who), livemode: who.livemode, created: { gte: since } }, { limit });

/** The newest requests; empty if the newest of all is already known, which is a quick check. */
async function latestRequests(reads: Reads, owner: { accountId: string; livemode: boolean }, before: Seen | null, limit: number) {
  const filter = { callerId: owner.accountId, livemode: owner.livemode };
  const newest = await reads.requests(filter, { limit: 1 });
  const [one] = newest.rows;
  return one === undefined || before?.requests.has(one.id) === true ? { rows: [], hasMore: false } : reads.requests(filter, { limit });
}

/** Everything visible about endpoints, as text to compare. */
async function endpointStates(reads: Reads, owner: { accountId: string; livemode: boolean }, limit: number): Promise<Map<string, string>> {
  const rows = await allEndpoints(reads, owner, limit);
  const failures = await reads.endpointFailures(rows.map(({ id }) => id));
  return new Map(rows.map((row) => [row.id, JSON.stringify([{ ...row, secrets: row.secrets.length }, failures.get(row.id) ?? null])]));
}

/** The part of a delivery that changes. */
const stateOf = ({ state, attempts, nextAttemptAt }: DeliveryRow): string => `${state} ${attempts} ${nextAttemptAt}`;

function eventLine({ id, type, accountId, created }: EventRow): JsonObject {
  return { id, object: "event", type, account: accountId, created: Math.floor(created / 1_000) };
}

function requestLine({ id, at, method, path, status, accountId }: RequestRow): JsonObject {
  return { id, object: "request", created: Math.floor(at / 1_000), method, path, status, account: accountId };
}
