import type { ApiVersion, IdSource } from "@carabiner/protocol";
import type { Clock } from "../clock/clock.ts";
import type { recordEvents } from "../events/record-event.ts";
import type { Limits } from "../limits.ts";
import type { Settings } from "../operations/operation.ts";
import type { Store } from "../store/store.ts";
import type { Expandables } from "./expandable-fields.ts";
import type { SessionCredential } from "./session-credential.ts";

/** The dependencies of the API's calls. */
export interface ApiOptions {
  store: Store;
  clock: Clock;
  ids: IdSource;
  limits: Limits;
  settings: Settings;
  /** The only way to record events: `events/record-event`. */
  recordEvents: typeof recordEvents;
  expandable: Expandables;
  /** Receives the hash of each request's key, once it is authenticated. */
  onKeyUsed?: (hash: string, now: number) => void;
}

/** A request, as HTTP gave it. */
export interface ApiRequest {
  id: string;
  /** Without the query. */
  path: string;
  /** The values of the path's `:name` parts. */
  named: Readonly<Record<string, string>>;
  /** The query's text, one character for each byte, as Node gives it; empty when there is none. */
  query: string;
  body: { kind: "form" | "json"; text: string } | { kind: "multipart"; type: string; bytes: Uint8Array } | null;
  authorization: string | undefined;
  /** The session of the dashboard's page, if the request comes from there. A key takes precedence. */
  session?: SessionCredential;
  stripeAccount: string | undefined;
  stripeVersion: string | undefined;
  idempotencyKey: string | undefined;
  /** The address at the other end of the connection; null when it is gone. */
  clientIp: string | null;
  /** Represents the connection that the request came through. */
  connection?: object;
}

/** The answer, and what the log should say about it. */
export interface ApiAnswer {
  status: number;
  /** JSON. */
  body: string;
  /** The request that this answers: the earlier one for a replay. */
  requestId: string;
  replayed: boolean;
  /** The version of the answer; null when the request was refused before one was known. */
  apiVersion: ApiVersion | null;
  /** What `Stripe-Should-Retry` says; null leaves it out. */
  shouldRetry: boolean | null;
  /** What `Retry-After` says; null leaves it out. */
  retryAfterSeconds: number | null;
  /** The account the request acted for; null when it is unknown. */
  account: string | null;
  /** Who made it; null when that is unknown. */
  caller: { id: string; livemode: boolean; keyHint: string } | null;
  /** The error's name in the table, if it is one. */
  error: string | null;
  /** The unexpected error, if any: for the log only. */
  cause: unknown;
}

/** A call, ready to run. It never rejects: every failure becomes an answer. */
export type Call = (request: ApiRequest) => Promise<ApiAnswer>;
