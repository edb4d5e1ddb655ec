import type { ApiVersion, IdSource } from "@carabiner/protocol";
import type { Clock } from "../clock/clock.ts";
import type { recordEvents } from "../events/record-event.ts";
import type { Limits } from "../limits.ts";
import type { Settings } from "../operations/operation.ts";
import type { Store } from "../store/store.ts";
import type { Expandables } from "./expandable-fields.ts";

/** What the calls of the API work with. */
export interface ApiOptions {
  store: Store;
  clock: Clock;
  ids: IdSource;
  limits: Limits;
  settings: Settings;
  /** The one door for events: `events/record-event`. */
  recordEvents: typeof recordEvents;
  expandable: Expandables;
  /** Told of the hash of each request's key, once it is authenticated. */
  onKeyUsed?: (hash: string, now: number) => void;
}

/** A request, as HTTP gave it. */
export interface ApiRequest {
  id: string;
  /** Without the query. */
  path: string;
  /** What stands in the path's `:name` places. */
  named: Readonly<Record<string, string>>;
  /** The query's text, in the characters of its bytes as Node gives them; empty when there is none. */
  query: string;
  body: { kind: "form" | "json"; text: string } | { kind: "multipart"; type: string; bytes: Uint8Array } | null;
  authorization: string | undefined;
  stripeAccount: string | undefined;
  stripeVersion: string | undefined;
  idempotencyKey: string | undefined;
  /** The address at the other end of the connection; null when it is gone. */
  clientIp: string | null;
}

/** What is answered, and what the log should know of it. */
export interface ApiAnswer {
  status: number;
  /** JSON. */
  body: string;
  /** The request this answers: another's when it is a replay. */
  requestId: string;
  replayed: boolean;
  /** The version the answer is rendered by; null when the request was refused before one was known. */
  apiVersion: ApiVersion | null;
  /** What `Stripe-Should-Retry` says; null leaves it out. */
  shouldRetry: boolean | null;
  /** What `Retry-After` says; null leaves it out. */
  retryAfterSeconds: number | null;
  /** For whom the request acted; null when that was not found out. */
  account: string | null;
  /** Who made it; null when that was not found out. */
  caller: { id: string; livemode: boolean; keyHint: string } | null;
  /** The error's name in the table, if it is one. */
  error: string | null;
  /** What was thrown and is not an answer: for the log only. */
  cause: unknown;
}

/** A call, ready to run: it never rejects, whatever happens becomes an answer. */
export type Call = (request: ApiRequest) => Promise<ApiAnswer>;
