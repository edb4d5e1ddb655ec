import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "./clock.ts";
import type { Diagnosis } from "./doctor/diagnosis.ts";
import type { DoctorOptions } from "./doctor/doctor-options.ts";
import type { AnyEvent, Handler, Lane } from "./handler.ts";
import type { Answer, Incoming } from "./http-exchange.ts";
import type { Depth, DepthRequest, HandlerDepth, Inbox, Pruned, WorkFilter, WorkRow } from "./inbox/inbox.ts";
import type { Limits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { InboxPage, InboxPageOptions } from "./page/inbox-page.ts";
import type { Reporter } from "./report.ts";
import type { Clients, StripeClient } from "./stripe-client.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";
import type { ThinEvent } from "./thin-event.ts";
import type { Verbs } from "./verbs/verbs.ts";

/** What a secret can depend on when each tenant has its own URL. */
export interface SecretRequest {
  /** The requested URL; null when the adapter does not know it. */
  url: string | null;
  header(name: string): string | null;
}

/** One signing secret, or several: the current one and the ones it replaces. */
export type Secrets = string | readonly string[];

/** A webhook endpoint as it is registered with the sender. */
export interface EndpointOptions {
  /** `whsec_…`; several during a rotation; or a function that finds them from the request. */
  secret: Secrets | ((request: SecretRequest) => Secrets | Promise<Secrets>);
  /** Whether it is a Connect endpoint, which receives the events of connected accounts. */
  connect?: boolean;
  /**
   * The sender, for a receiver with several senders: events of different sources never count as the same. Default:
   * `stripe`.
   */
  source?: string;
}

/** Which accounts are known, and what happens to events of unknown accounts. */
export interface AccountPolicy {
  /** Whether your records contain the account. Called before a handler on the lane of a Connect endpoint runs. */
  known(account: string, livemode: boolean): boolean | Promise<boolean>;
  /**
   * `hold` tries again later, as `Defer` does; `discard` settles the event; `dead` makes it a dead letter. Default:
   * `hold`.
   */
  otherwise?: "hold" | "discard" | "dead";
}

export interface ReceiverOptions<Endpoints extends Record<string, EndpointOptions>, Tx, Client extends StripeClient> {
  /** The endpoints by name: each becomes a lane, `hooks.<name>`. */
  endpoints: Endpoints;
  /**
   * The mode to handle. Events of the other mode are answered 200 and ignored: production Connect endpoints also get
   * test events.
   */
  livemode: boolean | "both";
  /** Where events are stored: `postgresInbox(pool)`, `sqliteInbox(file)`, `memoryInbox()`. */
  inbox: Inbox<Tx>;
  /** A client of the official `stripe` package, for `fresh()` and `reconcile()`. */
  stripe?: Clients<Client>;
  accounts?: AccountPolicy;
  /**
   * What to do with an event without an account on a Connect endpoint, or with an account on an endpoint of another
   * kind. `hold` (the default) keeps it, reports it and waits for `replay`. `route` gives it to the lane of the
   * matching kind if there is exactly one.
   */
  scopeMismatch?: "hold" | "route";
  /** Receives every report: for counters, spans, alarms. */
  onReport?: Reporter;
  /** Observes the receiver: `openTelemetry(api)` of `@carabiner/receiver/opentelemetry`, or your own. */
  telemetry?: Telemetry;
  /**
   * Logs what needs attention: a function, or a logger, whose `warn` is called. Default: `console.warn`; false logs
   * nothing.
   */
  log?: Log;
  /**
   * Whether the first event starts the worker, as `start()` does. Default: true. Set it to false if another process
   * works on the inbox, or if no process stays running: then call `drain()` from a cron job. Lambda and requests with
   * `waitUntil` never start it.
   */
  autoStart?: boolean;
  limits?: Partial<Limits>;
  /** Time and randomness. Default: the machine's. */
  clock?: Clock;
}

/**
 * The connected account's id on a Connect lane, null on other lanes; either one if `connect` is not known at compile
 * time.
 */
export type AccountOf<Endpoint extends EndpointOptions> = Endpoint extends { connect: true }
  ? string
  : Endpoint extends { connect: infer Connect }
    ? boolean extends Connect
      ? string | null
      : null
    : null;

/** The result of a drain. */
export interface Drained {
  /** The number of tries. */
  tries: number;
  /** Whether nothing more is due for this program's handlers. */
  empty: boolean;
  /** Work for handlers that this program does not register. No drain processes it. */
  orphans: HandlerDepth[];
}

/** The amount of work in the inbox. */
export interface ReceiverDepth extends Depth {
  /**
   * The entries of `handlers` that this program does not register: they were renamed or removed, or belong to another
   * program.
   */
  orphans: HandlerDepth[];
}

/** Which dead letters to try again. */
export interface ReplayDeadOptions {
  /** Only dead letters of this handler. */
  handler?: string;
  /** Only dead letters for events of this type. */
  type?: string;
  /** Only dead letters given up at this time or later. */
  since?: Date | number;
  /** The maximum number. Default: 1,000. */
  limit?: number;
  /** Changes nothing, and returns how many it would revive. */
  dryRun?: boolean;
}

export interface ReconcileOptions {
  /** How far back to look, in milliseconds. At most 30 days: the API lists no older events. */
  sinceMs: number;
  /** The connected accounts to query. Default: all of the platform's. */
  accounts?: Iterable<string> | AsyncIterable<string>;
  /** The lanes to feed, if there are several of a kind. */
  lanes?: { platform?: string; connect?: string };
}

/** The result of reconciling. */
export interface Reconciled {
  /**
   * The number of events listed: whole events that were not delivered, and thin events that a lane handles.
   */
  seen: number;
  /** How many of these were not in the inbox. */
  added: number;
  /** Accounts that could not be queried, and why. */
  failed: { account: string | null; livemode: boolean; error: unknown }[];
}

/** What to replay. The event's id is enough unless several accounts or modes have it. */
export interface ReplayOptions {
  account?: string | null;
  livemode?: boolean;
  /** Only these handlers. Default: all that match. */
  handlers?: readonly string[];
  /** The lane whose handlers get the event, if it was held because it came to the wrong endpoint. */
  lane?: string;
}

/** A receiver's methods, apart from its lanes. */
export interface ReceiverVerbs<Tx, Client extends StripeClient> extends Verbs<Tx, Client> {
  /** Handles events that no other handler matches, whole (`event.object` is `event`) and thin ones. */
  unhandled(handler: Handler<AnyEvent | ThinEvent, string | null, Tx, Client>): this;

  /**
   * Handles one HTTP request, independent of frameworks: every adapter calls it. Never throws because of external
   * input.
   */
  handle(incoming: Incoming): Promise<Answer>;
  /**
   * For `fetch`-style servers: Next.js, Hono, Bun, Deno, Workers. Needs no `this`. Uses `waitUntil` of a second
   * argument.
   */
  readonly fetch: (request: Request, ...context: unknown[]) => Promise<Response>;
  /** For `node:http` and Express. It does not use `this`. Mount it before any body parser. */
  readonly node: (request: IncomingMessage, response: ServerResponse) => Promise<void>;

  /**
   * Starts the worker in this process: retries, work left by other processes, delayed work. Resolves once the inbox is
   * ready. The first event also starts it, unless `autoStart` is false.
   */
  start(): Promise<void>;
  /**
   * Accepts no more work and waits for running handlers, at most `graceMs` (default: the limit of that name). Then it
   * aborts the handlers' signals, rolls back their transactions, and their events are due again. It stores later
   * requests for other processes.
   */
  stop(options?: { graceMs?: number }): Promise<void>;
  /**
   * Works until nothing is due, or for `budgetMs`: for cron jobs and platforms without a long-running process. When
   * nothing is due any more, it removes old data, as a started receiver does periodically.
   */
  drain(options?: { budgetMs?: number }): Promise<Drained>;
  /** Resolves when no handler runs in this process. */
  idle(): Promise<void>;

  /**
   * Makes an event due again, whatever its state, and for new handlers. Returns the number of pieces of work. Throws
   * when the event is unknown or ambiguous.
   */
  replay(eventId: string, options?: ReplayOptions): Promise<number>;
  /** Makes dead letters due again, the oldest first. Returns how many. Throws when the handler does not exist. */
  replayDead(options?: ReplayDeadOptions): Promise<number>;
  /**
   * Removes old settled events and gives up work that waited too long, by the retention limits. A started receiver does
   * this itself. `olderThanMs` removes only settled events, of this age. Returns how many of each; call it again while
   * that equals `limit`.
   */
  prune(options?: { olderThanMs?: number; limit?: number }): Promise<Pruned>;
  /**
   * Feeds the inbox with the events that the API lists as undelivered, for the platform and its accounts, in each
   * received mode; and with the thin events that the lanes handle and the inbox does not have.
   */
  reconcile(options: ReconcileOptions): Promise<Reconciled>;
  /**
   * Records that an account is connected: call it at the end of your OAuth flow. Events quarantined since it left
   * continue. Without `at` it is connected now, whatever the clocks say. With `at` (Unix milliseconds), the record may
   * be older than what is known: then `applied` is false, and the log says so.
   */
  authorized(
    account: string,
    options: { livemode: boolean; at?: number; source?: string },
  ): Promise<{ applied: boolean; released: number }>;

  /** Lists work, the newest first. Default limit: 100. */
  work(filter?: Partial<WorkFilter>): Promise<WorkRow[]>;
  /**
   * Counts work by state and handler, including handlers that no longer exist. With `settled: true` also work that is
   * settled for good, which reads the whole inbox.
   */
  depth(request?: DepthRequest): Promise<ReceiverDepth>;
  /**
   * An HTML page that shows what waits, what failed and why. It is read-only unless `writable` is true: then it has
   * buttons that retry and discard. It has no authentication: put it behind your program's own login. It does not show
   * event bodies.
   */
  page(options?: InboxPageOptions): InboxPage;
  /**
   * For each endpoint, the event types that have handlers, which it must subscribe to. Families are given as patterns.
   */
  eventTypes(): Record<string, string[]>;
  /**
   * Compares the handlers with the endpoints at the API: scope, types, disabled ones, API version. Also probes their
   * addresses. Needs `stripe`. Changes nothing.
   */
  doctor(options?: DoctorOptions): Promise<Diagnosis>;
  /** The endpoints, with fingerprints instead of their secrets. */
  endpoints(): Promise<Record<string, { connect: boolean; source: string; secrets: string[] | "by request" }>>;
}

/** Lanes by endpoint name, and the verbs for all Connect lanes. */
export type Receiver<Endpoints extends Record<string, EndpointOptions>, Tx, Client extends StripeClient> = ReceiverVerbs<Tx, Client> & {
  readonly [Name in keyof Endpoints]: Lane<AccountOf<Endpoints[Name]>, Tx, Client>;
};
