import type { Permission } from "@carabiner/protocol";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type JsonObject = { [key: string]: Json };

/** An account: of a platform, or connected to one, or both. */
export interface AccountRow {
  id: string;
  created: number;
  /** The version that its events are rendered in when an endpoint does not pin one. */
  apiVersion: string;
  deleted: boolean;
  /** The resource's own state. The store does not look inside. */
  data: JsonObject;
}

/** What makes an account a platform, in one mode: each mode has its own client id. */
export interface ApplicationRow {
  /** `ca_…`: OAuth's client id. */
  id: string;
  accountId: string;
  livemode: boolean;
  name: string;
  /** Where a user may be redirected after consenting. The first is the default. */
  redirectUris: string[];
}

/** What a platform may do with a connected account. */
export type Scope = "read_write" | "read_only";

/** What a restricted key may do. Each list has names of `PERMISSIONS`. */
export interface KeyPermissions {
  /** For its own account. */
  direct: readonly Permission[];
  /** For connected accounts, which requests name in `Stripe-Account`. */
  connect: readonly Permission[];
}

/** An API key. Only its hash is kept. */
export interface KeyRow {
  /** See `keyHash`. */
  hash: string;
  accountId: string;
  livemode: boolean;
  kind: "secret" | "publishable" | "restricted";
  /** The part of it for display: prefix and last four characters. */
  hint: string;
  created: number;
  expiresAt: number | null;
  /** Set on a key that a connection gave to a platform: it acts for the account and ends with the connection. */
  grant: { platformId: string; livemode: boolean; scope: Scope } | null;
  /** Set on a restricted key. */
  permissions: KeyPermissions | null;
}

/** A key, and when it was last used. */
export interface ListedKey extends KeyRow {
  /** The last recorded use, Unix milliseconds, at most `keyUseNotedMs` behind; null if it was never used. */
  lastUsedAt: number | null;
}

/** A person who runs the server and reaches it over HTTP. Only the hash of their key is stored. */
export interface OperatorRow {
  /** SHA-256 of the key, in hex. */
  hash: string;
  /** Their name, for people. */
  name: string;
  /** The part of the key for display: prefix and last four characters. */
  hint: string;
  /** Whether it may only read. */
  readOnly: boolean;
  created: number;
  expiresAt: number | null;
}

/** An operator, and when their key was last used. */
export interface ListedOperator extends OperatorRow {
  /** The same as for keys. */
  lastUsedAt: number | null;
}

/** An act that the audit log records. */
export interface AuditAct {
  at: number;
  /** What was done, such as `key.rolled`. */
  act: string;
  /** The account that it affects; null when it affects the whole server. */
  accountId: string | null;
  /** What it affects: a platform, a key, a file. */
  subject: string;
  /** Who did it: `operator, control socket`, or the hint of an API key or an operator key. */
  by: string;
  /** The address that the call came from; null when it did not come over the network. */
  from: string | null;
  /** Other details: the mode of a key, what was changed. */
  detail: JsonObject;
}

/** An entry of the audit log. */
export interface AuditRow extends AuditAct {
  /** The entry's number, as text. */
  id: string;
}

/** A platform's access to an account, in one mode. */
export interface ConnectionRow {
  platformId: string;
  accountId: string;
  livemode: boolean;
  created: number;
  /** Whether the platform made the account, and so controls it. */
  controller: boolean;
  scope: Scope;
}

/** A signing secret of an endpoint. */
export interface EndpointSecret {
  secret: string;
  /** Null for the current secret; a rolled one signs until this time. */
  expiresAt: number | null;
}

/** The two forms of an event. Source: https://docs.stripe.com/event-destinations */
export type EventPayload = "snapshot" | "thin";

export interface EndpointRow {
  id: string;
  accountId: string;
  livemode: boolean;
  /** Whether it receives events of connected accounts: a Connect endpoint. */
  connect: boolean;
  /** Whether it receives events of the account itself. Only an endpoint for thin events receives both. */
  own: boolean;
  /**
   * Whether events are sent whole, as in v1, or thin, with only their type and what they are about. Only a listener of
   * the official CLI may take both. Never changes.
   */
  payload: EventPayload | "both";
  url: string;
  enabledEvents: string[];
  apiVersion: string | null;
  /** Its label in the v2 API; null for an endpoint that v1 made. */
  name: string | null;
  description: string | null;
  metadata: Record<string, string>;
  status: "enabled" | "disabled";
  /** Who disabled it: its owner, or the server after too many days of failures. Null while it is enabled. */
  disabledReason: "owner" | "failing" | null;
  /** Newest first. */
  secrets: EndpointSecret[];
  created: number;
  /** When its owner last changed it. */
  updated: number;
  deleted: boolean;
  /** The platform that made it while acting for the account; null if the account made it. Never changes. */
  madeBy: string | null;
  /** First failure since the last success, or since it was enabled again. */
  firstFailureAt: number | null;
  /** The last notice to its owner about its failures; null when there is no notice to take back. */
  toldOf: "failing" | "disabled" | null;
  /** The most attempts a second from each server that sends. Null: the server's own limit applies. */
  rateLimit: number | null;
  /** When its pause began. While it is paused nothing is sent, and its deliveries wait. Null when it is not paused. */
  pausedAt: number | null;
}

/** An endpoint's failures since `firstFailureAt`. */
export interface EndpointFailures {
  /** The number of attempts that failed. */
  count: number;
  last: Pick<AttemptRow, "at" | "outcome" | "status" | "reason">;
  /** Whether the server that tried last leaves the endpoint alone for a while. */
  held: EndpointHold | null;
}

/**
 * Nothing is sent to an endpoint until this time, Unix milliseconds, because it failed too often in a row or asked for
 * it.
 */
export interface EndpointHold {
  until: number;
  by: "breaker" | "retry_after";
}

/** A resource that belongs to an account: a customer, a person, a payout … */
export interface ObjectRow {
  id: string;
  /** Its `object` value: `customer`, `person`, … */
  object: string;
  accountId: string;
  livemode: boolean;
  /** Its parent object, if any: lists can be filtered by it. */
  parent: string | null;
  created: number;
  data: JsonObject;
}

/**
 * Something that happens to an account at a given time, unless something else happens first: a verification ends, a
 * payout arrives. Each subject and mode has at most one of a kind.
 */
export interface TaskRow {
  accountId: string;
  livemode: boolean;
  /** What happens; names its handler. */
  kind: string;
  /** The id of what it happens to. */
  subject: string;
  /** Unix milliseconds. */
  dueAt: number;
}

/** What happened. Never changes once written. */
export interface EventRow {
  id: string;
  /** The account it happened on. */
  accountId: string;
  livemode: boolean;
  type: string;
  created: number;
  /** The id of `data.object`, if it has one. */
  objectId: string | null;
  /** Set on events about one application, which only its platform and the account itself may see. */
  applicationId: string | null;
  /** The event as sent, rendered in the account's version: pretty-printed JSON in UTF-8. */
  body: Uint8Array;
}

/** Another rendering of the event, for endpoints that pin a version or see it as not from a connected account. */
export interface EventVariant {
  eventId: string;
  /** A name for the rendering, unique within the event. */
  variant: string;
  body: Uint8Array;
}

export type DeliveryState = "pending" | "succeeded" | "exhausted" | "cancelled" | "quarantined";

/**
 * `automatic` deliveries follow from the event and are retried; a `manual` one was requested and is tried once; a
 * `resent` one was requested and is retried.
 */
export type DeliveryKind = "automatic" | "manual" | "resent";

/** One event owed to one endpoint, when it is first written. */
export interface NewDelivery {
  id: string;
  kind: DeliveryKind;
  event: EventRow;
  endpoint: EndpointRow;
  /** Null for the event's body, otherwise the name of an `EventVariant` of it. */
  variant: string | null;
  /** The bytes to send, from the body or variant above. */
  body: Uint8Array;
  dueAt: number;
  /** When it was made. */
  created: number;
  /** Whether the endpoint was disabled, so that it is written as cancelled and never sent. */
  skipped?: boolean;
}

/** A delivery, for display. */
export interface DeliveryRow {
  id: string;
  kind: DeliveryKind;
  eventId: string;
  eventType: string;
  /** The account the event happened on, and the event's mode. */
  eventAccountId: string;
  eventLivemode: boolean;
  endpointId: string;
  /** The endpoint's owner and mode, which decide who may see it. */
  accountId: string;
  livemode: boolean;
  state: DeliveryState;
  /** Attempts recorded so far. */
  attempts: number;
  /** Null if it sends the event's own body, otherwise the name of an `EventVariant` of it. */
  variant: string | null;
  created: number;
  /** When it is tried next; null once it has reached its final state. */
  nextAttemptAt: number | null;
  /** When its last attempt ended, or when it fell due if nothing was sent. Null while it is pending. */
  settledAt: number | null;
  /** Whether it was cancelled from the start, because its endpoint was disabled when the event was recorded. */
  skipped: boolean;
}

/** One POST for a delivery, and how it ended. */
export interface AttemptRow {
  deliveryId: string;
  /** 1, 2, 3 … */
  number: number;
  at: number;
  durationMs: number;
  /** `succeeded`, `status`, `redirect` or a fault code of the transport. */
  outcome: string;
  /** Null when no answer came. */
  status: number | null;
  /** The outcome in plain words. */
  reason: string;
  /**
   * How long the answer asked to wait before the next attempt (`Retry-After`), within the limit. Null if it did not
   * ask.
   */
  retryAfterMs: number | null;
  /** How long its parts took; null if they were not measured. */
  phases: AttemptPhases | null;
  requestHeaders: Record<string, string>;
  responseHeaders: Readonly<Record<string, string>>;
  /** The beginning of the answer's body. */
  responseBody: string;
}

/** How long the parts of an attempt took, in milliseconds. Null for a part that was not needed, or not finished. */
export interface AttemptPhases {
  /** Whether it used the connection of an earlier attempt: then there was nothing to connect. */
  reused: boolean;
  dnsMs: number | null;
  connectMs: number | null;
  tlsMs: number | null;
  /** From the request to the first byte of the answer. */
  firstByteMs: number | null;
}

/** How the last attempt of a delivery ended. */
export type LastAttempt = Pick<AttemptRow, "at" | "durationMs" | "outcome" | "status" | "reason">;

/**
 * A server's unclean end, and the number of deliveries under way: begun, but not settled. `at` is when the next server
 * noticed.
 */
export interface UncleanEnd {
  at: number;
  underWay: number;
}

/** An answer kept for an idempotency key. */
export interface IdempotentAnswer {
  /** The key's account, the account it acts for, and the mode. */
  scope: string;
  key: string;
  /** A hash of method, path and parameters. */
  fingerprint: string;
  status: number;
  body: string;
  requestId: string;
  created: number;
  /**
   * The account whose data it shows: the account in the call's path, or the account that the call made; null for no
   * account.
   */
  about: string | null;
}

/** The log entry of an answered request. Except in `params`, it contains no values that the client sent. */
export interface RequestRow {
  /** `req_…` */
  id: string;
  /** When it was answered, by the server's clock, which may have been turned. Unix milliseconds. */
  at: number;
  /** The machine's time then, if it differs from that by a second or more; otherwise null. Unix milliseconds. */
  machineAt: number | null;
  /** The account whose key made it, which may see it. */
  callerId: string;
  livemode: boolean;
  /** The account it acted for: the caller, or a connected account. */
  accountId: string;
  /** The key, masked. Null when the request had no key. */
  keyHint: string | null;
  method: string;
  /** The route's pattern; see `http/shown-path.ts`. */
  route: string;
  /**
   * The path with its ids; parts that could be a secret appear as in the route. Equals the route if only that is known.
   */
  path: string;
  status: number;
  durationMs: number;
  idempotencyKey: string | null;
  /** The request whose answer was replayed. */
  replayOf: string | null;
  /** Null when it succeeded. */
  error: RequestError | null;
  /**
   * Parameters of the query and of the body by name, secrets masked. Only a `dev` server stores them; null elsewhere.
   */
  query: Record<string, string> | null;
  params: Record<string, string> | null;
  /** The answer's body, secrets masked, cut off at a limit. Only a `dev` server stores it; null elsewhere. */
  answer: string | null;
}

/** What went wrong with a request. */
export interface RequestError {
  /** The error's name in the table of `docs/errors.md`. */
  name: string;
  type: string;
  code: string | null;
  /** The parameter's name. */
  param: string | null;
  message: string;
}

/** A listening session of the official CLI. */
export interface ListenSessionRow {
  /** SHA-256 of the secret that opens its socket, in hex. */
  id: string;
  accountId: string;
  livemode: boolean;
  /**
   * The hash of the key that asked for it: the session ends with that key. Null for a session of an earlier version.
   */
  keyHash: string | null;
  /** What it receives. */
  feature: ListenFeature;
  /** The listener that receives events; null for a session that receives requests. */
  endpointId: string | null;
  created: number;
  /** Whether its socket was ever open, and whether it is open now, according to its server's last report. */
  opened: boolean;
  connected: boolean;
  /** When it ends, unless its server reports an open socket before then. Unix milliseconds. */
  expiresAt: number;
  /** Where its client says it forwards to; `thin` is for the thin events of a session that takes both. */
  forwards: Forwards & { thin?: Forwards };
  /** Which requests it receives; null for all. */
  filter: JsonObject | null;
}

/** What a client forwards: the account's events, connected accounts' events, and whether both go to one receiver. */
export interface Forwards {
  own: boolean;
  connected: boolean;
  together: boolean;
}

/**
 * What a session receives: whole events, with thin ones if it asked for both; thin events alone; or the requests of its
 * account.
 */
export type ListenFeature = "webhooks" | "v2_events" | "request_logs";
