import type { Topic } from "./queries.ts";

/** What the stream tells of. docs/dashboard.md describes it. */
export interface Changes {
  events?: readonly { type: string }[];
  deliveries?: readonly unknown[];
  endpoints?: readonly string[];
  requests?: readonly { method: string; path: string }[];
  /** Lists of which more has changed than is told. */
  reload?: readonly string[];
}

/** Beginnings of types that tell of an account: what is known of it is no longer true. */
const OF_ACCOUNTS = /^(account|balance|capability|payout|person)\.|^v2\.core\.account/;

/** Paths of calls on accounts. Not every change has an event: what an account is used as may change without one. */
const CALLS_ON_ACCOUNTS = /^\/v[12]\/(core\/)?accounts\b/;

/** What is to be read anew after these changes. Events are listed with their deliveries, so both change together. */
export function staleTopics({ events = [], deliveries = [], endpoints = [], requests = [], reload = [] }: Changes): Topic[] {
  const topics = new Set<Topic>();
  if (events.length > 0 || reload.includes("events")) topics.add("events").add("deliveries").add("clock");
  if (deliveries.length > 0 || reload.includes("deliveries")) topics.add("deliveries").add("events");
  if (endpoints.length > 0 || reload.includes("endpoints")) topics.add("endpoints");
  if (requests.length > 0 || reload.includes("requests")) topics.add("requests");
  if (reload.includes("events") || events.some(({ type }) => OF_ACCOUNTS.test(type))) topics.add("accounts");
  if (requests.some(({ method, path }) => method !== "GET" && CALLS_ON_ACCOUNTS.test(path))) topics.add("accounts");
  return [...topics];
}
