import { type ConnectionState, changeConnection } from "./connection-state.ts";
import type {
  AccountKey,
  Arrival,
  Attempt,
  Claim,
  ClaimRequest,
  Depth,
  EventKey,
  Inbox,
  InboxEvent,
  Mark,
  NewWork,
  Settlement,
  Stored,
  WorkRow,
  WorkState,
} from "./inbox.ts";

interface Kept {
  number: number;
  event: InboxEvent;
  connection: boolean;
  work: Work[];
}

interface Work extends NewWork {
  kept: Kept;
  state: WorkState;
  attempts: number;
  leaseUntil: number;
  fence: number;
  forced: boolean;
  error: string | null;
  settledAt: number | null;
}

/**
 * An inbox in this process's memory, for tests and for trying things out. It is not durable: what was not handled when the process ends is
 * lost, so a failure is answered 500 and the sender sends again. `tx` is null.
 */
export function memoryInbox(): Inbox<null> {
  const events = new Map<string, Kept>();
  const pending = new Set<Work>();
  const connections = new Map<string, ConnectionState>();
  const marks = new Map<string, Mark>();
  const notes = new Map<string, string>();
  let numbers = 0;

  const keyOf = ({ source, livemode, account, id }: EventKey): string => JSON.stringify([source, livemode, account, id]);
  const accountKeyOf = ({ source, livemode, account }: AccountKey): string => JSON.stringify([source, livemode, account]);
  const objectKeyOf = ({ handler, orderKey }: Pick<NewWork, "handler" | "orderKey">): string => JSON.stringify([handler, orderKey]);

  function connectionOf({ source, livemode, account }: EventKey): ConnectionState | null {
    return account === null ? null : (connections.get(accountKeyOf({ source, livemode, account })) ?? null);
  }

  function setState(work: Work, state: WorkState, at: number): void {
    work.state = state;
    work.leaseUntil = 0;
    if (state === "pending") {
      work.settledAt = null;
      pending.add(work);
    } else {
      work.settledAt = state === "quarantined" ? null : at;
      pending.delete(work);
    }
  }

  function siblings(work: Work): Work[] {
    const sisters: Work[] = [];
    for (const other of pending)
      if (other !== work && other.handler === work.handler && other.orderKey === work.orderKey) sisters.push(other);
    return sisters;
  }

  function claimable(work: Work, now: number): boolean {
    if (work.state !== "pending" || work.dueAt > now || work.leaseUntil > now) return false;
    if (work.order === "any") return true;
    return !siblings(work).some(
      (other) => other.leaseUntil > now || (before(other.kept, work.kept) && (work.order === "serial" || other.dueAt <= now)),
    );
  }

  function lease(work: Work, leaseUntil: number): Claim {
    work.leaseUntil = leaseUntil;
    work.fence++;
    work.attempts++;
    const { event, number } = work.kept;
    const connection = connectionOf(event);
    return {
      number,
      handler: work.handler,
      fence: work.fence,
      leaseUntil,
      attempt: work.attempts,
      order: work.order,
      orderKey: work.orderKey,
      forced: work.forced,
      event,
      mark: marks.get(objectKeyOf(work)) ?? null,
      newerWaits: siblings(work).some(({ kept }) => kept.event.created > event.created),
      accountLeftAt: connection?.status === "deauthorized" ? connection.since : null,
    };
  }

  function workOf(claim: Claim): Work | null {
    for (const work of pending)
      if (work.kept.number === claim.number && work.handler === claim.handler) return work.fence === claim.fence ? work : null;
    return null;
  }

  function settle(claim: Claim, { at, next, error, counts, mark }: Settlement): boolean {
    const work = workOf(claim);
    if (work === null) return false;
    if (!counts) work.attempts--;
    work.error = error;
    // A claim is good for one settlement.
    work.fence++;
    setState(work, next.state, at);
    if (next.state === "pending") work.dueAt = next.dueAt;
    else work.forced = false;
    if (mark !== null) {
      const known = marks.get(objectKeyOf(work));
      marks.set(objectKeyOf(work), {
        created: Math.max(mark.created, known?.created ?? mark.created),
        ended: mark.ended || known?.ended === true,
      });
    }
    return true;
  }

  function addWork(kept: Kept, given: NewWork, state: WorkState): Work {
    const work: Work = { ...given, kept, state, attempts: 0, leaseUntil: 0, fence: 0, forced: false, error: null, settledAt: null };
    kept.work.push(work);
    if (state === "pending") pending.add(work);
    return work;
  }

  /** Older work of the same object that waits is needless once this is there. */
  function coalesce(work: Work, at: number): void {
    if (work.order !== "latest") return;
    for (const other of siblings(work)) {
      if (other.kept.event.created < work.kept.event.created && other.leaseUntil <= at && !other.forced) setState(other, "stale", at);
    }
  }

  function release(key: AccountKey, since: number, at: number): number {
    let released = 0;
    for (const { event, work } of events.values()) {
      if (event.account !== key.account || event.livemode !== key.livemode || event.source !== key.source || event.created < since)
        continue;
      for (const one of work) {
        if (one.state !== "quarantined") continue;
        setState(one, "pending", at);
        one.dueAt = at;
        released++;
      }
    }
    return released;
  }

  function leave(key: AccountKey, leftAt: number, at: number): number {
    let cancelled = 0;
    for (const work of [...pending]) {
      const { event, connection } = work.kept;
      if (connection || event.account !== key.account || event.livemode !== key.livemode || event.source !== key.source) continue;
      if (work.leaseUntil > at || work.forced) continue;
      setState(work, event.created <= leftAt ? "cancelled" : "quarantined", at);
      cancelled++;
    }
    return cancelled;
  }

  function store(arrival: Arrival, retryDuplicate: boolean): Stored {
    const { event, work, connection, tieGoesTo, lease: asked } = arrival;
    const at = asked?.now ?? event.receivedAt;
    const known = events.get(keyOf(event));
    if (known !== undefined) {
      const waiting = known.work.filter(({ state }) => state === "pending");
      if (!retryDuplicate) return { outcome: "duplicate", claims: [], waiting: waiting.length };
      for (const one of waiting) if (one.leaseUntil <= at) one.dueAt = Math.min(one.dueAt, at);
      return { outcome: "duplicate", claims: leaseAll(waiting, asked), waiting: waiting.length };
    }

    let connected: boolean | null = null;
    let cancelled = 0;
    let released = 0;
    if (connection !== null) {
      const key = { source: event.source, livemode: event.livemode, account: connection.account };
      const change = changeConnection(connections.get(accountKeyOf(key)) ?? null, connection.to, event.created, tieGoesTo);
      if (change === "tied") return { outcome: "tied" };
      connected = change === "applies";
      if (connected) {
        connections.set(accountKeyOf(key), { status: connection.to, since: event.created });
        if (connection.to === "deauthorized") cancelled = leave(key, event.created, at);
        else released = release(key, event.created, at);
      }
    }
    const kept: Kept = { number: ++numbers, event, connection: connection !== null, work: [] };
    events.set(keyOf(event), kept);
    if (connection === null && connectionOf(event)?.status === "deauthorized") {
      for (const one of work) addWork(kept, one, "quarantined");
      return { outcome: "quarantined" };
    }
    const added = work.map((one) => addWork(kept, one, "pending"));
    for (const one of added) coalesce(one, at);
    const claims = leaseAll(added, asked);
    return { outcome: "stored", claims, waiting: added.length - claims.length, connected, cancelled, released };
  }

  function leaseAll(works: readonly Work[], asked: Arrival["lease"]): Claim[] {
    if (asked === null) return [];
    const claims: Claim[] = [];
    for (const work of works) if (claimable(work, asked.now)) claims.push(lease(work, asked.leaseUntil));
    return claims;
  }

  return {
    kind: "memory",
    durable: false,
    triesAtOnce: null,
    async prepare() {
      // There are no tables to make.
    },
    async store(arrival, options) {
      return store(arrival, options?.retryDuplicate === true);
    },
    async claim({ now, leaseUntil, limit, handlers }: ClaimRequest) {
      const due = [...pending]
        .filter((work) => work.dueAt <= now && work.leaseUntil <= now && handlers.includes(work.handler))
        .sort((one, other) => one.dueAt - other.dueAt || order(one.kept, other.kept));
      const claims: Claim[] = [];
      for (const work of due) {
        if (claims.length === limit) break;
        if (claimable(work, now)) claims.push(lease(work, leaseUntil));
      }
      return claims;
    },
    async begin(claim) {
      return workOf(claim) === null ? null : memoryAttempt(claim);
    },
    async renew(claim, leaseUntil) {
      const work = workOf(claim);
      if (work !== null) work.leaseUntil = leaseUntil;
      return work !== null;
    },
    async settle(claim, settlement) {
      return settle(claim, settlement);
    },
    async release(claims) {
      for (const claim of claims) {
        const work = workOf(claim);
        if (work === null) continue;
        work.leaseUntil = 0;
        work.attempts--;
        work.fence++;
      }
    },
    async nextDueAt(handlers) {
      let next: number | null = null;
      for (const { handler, dueAt, leaseUntil } of pending) {
        if (handlers.includes(handler)) next = Math.min(next ?? Number.POSITIVE_INFINITY, Math.max(dueAt, leaseUntil));
      }
      return next;
    },
    async event(key) {
      return events.get(keyOf(key))?.event ?? null;
    },
    async eventsById(id) {
      return [...events.values()].filter(({ event }) => event.id === id).map(({ event }) => event);
    },
    async work(filter) {
      const rows: WorkRow[] = [];
      for (const { event, work } of [...events.values()].reverse()) {
        for (const { handler, state, attempts, dueAt, error, settledAt } of work) {
          if (rows.length === filter.limit) return rows;
          if (filter.state !== undefined && filter.state !== state) continue;
          if (filter.handler !== undefined && filter.handler !== handler) continue;
          if (filter.eventId !== undefined && filter.eventId !== event.id) continue;
          if (filter.account !== undefined && filter.account !== event.account) continue;
          if (filter.livemode !== undefined && filter.livemode !== event.livemode) continue;
          const { source, livemode, account, id, type, endpoint, created, receivedAt } = event;
          rows.push({
            event: { source, livemode, account, id, type, endpoint, created, receivedAt },
            handler,
            state,
            attempts,
            dueAt,
            error,
            settledAt,
          });
        }
      }
      return rows;
    },
    async replay(key, work) {
      const kept = events.get(keyOf(key));
      if (kept === undefined) return 0;
      let replayed = 0;
      for (const given of work) {
        const known = kept.work.find(({ handler }) => handler === given.handler);
        if (known !== undefined && known.state === "pending" && known.leaseUntil > given.dueAt) continue;
        const one = known ?? addWork(kept, given, "pending");
        Object.assign(one, given, { attempts: 0, error: null, forced: true, fence: one.fence + 1 });
        setState(one, "pending", given.dueAt);
        replayed++;
      }
      return replayed;
    },
    async replayDead({ now, limit, handlers }) {
      let replayed = 0;
      for (const { work } of events.values()) {
        for (const one of work) {
          if (replayed === limit) return replayed;
          if (one.state !== "dead" || !handlers.includes(one.handler)) continue;
          setState(one, "pending", now);
          Object.assign(one, { dueAt: now, attempts: 0 });
          replayed++;
        }
      }
      return replayed;
    },
    async prune({ receivedBefore, limit }) {
      let pruned = 0;
      for (const [key, { event, work }] of events) {
        if (pruned === limit) break;
        if (event.receivedAt >= receivedBefore) continue;
        if (work.some(({ state }) => state === "pending" || state === "dead" || state === "quarantined")) continue;
        events.delete(key);
        pruned++;
      }
      return pruned;
    },
    async authorize(key, at) {
      if (changeConnection(connections.get(accountKeyOf(key)) ?? null, "authorized", at, "authorized") !== "applies")
        return { applied: false, released: 0 };
      connections.set(accountKeyOf(key), { status: "authorized", since: at });
      return { applied: true, released: release(key, at, at) };
    },
    async depth() {
      const depth: Depth = {
        work: { pending: 0, done: 0, dead: 0, discarded: 0, stale: 0, cancelled: 0, quarantined: 0 },
        oldestPendingAt: null,
      };
      for (const { event, work } of events.values()) {
        for (const { state } of work) {
          depth.work[state]++;
          if (state === "pending") depth.oldestPendingAt = Math.min(depth.oldestPendingAt ?? event.receivedAt, event.receivedAt);
        }
      }
      return depth;
    },
    async close() {
      // Nothing is held open.
    },
  };

  function memoryAttempt(claim: Claim): Attempt<null> {
    const changed = new Map<string, string | null>();
    let over = false;
    return {
      tx: null,
      async note(key) {
        return changed.has(key) ? (changed.get(key) ?? null) : (notes.get(key) ?? null);
      },
      async setNote(key, value) {
        changed.set(key, value);
      },
      async commit(settlement) {
        if (over || !settle(claim, settlement)) return false;
        over = true;
        for (const [key, value] of changed) {
          if (value === null) notes.delete(key);
          else notes.set(key, value);
        }
        return true;
      },
      async rollback() {
        over = true;
      },
      async abandon() {
        over = true;
      },
    };
  }
}

function before(one: Kept, other: Kept): boolean {
  return order(one, other) < 0;
}

/** By the time they were created, then by their place in an object's life, then by arrival. */
function order(one: Kept, other: Kept): number {
  return one.event.created - other.event.created || one.event.rank - other.event.rank || one.number - other.number;
}
