import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "./clock.ts";
import type { Diagnosis } from "./doctor/diagnosis.ts";
import type { DoctorOptions } from "./doctor/doctor-options.ts";
import type { AnyEvent, Handler, HandlerOptions, Lane, ThinContext, ThinEvent } from "./handler.ts";
import type { Answer, Incoming } from "./http-exchange.ts";
import type { Depth, HandlerDepth, Inbox, Pruned, WorkFilter, WorkRow } from "./inbox/inbox.ts";
import type { Limits } from "./limits.ts";
import type { Log } from "./log.ts";
import type { InboxPage, InboxPageOptions } from "./page/inbox-page.ts";
import type { Reporter } from "./report.ts";
import type { Clients, StripeClient } from "./stripe-client.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";
import type { Verbs } from "./verbs/verbs.ts";

/** What a secret may depend on, where each tenant has a URL of its own. */
export interface SecretRequest {
  /** The address that was called; null when the adapter knows none. */
  url: string | null;
  header(name: string): string | null;
}

/** One signing secret, or several: the current one and those it replaces. */
export type Secrets = string | readonly string[];

/** A webhook endpoint, as it was registered with the sender. */
export interface EndpointOptions {
  /** `whsec_…`; several while they are rolled; or a function of the request that finds them. */
  secret: Secrets | ((request: SecretRequest) => Secrets | Promise<Secrets>);
  /** Whether it is a Connect endpoint: one for the events of connected accounts. */
  connect?: boolean;
  /** Who sends, where a receiver listens to several senders: events of different sources never count as the same. `stripe` unless given. */
  source?: string;
}

/** Which accounts are known, and what becomes of events of those that are not (yet). */
export interface AccountPolicy {
  /** Whether your records have the account. Asked before a handler on the lane of a Connect endpoint runs. */
  known(account: string, livemode: boolean): boolean | Promise<boolean>;
  /** `hold` tries again later, as `Defer` does; `discard` settles the event; `dead` makes it a dead letter. `hold` unless given. */
  otherwise?: "hold" | "discard" | "dead";
}

export interface ReceiverOptions<Endpoints extends Record<string, EndpointOptions>, Tx, Client extends StripeClient> {
  /** By the names you give them: each becomes a lane, `hooks.<name>`. */
  endpoints: Endpoints;
  /** Which mode is handled. Events of the other one are answered 200 and left: production endpoints of Connect get test events too. */
  livemode: boolean | "both";
  /** Where events are kept: `postgresInbox(pool)`, `sqliteInbox(file)`, `memoryInbox()`. */
  inbox: Inbox<Tx>;
  /** A client of the official `stripe` package, for `fresh()` and `reconcile()`. */
  stripe?: Clients<Client>;
  accounts?: AccountPolicy;
  /**
   * An event without an account on a Connect endpoint, or one with an account on another: `hold` (the default) keeps it, says so and waits
   * for `replay`; `route` gives it to the lane of its own kind, if there is exactly one.
   */
  scopeMismatch?: "hold" | "route";
  /** Hears of everything: for counters, spans, alarms. */
  onReport?: Reporter;
  /** Watches: `openTelemetry(api)` of `@carabiner/receiver/opentelemetry`, or your own. */
  telemetry?: Telemetry;
  /** Writes what somebody should read: a function, or your logger (its `warn` is called); `console.warn` unless given, and nothing when false. */
  log?: Log;
  /**
   * Whether the first event that comes starts the worker, as `start()` does; true unless given. Set it to false where another process works on
   * the inbox, or where none stays: then call `drain()` from a cron job. Lambda and requests with `waitUntil` never start it.
   */
  autoStart?: boolean;
  limits?: Partial<Limits>;
  /** Time and chance; the machine's unless given. */
  clock?: Clock;
}

/** The connected account's id on a Connect endpoint's lane, null on another, and either where `connect` is not known when compiling. */
export type AccountOf<Endpoint extends EndpointOptions> = Endpoint extends { connect: true }
  ? string
  : Endpoint extends { connect: infer Connect }
    ? boolean extends Connect
      ? string | null
      : null
    : null;

/** What a drain did. */
export interface Drained {
  /** Tries that were made. */
  tries: number;
  /** Whether nothing is due any more for the handlers of this program. */
  empty: boolean;
  /** What waits for handlers that this program does not register, which no drain works off. */
  orphans: HandlerDepth[];
}

/** How much there is in the inbox. */
export interface ReceiverDepth extends Depth {
  /** Those of `handlers` that this program does not register: renamed, removed, or of another program. */
  orphans: HandlerDepth[];
}

/** Which dead letters to try again. */
export interface ReplayDeadOptions {
  /** Only those of this handler. */
  handler?: string;
  /** Only those of events of this type. */
  type?: string;
  /** Only those that were given up at this time or later. */
  since?: Date | number;
  /** At most so many; 1,000 unless given. */
  limit?: number;
  /** Changes nothing, and returns how many it would be. */
  dryRun?: boolean;
}

export interface ReconcileOptions {
  /** How far back to look, in milliseconds. At most 30 days: the API lists no older events. */
  sinceMs: number;
  /** The connected accounts to ask for; all of the platform's unless given. */
  accounts?: Iterable<string> | AsyncIterable<string>;
  /** The lanes to feed, where there are several of a kind. */
  lanes?: { platform?: string; connect?: string };
}

/** What reconciling found. */
export interface Reconciled {
  /** Undelivered events that were listed. */
  seen: number;
  /** Those that were not in the inbox. */
  added: number;
  /** Accounts that could not be asked, and why. */
  failed: { account: string | null; livemode: boolean; error: unknown }[];
}

/** Which replay: an event's id is enough unless several accounts or modes have it. */
export interface ReplayOptions {
  account?: string | null;
  livemode?: boolean;
  /** Only these handlers; all that match unless given. */
  handlers?: readonly string[];
  /** The lane whose handlers get it: for an event that was held because it came to the wrong endpoint. */
  lane?: string;
}

/** What a receiver does, beside its lanes. */
export interface ReceiverVerbs<Tx, Client extends StripeClient> extends Verbs<Tx, Client> {
  /** Handles thin events (`v2.…`) of a type, of a family, or all (`*`). They arrive at the same URL. */
  thin(pattern: string, handler: (event: ThinEvent, context: ThinContext<Tx, Client>) => unknown): this;
  thin(pattern: string, options: HandlerOptions, handler: (event: ThinEvent, context: ThinContext<Tx, Client>) => unknown): this;
  /** Handles events that no other handler is for; thin ones aside, which have `thin("*", …)`. */
  unhandled(handler: Handler<AnyEvent, string | null, Tx, Client>): this;

  /** The whole conversation, free of frameworks: every adapter calls it. Never throws for what comes from outside. */
  handle(incoming: Incoming): Promise<Answer>;
  /** For `fetch`-style servers: Next.js, Hono, Bun, Deno, Workers. May be passed around by itself. A second argument with `waitUntil` is used. */
  readonly fetch: (request: Request, ...context: unknown[]) => Promise<Response>;
  /** For `node:http` and Express. May be passed around by itself. Before any body parser. */
  readonly node: (request: IncomingMessage, response: ServerResponse) => Promise<void>;

  /** Works in this process from now on: retries, what other processes left, what waited for its time. Resolves once the inbox is ready. The first event that comes does it too, unless `autoStart` is false. */
  start(): Promise<void>;
  /**
   * Takes no more work and waits for what is running, at most `graceMs` (the limit of that name unless given): then the signals of handlers
   * abort, their transactions are undone, and their events are due again. Requests that still come are stored and left to others.
   */
  stop(options?: { graceMs?: number }): Promise<void>;
  /**
   * Works until nothing is due, or for `budgetMs`: for cron jobs and platforms without a process that stays. When nothing is due any more, it
   * removes what is old, as a started receiver does now and then.
   */
  drain(options?: { budgetMs?: number }): Promise<Drained>;
  /** Resolves when no handler runs in this process. */
  idle(): Promise<void>;

  /** Makes an event due again, whatever became of it, and for handlers that are new. Returns how many pieces of work. Throws when it is not known, or not unambiguous. */
  replay(eventId: string, options?: ReplayOptions): Promise<number>;
  /** Makes dead letters due again, the oldest first. Returns how many. Throws when there is no such handler. */
  replayDead(options?: ReplayDeadOptions): Promise<number>;
  /**
   * Removes what is settled and old, and gives up what has waited for too long, as the limits of retention say; a started receiver does that
   * by itself. `olderThanMs`: only settled events, but of this age. Returns how many of each; call it again while that is `limit`.
   */
  prune(options?: { olderThanMs?: number; limit?: number }): Promise<Pruned>;
  /** Feeds the inbox with what the API says was not delivered, for the platform and its accounts, in each mode that is received. */
  reconcile(options: ReconcileOptions): Promise<Reconciled>;
  /**
   * Says that an account is connected: call it where your OAuth flow ends. What was quarantined since it left goes on. Without `at` it is
   * connected now, whatever the clocks say. With `at` (Unix milliseconds) it may be older than what is known: then `applied` is false, and the
   * log says so.
   */
  authorized(
    account: string,
    options: { livemode: boolean; at?: number; source?: string },
  ): Promise<{ applied: boolean; released: number }>;

  /** Work, for people to look at; the newest first, at most 100 unless told otherwise. */
  work(filter?: Partial<WorkFilter>): Promise<WorkRow[]>;
  /** How much there is, by state and handler; also for handlers that are gone. */
  depth(): Promise<ReceiverDepth>;
  /**
   * A page for people, with what waits, what failed and why. It only shows, unless `writable` is true: then it has buttons that retry and
   * discard. It asks nobody who they are: put it behind your program's own login. Bodies of events are not on it.
   */
  page(options?: InboxPageOptions): InboxPage;
  /** The event types that have handlers, for each endpoint: what it must be subscribed to. Families are given as patterns. */
  eventTypes(): Record<string, string[]>;
  /**
   * Compares the handlers with the endpoints at the API: scope, types, disabled ones, API version; and looks at the address they are sent to.
   * Needs `stripe`. Changes nothing.
   */
  doctor(options?: DoctorOptions): Promise<Diagnosis>;
  /** The endpoints, with fingerprints in place of their secrets. */
  endpoints(): Promise<Record<string, { connect: boolean; source: string; secrets: string[] | "by request" }>>;
}

/** Lanes by the names of the endpoints, and the verbs of the whole. */
export type Receiver<Endpoints extends Record<string, EndpointOptions>, Tx, Client extends StripeClient> = ReceiverVerbs<Tx, Client> & {
  readonly [Name in keyof Endpoints]: Lane<AccountOf<Endpoints[Name]>, Tx, Client>;
};
