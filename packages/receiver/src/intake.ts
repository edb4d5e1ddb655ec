import { apiFailure } from "./api-failure.ts";
import { ArrivedEvent } from "./arrived-event.ts";
import type { Worked } from "./claim-batch.ts";
import type { Clock } from "./clock.ts";
import { AUTHORIZED, connectionAfter, THIN_AUTHORIZED } from "./connection-events.ts";
import type { EndpointTable } from "./endpoints.ts";
import type { Fresh } from "./fetch-fresh.ts";
import type { Arrival, ConnectionChange, DecideTie, Inbox, InboxEvent, Stored } from "./inbox/inbox.ts";
import { InboxUnavailable } from "./inbox/inbox.ts";
import type { Limits } from "./limits.ts";
import { errorText, messageOf, presentable, sentence } from "./presentable.ts";
import type { Addressed, Registrations } from "./registrations.ts";
import type { Received, Report } from "./report.ts";
import { routeArrival } from "./route-arrival.ts";
import { isPending, type Soon, whenReady } from "./soon.ts";
import type { StripeClient } from "./stripe-client.ts";
import type { ReadEvent } from "./verify/read-event.ts";
import type { Worker } from "./worker.ts";

/** The result of taking an event in. */
export type Taken = TakenIn | { ok: false; says: string };

interface TakenIn {
  ok: true;
  outcome: Received["outcome"];
  /** Resolves when its handlers have returned, or were left to other processes. Recording that may remain. */
  returned: Soon<unknown>;
  /** Whether its handlers succeeded. Never rejects. */
  finished: Soon<boolean>;
  /** Whether its handlers have begun. Handlers that wait for others do not delay the answer. */
  begun: boolean;
  /** Whether the sender must be notified when they fail. */
  mustSucceed: boolean;
}

/** Takes in verified events: admits, routes and stores them, and has their handlers called. */
export interface Intake {
  /**
   * `endpoints`: those whose secret matches; if there are several, the event's account decides. `parsed`: the parsed
   * body, if available. `now`: false leaves the handlers to the workers.
   */
  take(event: ReadEvent, endpoints: readonly string[], parsed: object | null, now?: boolean): Soon<Taken>;
  /** Decides events that a process left undecided when it ended. */
  decideTie: DecideTie;
}

export interface IntakeParts<Tx> {
  endpoints: EndpointTable;
  livemode: boolean | "both";
  scopeMismatch: "hold" | "route";
  inbox: Inbox<Tx>;
  /** Resolves when the inbox is ready. */
  ready(): Soon<void>;
  registrations: Registrations<Tx>;
  worker: Worker;
  /** Logs once which method to call if no worker runs in the background. */
  sayWhoWorks(): void;
  fresh: Fresh<StripeClient>;
  clock: Clock;
  limits: Limits;
  report(report: Report): void;
}

/** An event on its way into the inbox. */
interface Arrived {
  arrival: Arrival;
  addressed: Addressed;
  /** Why it does not fit the endpoint that it came to; null when it fits. */
  mismatch: string | null;
  /** Whether this process handles it at once. */
  now: boolean;
}

export function createIntake<Tx>(parts: IntakeParts<Tx>): Intake {
  const { endpoints, inbox, registrations, worker, clock, limits, report } = parts;

  const options = { retryDuplicate: !inbox.durable };
  const hinted = new Set<string>();

  type Kept = Exclude<Stored, { outcome: "spooled" } | { outcome: "tied" }>;
  type Storing = Kept | { outcome: "spooled"; later: Promise<Kept> };

  /** Stores an arrival. If another writer holds the inbox, it is kept beside it; `later` resolves to the outcome. */
  function store(arrival: Arrival): Soon<Storing> {
    const ready = parts.ready();
    const stored = isPending(ready) ? ready.then(() => inbox.store(arrival, options)) : inbox.store(arrival, options);
    return isPending(stored) ? stored.then((one) => storedOr(arrival, one)) : storedOr(arrival, stored);
  }

  function storedOr(arrival: Arrival, stored: Stored): Soon<Storing> {
    if (stored.outcome === "tied") return decided(arrival, stored);
    if (stored.outcome !== "spooled") return stored;
    return { outcome: "spooled", later: stored.later.then((one) => decided(arrival, one)) };
  }

  async function decided(arrival: Arrival, stored: Kept | { outcome: "tied" }): Promise<Kept> {
    if (stored.outcome !== "tied") return stored;
    const again = await inbox.store({ ...arrival, tieGoesTo: await decideTie(arrival) }, options);
    if (again.outcome === "tied") throw new Error("bug: a tie was decided, and then was not one");
    return again.outcome === "spooled" ? decided(arrival, await again.later) : again;
  }

  /** The account left and came back in the same second. Whether the API can reach it decides. */
  async function decideTie(arrival: Arrival): Promise<"authorized" | "deauthorized"> {
    const tieGoesTo = (await stillConnected(arrival)) ? "authorized" : "deauthorized";
    report({
      kind: "trouble",
      says: `${arrival.event.type} ${arrival.event.id} has the same second as the opposite event of ${arrival.connection?.account}; it counts as ${tieGoesTo}.`,
    });
    return tieGoesTo;
  }

  async function stillConnected({ event, connection }: Arrival): Promise<boolean> {
    if (connection === null || !parts.fresh.has(event.livemode)) return false;
    try {
      await parts.fresh.get(`/v1/accounts/${encodeURIComponent(connection.account)}`, event.livemode, {});
      return true;
    } catch (error) {
      const status = (error as { statusCode?: unknown }).statusCode;
      if (status === 403 || status === 404) return false;
      // Any other failure says nothing about the account, and must not cancel what waits for it.
      const says = `the API does not tell whether ${connection.account} is still connected (${apiFailure(error)})`;
      throw new InboxUnavailable(says, { cause: error });
    }
  }

  return {
    decideTie,
    take(read, endpointNames, parsed, now = true) {
      const { thin } = read;
      const { endpoint, lanes, mismatch } = routeArrival(read, endpointNames, parts);
      const receivedAt = clock.now();
      const event = new ArrivedEvent(read, { source: endpoints.get(endpoint).source, endpoint, receivedAt }, parsed);
      if (parts.livemode !== "both" && event.livemode !== parts.livemode) {
        tell(event, "wrong_mode");
        return settled("wrong_mode");
      }
      const held = lanes.length === 0;
      const addressed: Addressed = { type: event.type, thin, lanes, connect: !held && endpoints.get(endpoint).connect };
      const work = held ? NO_WORK : registrations.work(event, addressed, receivedAt);
      const room = now ? worker.reserve(work.length, !inbox.durable) : null;
      const arrival: Arrival = {
        event,
        work,
        connection: held ? null : connectionChange(event),
        tieGoesTo: null,
        lease: room === null ? null : { now: receivedAt, leaseUntil: receivedAt + registrations.longestTimeoutMs() + limits.leaseMarginMs },
      };
      const arrived: Arrived = { arrival, addressed, mismatch, now };
      let storing: Soon<Storing>;
      try {
        storing = store(arrival);
      } catch (error) {
        room?.giveBack();
        return notStored(error);
      }
      if (!isPending(storing)) {
        room?.giveBack();
        return afterStoring(storing, arrived);
      }
      return storing.then(
        (stored) => {
          room?.giveBack();
          return afterStoring(stored, arrived);
        },
        (error: unknown) => {
          room?.giveBack();
          return notStored(error);
        },
      );
    },
  };

  function tell(event: InboxEvent, outcome: Received["outcome"], says?: string): void {
    const { id, type, account, livemode, endpoint } = event;
    const received: Received = {
      kind: "received",
      outcome,
      event: { id, type, account, livemode, endpoint },
      ageMs: event.receivedAt - event.created,
    };
    report(says === undefined ? received : { ...received, says });
  }

  function notStored(error: unknown): Taken {
    if (!(error instanceof InboxUnavailable)) report({ kind: "trouble", says: `bug: ${errorText(presentable(error))}`, error });
    return {
      ok: false,
      says: `The ${inbox.kind} inbox cannot store the event: ${sentence(messageOf(error))} The sender will send it again.`,
    };
  }

  function afterStoring(stored: Storing, arrived: Arrived): TakenIn {
    if (stored.outcome !== "spooled") return goOn(stored, arrived, true);
    const { event } = arrived.arrival;
    tell(event, "stored");
    const finished = stored.later.then(
      (kept) => goOn(kept, arrived).finished,
      (error: unknown) => {
        report({
          kind: "trouble",
          says: `${event.id} is stored beside the ${inbox.kind} inbox, and will be moved into it later: ${messageOf(error)}`,
          error,
        });
        return false;
      },
    );
    return { ok: true, outcome: "stored", returned: finished, finished, begun: false, mustSucceed: false };
  }

  /** Continues after storing. `first`: the arrival has not been reported yet. */
  function goOn(kept: Kept, { arrival: { event, work }, addressed, mismatch, now }: Arrived, first = false): TakenIn {
    switch (kept.outcome) {
      case "quarantined":
        tell(
          event,
          "quarantined",
          `its account has disconnected, so it waits for the account's return. If the account is connected, subscribe to ${addressed.thin ? THIN_AUTHORIZED : AUTHORIZED}, or call authorized().`,
        );
        return settled("quarantined");
      case "duplicate": {
        // It came to another endpoint earlier, which has different handlers.
        const outcome = kept.added > 0 ? "stored" : "duplicate";
        const otherType =
          kept.knownType === event.type
            ? undefined
            : `this event was first received as ${kept.knownType}, and now as ${event.type}. The first one counts: an id stands for one event.`;
        if (first) tell(event, outcome, otherType);
        if (kept.added > kept.claims.length) worker.leftWork(work);
        return runAll(kept.claims, outcome);
      }
      case "stored": {
        if (kept.connected !== null) tellOfConnection(event, kept);
        const outcome = addressed.lanes.length === 0 ? "mismatched" : work.length === 0 ? "unhandled" : "stored";
        if (first) tell(event, outcome, mismatch ?? (outcome === "unhandled" ? payloadHint(addressed) : undefined));
        if (kept.released > 0) worker.leftWork();
        else if (kept.waiting > 0) worker.leftWork(work.filter(({ handler }) => !kept.claims.some((claim) => claim.handler === handler)));
        if (kept.waiting > 0 && now) parts.sayWhoWorks();
        return runAll(kept.claims, outcome);
      }
    }
  }

  function runAll(claims: Parameters<Worker["run"]>[0], outcome: Received["outcome"]): TakenIn {
    if (claims.length === 0) return settled(outcome);
    const { begun, returned, ended } = worker.run(claims);
    return { ok: true, outcome, returned, finished: whenReady(ended, haveSucceeded), begun, mustSucceed: !inbox.durable };
  }

  function haveSucceeded(outcomes: readonly Worked[]): boolean {
    if (outcomes.some((one) => one === "retry" || one === "deferred")) parts.sayWhoWorks();
    return !outcomes.some((one) => FAILED.has(one));
  }

  /** Reports why no handler gets an event with the wrong kind of payload, once for a type and its lanes. */
  function payloadHint(addressed: Addressed): string | undefined {
    const kind = [addressed.type, ...addressed.lanes].join("\0");
    if (hinted.has(kind)) return undefined;
    if (hinted.size >= HINTS_KEPT) hinted.clear();
    hinted.add(kind);
    return registrations.otherPayload(addressed) ?? undefined;
  }

  function tellOfConnection(event: InboxEvent, stored: Stored & { outcome: "stored" }): void {
    const change = connectionChange(event);
    if (change === null) return;
    report({
      kind: "connection",
      outcome: stored.connected === true ? change.to : "stale",
      account: change.account,
      livemode: event.livemode,
      cancelled: stored.cancelled,
      released: stored.released,
      ...(stored.connected === true
        ? {}
        : { says: `${event.type} ${event.id} is older than the last known change of the connection, so it changes nothing.` }),
    });
  }
}

function settled(outcome: Received["outcome"]): TakenIn {
  return { ok: true, outcome, returned: undefined, finished: true, begun: true, mustSucceed: false };
}

const NO_WORK: Arrival["work"] = [];

/** How many types and lanes with a reported wrong payload are remembered: more than there are types. */
const HINTS_KEPT = 2_000;

const FAILED: ReadonlySet<string> = new Set(["retry", "deferred", "dead", "lost", "released"]);

/**
 * What an event says about the connection to its account. This is the event's own account, because the object is the
 * application.
 */
function connectionChange({ type, account }: Pick<InboxEvent, "type" | "account">): ConnectionChange | null {
  const to = connectionAfter(type);
  return to === null || account === null ? null : { account, to };
}
