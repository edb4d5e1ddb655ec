import type { RecordedEvent } from "../events/event-draft.ts";
import type { recordEvents } from "../events/record-event.ts";
import type { Limits } from "../limits.ts";
import type { Settlement } from "../store/contract/delivery-store.ts";
import type { EndpointRow } from "../store/contract/rows.ts";
import type { Reads, Transaction } from "../store/contract/transaction.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";
import type { Activity, AttemptActivity, CancelledActivity } from "./activity.ts";

/** An observer of what a server does. */
export interface ActivityObserver {
  /** Whether it observes events. */
  events: boolean;
  /**
   * Whether it observes this settlement. Called once for each, before anything is read for it, so that unwanted
   * settlements cost nothing.
   */
  wants(settlement: Settlement): boolean;
  tell(activity: Activity): void;
}

/** A store and a `recordEvents` that report to observers what happened, once it is stored. */
export interface ActivityFeed {
  store: Store;
  recordEvents: typeof recordEvents;
  /** Resolves when everything that has happened was reported. */
  told(): Promise<void>;
}

export interface ActivityFeedOptions {
  store: Store;
  recordEvents: typeof recordEvents;
  observers: readonly ActivityObserver[];
  limits: Pick<Limits, "activitiesWaiting">;
  /** Called for a bug in an observer or here. */
  onBug(error: unknown): void;
}

interface Wanted {
  settlement: Settlement;
  by: readonly ActivityObserver[];
}

/**
 * Reports events after the commit of the transaction that recorded them, and attempts after the commit that settled
 * them, both in commit order. The details of an attempt are read from the store in the background: neither the engine
 * nor a request waits for them. When reading cannot keep up, or the store is unavailable, attempts are left out and
 * counted.
 */
export function createActivityFeed({ store, recordEvents: record, observers, limits, onBug }: ActivityFeedOptions): ActivityFeed {
  if (observers.length === 0) return { store, recordEvents: record, told: async () => undefined };
  const ofEvents = observers.filter(({ events }) => events);
  /** What each open transaction has recorded so far. */
  const recorded = new WeakMap<Transaction, { at: number; event: RecordedEvent }[]>();
  let waiting = 0;
  let told: Promise<void> = Promise.resolve();
  const omitted = new Map<ActivityObserver, number>();

  return {
    store: {
      ...store,
      // When no observer wants events, the store's own transactions are used.
      ...(ofEvents.length === 0 ? {} : { transaction: watchedTransaction }),
      async settle(settlements, checks) {
        const settled = await store.settle(settlements, checks);
        take(settlements, new Set(settled.refused));
        return settled;
      },
    },
    recordEvents: ofEvents.length === 0 ? record : recordWatched,
    told: () => told,
  };

  async function watchedTransaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    let happened: { at: number; event: RecordedEvent }[] = [];
    const value = await store.transaction((tx) => {
      // When the store runs the work again, discard what the first run recorded.
      happened = [];
      recorded.set(tx, happened);
      return work(tx);
    });
    for (const { at, event } of happened) for (const observer of ofEvents) tell(observer, recordedActivity(event, at));
    return value;
  }

  async function recordWatched(...[tx, drafts, recording]: Parameters<typeof record>): ReturnType<typeof record> {
    const events = await record(tx, drafts, recording);
    for (const event of events) recorded.get(tx)?.push({ at: recording.now, event });
    return events;
  }

  /** Queues the settlements that an observer wants, while there is room. */
  function take(settlements: readonly Settlement[], refused: ReadonlySet<string>): void {
    const wanted: Wanted[] = [];
    for (const settlement of settlements) {
      const { deliveryId, attempt, next } = settlement;
      // A delivery that was put off before it was sent is not reported. The set is nearly always empty. Checking that
      // first saves a lookup, for which V8 would add the id to its table of names.
      if ((refused.size > 0 && refused.has(deliveryId)) || (attempt === null && next.state !== "cancelled")) continue;
      const by = observers.filter((observer) => observer.wants(settlement));
      if (by.length === 0) continue;
      if (waiting + wanted.length < limits.activitiesWaiting) wanted.push({ settlement, by });
      else for (const observer of by) omit(observer, 1);
    }
    if (wanted.length === 0) return;
    waiting += wanted.length;
    told = told.then(() => tellOf(wanted)).catch(onBug);
  }

  /**
   * The activity is already stored: an observer that throws must not cause a failure, or prevent the others from
   * getting it.
   */
  function tell(observer: ActivityObserver, activity: Activity): void {
    try {
      observer.tell(activity);
    } catch (error) {
      onBug(error);
    }
  }

  function omit(observer: ActivityObserver, count: number): void {
    omitted.set(observer, (omitted.get(observer) ?? 0) + count);
  }

  async function tellOf(wanted: readonly Wanted[]): Promise<void> {
    const settlements = wanted.map(({ settlement }) => settlement);
    let described: (AttemptActivity | CancelledActivity | null)[];
    try {
      described = await store.read((reads) => describe(reads, settlements));
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      described = settlements.map(() => null);
    } finally {
      waiting -= wanted.length;
    }
    for (const [position, { by }] of wanted.entries()) {
      const activity = described[position] ?? null;
      for (const observer of by) {
        if (activity === null) omit(observer, 1);
        else tell(observer, activity);
      }
    }
    for (const [observer, count] of omitted) tell(observer, { kind: "omitted", count });
    omitted.clear();
  }
}

function recordedActivity({ id, type, accountId, livemode, pendingWebhooks }: RecordedEvent, at: number): Activity {
  return { kind: "event", at, event: id, type, account: accountId, livemode, owedTo: pendingWebhooks };
}

/** What observers receive for settlements; null for each whose delivery no longer exists. */
async function describe(reads: Reads, settlements: readonly Settlement[]): Promise<(AttemptActivity | CancelledActivity | null)[]> {
  const deliveries = await reads.deliveriesById(settlements.map(({ deliveryId }) => deliveryId));
  const endpoints = new Map<string, EndpointRow | null>();
  const described: (AttemptActivity | CancelledActivity | null)[] = [];
  for (const { deliveryId, endpointId, attempt, next } of settlements) {
    let endpoint = endpoints.get(endpointId);
    if (endpoint === undefined) {
      endpoint = await reads.endpoint(endpointId);
      endpoints.set(endpointId, endpoint);
    }
    const delivery = deliveries.get(deliveryId);
    if (delivery === undefined || endpoint === null) {
      described.push(null);
      continue;
    }
    const whose = {
      delivery: deliveryId,
      deliveryKind: delivery.kind,
      event: delivery.eventId,
      type: delivery.eventType,
      account: delivery.eventAccountId,
      livemode: delivery.eventLivemode,
      endpoint: endpointId,
      url: endpoint.url,
    };
    if (attempt === null) {
      described.push({ kind: "cancelled", at: delivery.settledAt ?? delivery.created, ...whose });
      continue;
    }
    const { at, number, durationMs, outcome, status, reason } = attempt;
    const nextAttemptAt = next.state === "pending" ? next.dueAt : null;
    described.push({ kind: "attempt", at, ...whose, number, durationMs, outcome, status, reason, state: next.state, nextAttemptAt });
  }
  return described;
}
