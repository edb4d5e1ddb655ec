import type { Clock } from "./clock.ts";
import type { EndpointTable } from "./endpoints.ts";
import type { Fresh } from "./fetch-fresh.ts";
import type { Arrival, ConnectionChange, Inbox, InboxEvent, Stored } from "./inbox/inbox.ts";
import { InboxUnavailable } from "./inbox/inbox.ts";
import type { Limits } from "./limits.ts";
import { ACCOUNT_CLOSED, type Addressed, AUTHORIZED, DEAUTHORIZED, type Registrations } from "./registrations.ts";
import type { Received, Report } from "./report.ts";
import type { StripeClient } from "./stripe-client.ts";
import type { ReadEvent } from "./verify/read-event.ts";
import type { Worker } from "./worker.ts";

/** What became of an event that was taken in. */
export type Taken =
  | {
      ok: true;
      outcome: Received["outcome"];
      /** Whether its handlers succeeded. Never rejects. */
      finished: Promise<boolean>;
      /** Whether the sender has to hear when they have not. */
      mustSucceed: boolean;
    }
  | { ok: false; says: string };

/** Takes verified events in: gates, routes, stores, and has the handlers called. */
export interface Intake {
  /** `endpoint`: the one that vouches for it. `now`: false leaves the handlers to the workers. */
  take(event: ReadEvent, endpoint: string, now?: boolean): Promise<Taken>;
}

export interface IntakeParts<Tx> {
  endpoints: EndpointTable;
  livemode: boolean | "both";
  scopeMismatch: "hold" | "route";
  inbox: Inbox<Tx>;
  /** Resolves when the inbox is ready. */
  ready(): Promise<void>;
  registrations: Registrations<Tx>;
  worker: Worker;
  fresh: Fresh<StripeClient>;
  clock: Clock;
  limits: Limits;
  report(report: Report): void;
}

export function createIntake<Tx>(parts: IntakeParts<Tx>): Intake {
  const { endpoints, inbox, registrations, worker, clock, limits, report } = parts;

  async function store(arrival: Arrival): Promise<Stored> {
    await parts.ready();
    const retryDuplicate = !inbox.durable;
    const stored = await inbox.store(arrival, { retryDuplicate });
    if (stored.outcome !== "tied") return stored;
    // The same second says both that the account left and that it came back. Whether it can be reached decides.
    const tieGoesTo = (await stillConnected(arrival)) ? "authorized" : "deauthorized";
    report({
      kind: "trouble",
      says: `${arrival.event.type} ${arrival.event.id} has the very second of the opposite event of ${arrival.connection?.account}; it counts as ${tieGoesTo}.`,
    });
    return inbox.store({ ...arrival, tieGoesTo }, { retryDuplicate });
  }

  async function stillConnected({ event, connection }: Arrival): Promise<boolean> {
    if (connection === null || !parts.fresh.has(event.livemode)) return false;
    try {
      await parts.fresh.get(`/v1/accounts/${encodeURIComponent(connection.account)}`, event.livemode, null);
      return true;
    } catch {
      return false;
    }
  }

  return {
    async take(read, endpoint, now = true) {
      const { connect, source } = endpoints.get(endpoint);
      const { thin, ...rest } = read;
      const receivedAt = clock.now();
      const event: InboxEvent = { ...rest, source, endpoint, receivedAt };
      const tell = (outcome: Received["outcome"], says?: string): void => {
        const { id, type, account, livemode } = event;
        report({
          kind: "received",
          outcome,
          event: { id, type, account, livemode, endpoint: event.endpoint },
          ageMs: receivedAt - event.created,
          ...(says === undefined ? {} : { says }),
        });
      };
      const settled = (outcome: Received["outcome"]): Taken => ({ ok: true, outcome, finished: Promise.resolve(true), mustSucceed: false });

      if (parts.livemode !== "both" && event.livemode !== parts.livemode) {
        tell("wrong_mode");
        return settled("wrong_mode");
      }

      const addressed: Addressed = { type: event.type, thin, lane: endpoint, connect };
      let mismatch: string | null = null;
      if (!thin && connect !== (event.account !== null)) {
        mismatch = connect
          ? `it came to the Connect endpoint "${endpoint}", but is of no connected account. Look whether that endpoint was made with connect: true, and whether the secrets of two endpoints were exchanged.`
          : `it came to the endpoint "${endpoint}", which is none of Connect, but is of the connected account ${event.account}. If that endpoint was made with connect: true, say so in createReceiver; otherwise the secrets of two endpoints may have been exchanged.`;
        const others = endpoints.names.filter((name) => endpoints.get(name).connect !== connect);
        const [other] = others;
        if (parts.scopeMismatch === "route" && others.length === 1 && other !== undefined) {
          Object.assign(addressed, { lane: other, connect: !connect });
          event.endpoint = other;
          mismatch += ` It was given to the lane "${other}".`;
        } else {
          Object.assign(addressed, { lane: "", connect: false });
          mismatch += " It is kept, and no handler was called; replay() with a lane hands it on.";
        }
      }
      const held = mismatch !== null && addressed.lane === "";
      const work = held ? [] : registrations.work(event, addressed, receivedAt);

      let stored: Stored;
      try {
        stored = await store({
          event,
          work,
          connection: held ? null : connectionChange(event, thin),
          tieGoesTo: null,
          lease:
            now && (worker.hasRoom() || !inbox.durable)
              ? { now: receivedAt, leaseUntil: receivedAt + registrations.longestTimeoutMs() + limits.leaseMarginMs }
              : null,
        });
      } catch (error) {
        if (!(error instanceof InboxUnavailable)) report({ kind: "trouble", says: `bug: ${String(error)}`, error });
        return { ok: false, says: `The ${inbox.kind} inbox cannot keep the event: ${(error as Error).message}. The sender sends again.` };
      }

      switch (stored.outcome) {
        case "tied":
          throw new Error("bug: a tie was decided, and is none");
        case "quarantined":
          tell(
            "quarantined",
            `it is of an account that has disconnected, and waits for its return. If the account is connected, subscribe to ${AUTHORIZED}, or call authorized().`,
          );
          return settled("quarantined");
        case "duplicate":
          tell("duplicate");
          return runAll(stored.claims, "duplicate");
        case "stored": {
          if (stored.connected !== null) tellOfConnection(event, stored);
          const outcome = held ? "mismatched" : work.length === 0 ? "unhandled" : "stored";
          tell(outcome, mismatch === null ? undefined : mismatch);
          if (stored.waiting > 0 || stored.released > 0) worker.leftWork();
          return runAll(stored.claims, outcome);
        }
      }

      function runAll(claims: Parameters<Worker["run"]>[0], outcome: Received["outcome"]): Taken {
        const finished = worker.run(claims).then((outcomes) => !outcomes.some((one) => FAILED.has(one)));
        return { ok: true, outcome, finished, mustSucceed: !inbox.durable };
      }
    },
  };

  function tellOfConnection(event: InboxEvent, stored: Stored & { outcome: "stored" }): void {
    const change = connectionChange(event, event.type === ACCOUNT_CLOSED);
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
        : { says: `${event.type} ${event.id} is older than what is known of the connection; it changes nothing.` }),
    });
  }
}

const FAILED: ReadonlySet<string> = new Set(["retry", "deferred", "dead", "lost"]);

/** What an event says of the connection to its account. The account is the event's own: the object is the application. */
function connectionChange(event: Pick<InboxEvent, "type" | "account" | "objectId">, thin: boolean): ConnectionChange | null {
  if (thin) return event.type === ACCOUNT_CLOSED && event.objectId !== "" ? { account: event.objectId, to: "deauthorized" } : null;
  if (event.account === null) return null;
  if (event.type === DEAUTHORIZED) return { account: event.account, to: "deauthorized" };
  if (event.type === AUTHORIZED) return { account: event.account, to: "authorized" };
  return null;
}
