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

/** The milliseconds that the phases of an attempt took; null where there was none, as on a connection that was open. */
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
  /** Which of the endpoint's secrets made each signature; null for secrets that it no longer has. */
  signature: { signatures: readonly { value: string; secret: string | null; current: boolean | null }[] } | null;
}

/** A delivery with every attempt. */
export interface DeliveryInFull extends Delivery {
  /** What each attempt sends, byte by byte, and where the endpoint is now; null when it is gone. */
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
  /** A thin event as the v2 API shows it; `data` is then only what it is about. */
  thin?: Readonly<Record<string, unknown>> & {
    changes?: { before: Readonly<Record<string, unknown>> | null; after: Readonly<Record<string, unknown>> | null };
  };
  deliveries: Delivery[];
}

/** How an endpoint has answered of late. */
export interface EndpointHealth {
  status: "healthy" | "failing" | "disabled" | "recovered";
  failing_since: number | null;
  failed_attempts: number;
  last_failure: { at: number; outcome: string; status: number | null; reason: string | null } | null;
  disabled_after: number | null;
  /** Until when nothing is sent to it, and why: it failed too often in a row, or asked for that. */
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
  /** Since when nothing is sent to it; null when it is not paused. */
  paused_at: number | null;
  health: EndpointHealth;
}

/** The secrets of an endpoint that sign now, the newest first. */
export interface RevealedSecrets {
  id: string;
  secrets: { secret: string; expires_at: number | null }[];
}

/** An endpoint whose new secret is shown. */
export interface EndpointWithSecret {
  id: string;
  secret: string;
}

/** One request with a key of the account. Its `machine_time` is null where the server's clock says the same. */
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
  /** What was asked and answered, on a `dev` server; null elsewhere. */
  query: Readonly<Record<string, string>> | null;
  params: Readonly<Record<string, string>> | null;
  /** The answer's text, cut off at a limit. Lists leave it out. */
  answer?: string | null;
}

/** What somebody did with platforms, keys and operators. Only operators see it. */
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
/** What an account has. */
export type Balance = Stripe.Balance;
/** A capability of an account. */
export type Capability = Stripe.Capability;
/** A connected account as the v2 API shows it. */
export type V2Account = Stripe.V2.Core.Account;
/** A bank account or card that an account is paid out to. */
export type ExternalAccount = Stripe.BankAccount | Stripe.Card;

/** A job that sends again what was not delivered, or counts it. */
export interface ResendJob {
  id: string;
  status: "canceled" | "paused" | "running" | "succeeded";
  dry_run: boolean;
  /** From 0 to 1. */
  progress: number;
  /** Deliveries that were made; in a dry run, that would be. */
  resent: number;
  /** Those that cannot be sent. */
  skipped: number;
}

/** What switching an endpoint would do, in words. */
export interface SwitchEffect {
  words: string;
}

/** Something that falls due by itself. */
export interface Upcoming {
  /** `attempt`, or what it happens to: `account`, `balance`, `payout`. */
  kind: string;
  at: number;
  account: string;
  subject: string;
  event_type?: string;
  attempt?: number;
}

/** What an id belongs to. */
export interface SearchResult {
  id: string;
  object: string;
  account: string;
}

/** How the newest deliveries of an endpoint, or of an account's events, went. docs/console-api.md describes it. */
export interface DeliveryFigures {
  deliveries: number;
  delivered: number;
  failed: number;
  /** Of those that were delivered or failed, from 0 to 1; null without any. */
  success_rate: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
  /** When the oldest of them was made: Unix seconds. */
  since: number | null;
  /** The hours in which deliveries were made, the newest first. */
  hours: readonly FiguresOfHour[];
}

/** How an endpoint's newest deliveries went, and what waits for it. */
export interface EndpointFigures extends DeliveryFigures {
  pending: number;
  pending_complete: boolean;
  next_attempt_at: number | null;
  /** Of those that wait, how many are due and not under way, and since when the first of them is. */
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

/** A type of the catalogue that can be published. */
export interface EventTypeAnswer {
  id: string;
  /** The `object` of what its events carry. */
  data_object: string;
  /** Such an object. Lists leave it out. */
  sample?: object;
}
