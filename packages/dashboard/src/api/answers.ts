import type Stripe from "stripe";

/** A page of a list, newest first. */
export interface Page<Row> {
  data: Row[];
  has_more: boolean;
}

/** How an attempt ended. Times are Unix seconds everywhere, unless a name ends in `_ms`. */
export interface LastAttempt {
  at: number;
  duration_ms: number;
  outcome: string;
  status: number | null;
  reason: string | null;
}

/** The states of a delivery. */
export type DeliveryState = "pending" | "succeeded" | "exhausted" | "cancelled" | "quarantined";

/** One event owed to one endpoint. */
export interface Delivery {
  id: string;
  object: "delivery";
  event: string;
  event_type: string;
  account: string;
  livemode: boolean;
  webhook_endpoint: string;
  state: DeliveryState;
  attempt_count: number;
  created: number;
  next_attempt_at: number | null;
  settled_at: number | null;
  reason: string | null;
  last_attempt: LastAttempt | null;
}

/**
 * The milliseconds that the phases of an attempt took; null for a phase that did not occur, as on an open connection.
 */
export interface Phases {
  /** Whether the connection of an earlier attempt was used: then there was nothing to connect. */
  connection: "new" | "reused";
  dns_ms: number | null;
  connect_ms: number | null;
  tls_ms: number | null;
  first_byte_ms: number | null;
  total_ms: number;
}

/** One POST for a delivery. */
export interface Attempt extends LastAttempt {
  number: number;
  retry_after_ms: number | null;
  request_headers: Readonly<Record<string, string>> | null;
  response_headers: Readonly<Record<string, string | readonly string[]>> | null;
  response_body: string | null;
  phases: Phases | null;
  /** Which of the endpoint's secrets made each signature; null for secrets that the endpoint no longer has. */
  signature: { signatures: readonly { value: string; secret: string | null; current: boolean | null }[] } | null;
}

/** A delivery with every attempt. */
export interface DeliveryInFull extends Delivery {
  /** What each attempt sends, byte by byte, and the endpoint's current address; null when it is gone. */
  request: { method: string; url: string | null; body: string | null };
  attempts: Attempt[];
  unclean_ends: { at: number; alone: boolean }[];
}

/** What happened, with its deliveries to the platform's endpoints. */
export interface PlatformEvent {
  id: string;
  object: "event";
  type: string;
  account?: string;
  api_version: string | null;
  created: number;
  livemode: boolean;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null } | null;
  data: { object: Readonly<Record<string, unknown>>; previous_attributes?: Readonly<Record<string, unknown>> };
  /** A thin event as the v2 API shows it; `data` then contains only the object that it is about. */
  thin?: Readonly<Record<string, unknown>> & {
    changes?: { before: Readonly<Record<string, unknown>> | null; after: Readonly<Record<string, unknown>> | null };
  };
  deliveries: Delivery[];
}

/** How an endpoint has answered recently. */
export interface EndpointHealth {
  status: "healthy" | "failing" | "disabled" | "recovered";
  failing_since: number | null;
  failed_attempts: number;
  last_failure: { at: number; outcome: string; status: number | null; reason: string | null } | null;
  disabled_after: number | null;
  /** Until when nothing is sent to it, and why: it failed too often in a row, or asked for a pause. */
  held_until: number | null;
  held_by: "breaker" | "retry_after" | null;
}

/** Where events are sent. */
export interface Endpoint {
  id: string;
  object: "webhook_endpoint";
  url: string;
  description: string | null;
  status: "enabled" | "disabled";
  enabled_events: string[];
  api_version: string | null;
  application: string | null;
  created: number;
  livemode: boolean;
  metadata: Readonly<Record<string, string>>;
  made_by: string | null;
  disabled_reason: string | null;
  rate_limit: number | null;
  /** When its pause began; null when it is not paused. */
  paused_at: number | null;
  health: EndpointHealth;
}

/** The secrets of an endpoint that sign now, the newest first. */
export interface RevealedSecrets {
  id: string;
  secrets: { secret: string; expires_at: number | null }[];
}

/** An endpoint with its new secret, which is shown. */
export interface EndpointWithSecret {
  id: string;
  secret: string;
}

/** One request with a key of the account. Its `machine_time` is null where the server's clock shows the same time. */
export interface LoggedRequest {
  id: string;
  created: number;
  machine_time: number | null;
  livemode: boolean;
  account: string | null;
  /** Its key, masked, or who made it on the dashboard; null without a valid key. */
  key: string | null;
  method: string;
  /** With its ids. */
  path: string;
  status: number;
  duration_ms: number;
  idempotency_key: string | null;
  replay_of: string | null;
  error: { name: string; type: string; code: string | null; param: string | null; message: string } | null;
  /** The parameters and the answer, on a `dev` server; null elsewhere. */
  query: Readonly<Record<string, string>> | null;
  params: Readonly<Record<string, string>> | null;
  /** The answer's text, cut off at a limit. Lists leave it out. */
  answer?: string | null;
}

/** An act on platforms, keys or operators. Only operators see it. */
export interface AuditEntry {
  id: string;
  account: string | null;
  act: string;
  /** The hint of a key, or how the operator reached the server. */
  by: string;
  created: number;
  detail: Readonly<Record<string, unknown>>;
  from: string | null;
  subject: string;
}

/** The server's clock, where it can be turned. */
export interface Clock {
  now: number;
  frozen: boolean;
}

/** A connected account. */
export type Account = Stripe.Account;
/** A person of an account. */
export type Person = Stripe.Person;
/** A payout of an account. */
export type Payout = Stripe.Payout;
/** The balance of an account. */
export type Balance = Stripe.Balance;
/** A capability of an account. */
export type Capability = Stripe.Capability;
/** A connected account as the v2 API shows it. */
export type V2Account = Stripe.V2.Core.Account;
/** A bank account or card that receives an account's payouts. */
export type ExternalAccount = Stripe.BankAccount | Stripe.Card;

/** A job that resends what was not delivered, or counts it. */
export interface ResendJob {
  id: string;
  status: "canceled" | "paused" | "running" | "succeeded";
  dry_run: boolean;
  /** From 0 to 1. */
  progress: number;
  /** Deliveries that were made; in a dry run, deliveries that would be made. */
  resent: number;
  /** Deliveries that cannot be sent. */
  skipped: number;
}

/** What switching an endpoint would do, in words. */
export interface SwitchEffect {
  words: string;
}

/** Something that falls due automatically. */
export interface Upcoming {
  /** `attempt`, or the kind of object that it happens to: `account`, `balance`, `payout`. */
  kind: string;
  at: number;
  account: string;
  subject: string;
  event_type?: string;
  attempt?: number;
}

/** The object that an id belongs to. */
export interface SearchResult {
  id: string;
  object: string;
  account: string;
}

/** Results of the newest deliveries of an endpoint, or of an account's events. docs/console-api.md describes it. */
export interface DeliveryFigures {
  deliveries: number;
  delivered: number;
  failed: number;
  /** The share among deliveries that were delivered or failed, from 0 to 1; null without any. */
  success_rate: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
  /** When the oldest delivery was made: Unix seconds. */
  since: number | null;
  /** The hours in which deliveries were made, the newest first. */
  hours: readonly FiguresOfHour[];
}

/** Results of an endpoint's newest deliveries, and what waits for it. */
export interface EndpointFigures extends DeliveryFigures {
  pending: number;
  pending_complete: boolean;
  next_attempt_at: number | null;
  /** How many of the waiting deliveries are due and not under way, and since when the first of them is due. */
  due: number;
  oldest_due_at: number | null;
}

/** What was given up and not received since, among the newest that were given up. */
export interface GivenUp {
  deliveries: number;
  /** Whether there are older ones, which were not counted. */
  more: boolean;
  endpoints: readonly { webhook_endpoint: string; deliveries: number }[];
}

/** A platform's access to an account, now or until it ended. docs/console-api.md describes it. */
export interface AccountConnection {
  platform: string | null;
  application: { id: string; name: string | null } | null;
  livemode: boolean;
  created: number | null;
  ended: number | null;
  scope: "read_write" | "read_only" | null;
  controller: boolean | null;
}

/** The deliveries that were made in one hour. */
export interface FiguresOfHour {
  /** When it begins: Unix seconds. */
  hour: number;
  delivered: number;
  failed: number;
  waiting: number;
}

/** A type in the catalogue that can be published. */
export interface EventTypeAnswer {
  id: string;
  /** The `object` value in its events. */
  data_object: string;
  /** A sample of that object. Lists leave it out. */
  sample?: object;
}
