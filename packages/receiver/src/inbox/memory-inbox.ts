import { type ConnectionState, changeConnection } from "./connection-state.ts";
import {
  type AccountKey,
  type Arrival,
  type Claim,
  type ClaimRequest,
  type EventKey,
  type Inbox,
  InboxUnavailable,
  type Mark,
  type NewWork,
  type Settlement,
  type Stored,
  type WorkOfEvent,
  type WorkState,
} from "./inbox.ts";
import { inOrder, type Kept, objectKeyOf, objectOf, pendingWork, type Work, whenDue } from "./memory/kept-work.ts";
import { depthOf, workRows } from "./memory/lookup.ts";
import { MemoryAttempt } from "./memory/memory-attempt.ts";
import { MemoryClaim } from "./memory/memory-claim.ts";
import { NewestEntries } from "./memory/newest-entries.ts";
import { raisedMark } from "./raised-mark.ts";

export interface MemoryInboxOptions {
  /**
   * The maximum number of events. Default: 10,000. The oldest settled events make room; if none is settled, new events
   * are answered 503.
   */
  events?: number;
}

const EVENTS = 10_000;
/** How many times the number of kept events the removal list may hold before removed events are dropped from it. */
const LEAVING_PER_EVENT = 3;

/**
 * An inbox in this process's memory, for tests and experiments. It is not durable: unhandled events are lost when the
 * process ends. A failure is therefore answered 500, and the sender sends again. `tx` is null.
 */
export function memoryInbox({ events: most = EVENTS }: MemoryInboxOptions = {}): Inbox<null> {
  if (!Number.isInteger(most) || most < 1) throw new Error(`memoryInbox({ events: ${most} }): it must be a whole number of at least 1.`);
  const events = new Map<string, Kept>();
  const pending = pendingWork();
  const connections = new Map<string, ConnectionState>();
  // At least as many as events, and at most twice as many.
  const marks = new NewestEntries<Mark>(most);
  const notes = new NewestEntries<string>(most);
  /**
   * Events in the order in which they make room; the ones before `next` are used up. A retained event goes to the end
   * at its turn. (Finding a Map's oldest entry would pass over all entries deleted before it.)
   */
  let leaving: (Kept | null)[] = [];
  let next = 0;
  let numbers = 0;

  function connectionOf({ source, livemode, account }: EventKey): ConnectionState | null {
    // Most programs never see an account leave or come back, so no key is made for these.
    return account === null || connections.size === 0 ? null : (connections.get(accountKeyOf({ source, livemode, account })) ?? null);
  }

  function setState(work: Work, state: WorkState, at: number): void {
    if (work.state === "pending") pending.remove(work);
    work.state = state;
    work.leaseUntil = 0;
    work.settledAt = state === "pending" || state === "quarantined" ? null : at;
    if (state === "pending") pending.add(work);
  }

  function claimable(work: Work, now: number): boolean {
    if (work.state !== "pending" || work.dueAt > now || work.leaseUntil > now) return false;
    if (work.order === "any") return true;
    return !pending
      .siblings(work)
      .some((other) => other.leaseUntil > now || (inOrder(other.kept, work.kept) < 0 && (work.order === "serial" || other.dueAt <= now)));
  }

  function lease(work: Work, leaseUntil: number): Claim {
    work.leaseUntil = leaseUntil;
    work.fence++;
    work.attempts++;
    const { copies } = work.kept;
    const event = copies?.get(work.endpoint) ?? work.kept.event;
    const connection = connectionOf(event);
    return new MemoryClaim(work, event, {
      mark: work.order === "latest" ? (marks.get(objectKeyOf(work)) ?? null) : null,
      newerWaits: work.order === "latest" && pending.siblings(work).some(({ kept }) => kept.event.created > event.created),
      accountLeftAt: connection?.status === "deauthorized" ? connection.since : null,
    });
  }

  function workOf(claim: Claim): Work | null {
    const work = MemoryClaim.workOf(claim) ?? workOfCopy(claim);
    const holds = work?.state === "pending" && work.fence === claim.fence && work.handler === claim.handler && !work.kept.gone;
    return holds ? work : null;
  }

  function workOfCopy({ number, handler }: Claim): Work | undefined {
    for (const kept of events.values()) if (kept.number === number) return kept.work.find((one) => one.handler === handler);
    return undefined;
  }

  function setMark(key: string, mark: Mark): void {
    marks.set(key, raisedMark(marks.get(key) ?? null, mark));
  }

  function settle(claim: Claim, { at, next, error, counts, mark }: Settlement): boolean {
    const work = workOf(claim);
    if (work === null) return false;
    if (!counts) work.attempts--;
    work.error = error;
    // A claim is valid for one settlement.
    work.fence++;
    if (next.state === "pending") {
      work.leaseUntil = 0;
      pending.reschedule(work, next.dueAt);
    } else {
      work.forced = false;
      setState(work, next.state, at);
    }
    if (mark !== null) setMark(objectKeyOf(work), mark);
    return true;
  }

  function addWork(kept: Kept, given: NewWork, endpoint: string, state: WorkState): Work {
    const work = newWork(kept, given, endpoint, state);
    kept.work.push(work);
    return work;
  }

  function newWork(kept: Kept, given: NewWork, endpoint: string, state: WorkState): Work {
    const { handler, order, orderKey, dueAt } = given;
    const work: Work = {
      handler,
      order,
      orderKey,
      dueAt,
      kept,
      endpoint,
      state,
      attempts: 0,
      leaseUntil: 0,
      fence: 0,
      forced: false,
      error: null,
      settledAt: null,
    };
    if (state === "pending") pending.add(work);
    return work;
  }

  /** Older waiting work of the same object is stale once this event is stored. */
  function coalesce(work: Work, at: number): void {
    if (work.order !== "latest") return;
    for (const other of pending.siblings(work)) {
      if (other.kept.event.created < work.kept.event.created && other.leaseUntil <= at && !other.forced) setState(other, "stale", at);
    }
  }

  function free(key: AccountKey, since: number, at: number): number {
    let released = 0;
    for (const { event, work } of events.values()) {
      if (event.account !== key.account || event.livemode !== key.livemode || event.source !== key.source || event.created < since)
        continue;
      for (const one of work) {
        if (one.state !== "quarantined") continue;
        one.dueAt = at;
        setState(one, "pending", at);
        released++;
      }
    }
    return released;
  }

  function leave(key: AccountKey, leftAt: number, at: number): number {
    let cancelled = 0;
    for (const work of pending.handlers().flatMap((handler) => [...pending.of(handler)])) {
      const { event, tellsConnection } = work.kept;
      if (tellsConnection || event.account !== key.account || event.livemode !== key.livemode || event.source !== key.source) continue;
      if (work.leaseUntil > at || work.forced) continue;
      setState(work, event.created <= leftAt ? "cancelled" : "quarantined", at);
      cancelled++;
    }
    return cancelled;
  }

  /** Makes room for one more event: removes the oldest settled one. */
  function makeRoom(): void {
    if (leaving.length > most * LEAVING_PER_EVENT) {
      leaving = [...events.values()];
      next = 0;
    }
    if (events.size < most) return;
    for (let left = leaving.length - next; left > 0; left--) {
      const kept = leaving[next] ?? null;
      leaving[next++] = null;
      if (kept === null || kept.gone) continue;
      if (kept.work.some(({ state }) => isHeld(state))) {
        leaving.push(kept);
        continue;
      }
      forget(kept);
      return;
    }
    throw new InboxUnavailable(`The memory inbox holds ${most} events, and all of them are waiting to be handled`);
  }

  function forget(kept: Kept): void {
    events.delete(kept.key);
    kept.gone = true;
  }

  function duplicate(known: Kept, { event, work, lease: asked }: Arrival, retryDuplicate: boolean): Stored {
    const at = asked?.now ?? event.receivedAt;
    const missing =
      event.endpoint === known.event.endpoint || known.copies?.has(event.endpoint) === true
        ? []
        : work.filter(({ handler }) => !known.work.some((one) => one.handler === handler));
    const gone = !known.tellsConnection && connectionOf(event)?.status === "deauthorized";
    if (missing.length > 0) known.copies = (known.copies ?? new Map()).set(event.endpoint, event);
    const added = missing.map((one) => addWork(known, one, event.endpoint, gone ? "quarantined" : "pending"));
    for (const one of added) if (!gone) coalesce(one, at);
    const waiting = known.work.filter(({ state }) => state === "pending");
    if (retryDuplicate) for (const one of waiting) if (one.leaseUntil <= at) pending.reschedule(one, Math.min(one.dueAt, at));
    const claims = leaseAll(retryDuplicate ? waiting : added, asked);
    return { outcome: "duplicate", claims, waiting: waiting.length, added: added.length, knownType: known.event.type };
  }

  function store(arrival: Arrival, retryDuplicate: boolean): Stored {
    const { event, work, connection, tieGoesTo, lease: asked } = arrival;
    const at = asked?.now ?? event.receivedAt;
    const eventKey = keyOf(event);
    const known = events.get(eventKey);
    if (known !== undefined) return duplicate(known, arrival, retryDuplicate);
    makeRoom();

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
        else released = free(key, event.created, at);
      }
    }
    const kept: Kept = {
      key: eventKey,
      number: ++numbers,
      event,
      copies: null,
      tellsConnection: connection !== null,
      work: NO_WORK,
      gone: false,
    };
    events.set(eventKey, kept);
    leaving.push(kept);
    const gone = connection === null && connectionOf(event)?.status === "deauthorized";
    const added = work.map((one) => newWork(kept, one, event.endpoint, gone ? "quarantined" : "pending"));
    kept.work = added;
    if (gone) return { outcome: "quarantined" };
    for (const one of added) coalesce(one, at);
    const claims = leaseAll(added, asked);
    return { outcome: "stored", claims, waiting: added.length - claims.length, connected, cancelled, released };
  }

  function workOfEvent({ eventId, handler, account, livemode }: WorkOfEvent): Work[] {
    return [...events.values()]
      .filter(
        ({ event }) =>
          event.id === eventId && (account === undefined || event.account === account) && (livemode ?? event.livemode) === event.livemode,
      )
      .flatMap(({ work }) => work.filter((one) => handler === undefined || one.handler === handler));
  }

  function leaseAll(works: readonly Work[], asked: Arrival["lease"]): Claim[] {
    if (asked === null) return [];
    const claims: Claim[] = [];
    for (const work of works) if (claimable(work, asked.now)) claims.push(lease(work, asked.leaseUntil));
    return claims;
  }

  function claimableOf(handler: string, most: number, now: number): Work[] {
    const found: Work[] = [];
    for (const work of pending.of(handler)) {
      if (work.dueAt > now || found.length >= most) break;
      if (claimable(work, now)) found.push(work);
    }
    return found;
  }

  const trying = { notes, settle };

  return {
    kind: "memory",
    durable: false,
    most: null,
    async prepare() {
      // There are no tables to create.
    },
    time: async () => null,
    store: (arrival, options) => store(arrival, options?.retryDuplicate === true),
    async claim({ now, leaseUntil, limit, handlers }: ClaimRequest) {
      const due = handlers.flatMap(({ handler, limit: share }) => claimableOf(handler, share, now)).sort(whenDue);
      const claims: Claim[] = [];
      for (const work of due) {
        if (claims.length === limit) break;
        // One that was just claimed may stand before it.
        if (claimable(work, now)) claims.push(lease(work, leaseUntil));
      }
      return claims;
    },
    begin: (claim) => (workOf(claim) === null ? null : new MemoryAttempt(claim, trying)),
    renew(claim, leaseUntil) {
      const work = workOf(claim);
      if (work !== null) work.leaseUntil = leaseUntil;
      return work !== null;
    },
    settle,
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
      for (const handler of handlers) {
        for (const { dueAt, leaseUntil } of pending.of(handler)) {
          next = Math.min(next ?? Number.POSITIVE_INFINITY, Math.max(dueAt, leaseUntil));
          // Later entries are due no sooner.
          if (leaseUntil <= dueAt) break;
        }
      }
      return next;
    },
    async event(key) {
      return events.get(keyOf(key))?.event ?? null;
    },
    async eventsById(id) {
      return [...events.values()].filter(({ event }) => event.id === id).map(({ event }) => event);
    },
    work: async (filter) => workRows([...events.values()].reverse(), filter),
    async replay(key, work) {
      const kept = events.get(keyOf(key));
      if (kept === undefined) return 0;
      let replayed = 0;
      for (const given of work) {
        const known = kept.work.find(({ handler }) => handler === given.handler);
        if (known !== undefined && known.state === "pending" && known.leaseUntil > given.dueAt) continue;
        const one = known ?? addWork(kept, given, kept.event.endpoint, "pending");
        if (one.state === "pending") pending.remove(one);
        // Remove it from the list while its sort key changes.
        one.state = "done";
        Object.assign(one, given, { attempts: 0, error: null, forced: true, fence: one.fence + 1 });
        setState(one, "pending", given.dueAt);
        replayed++;
      }
      return replayed;
    },
    async replayDead({ now, limit, handlers, type, since = Number.NEGATIVE_INFINITY, dryRun = false }) {
      let replayed = 0;
      for (const { event, work } of events.values()) {
        if (type !== undefined && event.type !== type) continue;
        for (const one of work) {
          if (replayed === limit) return replayed;
          if (one.state !== "dead" || !handlers.includes(one.handler) || (one.settledAt ?? 0) < since) continue;
          replayed++;
          if (dryRun) continue;
          Object.assign(one, { dueAt: now, attempts: 0 });
          setState(one, "pending", now);
        }
      }
      return replayed;
    },
    async retry(which, now) {
      let retried = 0;
      for (const one of workOfEvent(which)) {
        const waits = one.state === "pending" && one.leaseUntil <= now;
        if (one.state !== "dead" && !waits) continue;
        retried++;
        if (waits) pending.reschedule(one, Math.min(one.dueAt, now));
        else {
          Object.assign(one, { dueAt: now, attempts: 0 });
          setState(one, "pending", now);
        }
      }
      return retried;
    },
    async discard(which, now) {
      let discarded = 0;
      for (const one of workOfEvent(which)) {
        if (!isHeld(one.state) || one.leaseUntil > now) continue;
        discarded++;
        one.fence++;
        setState(one, "discarded", now);
      }
      return discarded;
    },
    async adopt({ from, to, now, limit }) {
      let adopted = 0;
      for (const { work } of events.values()) {
        for (const one of [...work]) {
          if (one.handler !== from || (one.state === "pending" && one.leaseUntil > now)) continue;
          if (adopted === limit) return adopted;
          const has = work.some(({ handler }) => handler === to);
          if (one.state === "pending") pending.remove(one);
          if (has) work.splice(work.indexOf(one), 1);
          else {
            one.handler = to;
            if (one.state === "pending") pending.add(one);
          }
          adopted++;
        }
      }
      for (const [key, mark] of marks.entries()) {
        const { handler, orderKey } = objectOf(key);
        if (handler !== from) continue;
        marks.delete(key);
        setMark(objectKeyOf({ handler: to, orderKey }), mark);
      }
      return adopted;
    },
    async prune({ now, receivedBefore, deadBefore, quarantinedBefore, orphanedBefore, handlers, markedBefore, limit }) {
      const pruned = { events: 0, dead: 0, quarantined: 0, orphaned: 0, marks: 0 };
      const discard = (what: "dead" | "quarantined" | "orphaned", one: Work): void => {
        if (pruned[what] === limit) return;
        pruned[what]++;
        setState(one, "discarded", now);
      };
      for (const kept of events.values()) {
        for (const one of kept.work) {
          if (one.state === "dead" && deadBefore !== null && (one.settledAt ?? 0) < deadBefore) discard("dead", one);
          if (one.state === "quarantined" && quarantinedBefore !== null && kept.event.receivedAt < quarantinedBefore)
            discard("quarantined", one);
          const orphaned = one.state === "pending" && one.leaseUntil <= now && !handlers.includes(one.handler);
          if (orphaned && orphanedBefore !== null && one.dueAt < orphanedBefore) discard("orphaned", one);
        }
        if (pruned.events === limit || kept.event.receivedAt >= receivedBefore) continue;
        if (kept.work.some(({ state }) => isHeld(state))) continue;
        forget(kept);
        pruned.events++;
      }
      for (const [key, { created }] of marks.entries()) {
        if (markedBefore === null || pruned.marks === limit) break;
        if (created >= markedBefore) continue;
        marks.delete(key);
        pruned.marks++;
      }
      return pruned;
    },
    async authorize(key, at, insists = false) {
      const known = connections.get(accountKeyOf(key)) ?? null;
      const since = insists ? Math.max(at, known?.since ?? at) : at;
      if (changeConnection(known, "authorized", since, "authorized") !== "applies") return { applied: false, released: 0 };
      connections.set(accountKeyOf(key), { status: "authorized", since });
      return { applied: true, released: free(key, insists ? (known?.since ?? at) : at, at) };
    },
    depth: async (request) => depthOf(events.values(), request),
    async close() {
      // There is nothing to close.
    },
  };
}

/**
 * The key of an event. No part can contain the separator, because such an event is refused: databases cannot store it.
 */
function keyOf({ source, livemode, account, id }: EventKey): string {
  return `${accountKeyOf({ source, livemode, account: account ?? "" })}${SEPARATOR}${id}`;
}

function accountKeyOf({ source, livemode, account }: AccountKey): string {
  return `${source}${SEPARATOR}${livemode ? "live" : "test"}${SEPARATOR}${account}`;
}

const SEPARATOR = "\0";

/** Never written to: an event with entries gets its own list. */
const NO_WORK: Work[] = [];

/** Whether an event with work in this state is kept regardless of age. */
function isHeld(state: WorkState): boolean {
  return state === "pending" || state === "dead" || state === "quarantined";
}
