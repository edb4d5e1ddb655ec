import type { Topic } from "./queries.ts";

/** The messages of the stream. docs/dashboard.md describes them. */
export interface Changes {
  events?: readonly { type: string }[];
  deliveries?: readonly unknown[];
  endpoints?: readonly string[];
  requests?: readonly { method: string; path: string }[];
  /** Lists with more changes than the message contains. */
  reload?: readonly string[];
}

/** Prefixes of event types about an account: known data of the account is outdated. */
const OF_ACCOUNTS = /^(account|capability|payout|person)\.|^v2\.core\.account/;

/** Prefixes of event types about money: an account's balance, and where it goes. */
const OF_MONEY = /^(application_fee|balance|charge|payout|refund|topup|transfer)\./;

/** Paths of calls that move money, or that let time pass for money that is waiting to move. */
const CALLS_ON_MONEY = /^\/v1\/(test_helpers\/)?(application_fees|balance|charges|payment_intents|payouts|refunds|topups|transfers)\b/;

/** Paths of calls on accounts. Not every change has an event: an account's use may change without one. */
const CALLS_ON_ACCOUNTS = /^\/v[12]\/(core\/)?accounts\b/;

/** What must be read again after these changes. Events are listed with their deliveries, so both change together. */
export function staleTopics({ events = [], deliveries = [], endpoints = [], requests = [], reload = [] }: Changes): Topic[] {
  const topics = new Set<Topic>();
  if (events.length > 0 || reload.includes("events")) topics.add("events").add("deliveries").add("clock");
  if (deliveries.length > 0 || reload.includes("deliveries")) topics.add("deliveries").add("events");
  if (endpoints.length > 0 || reload.includes("endpoints")) topics.add("endpoints");
  if (requests.length > 0 || reload.includes("requests")) topics.add("requests");
  const tells = (of: RegExp, calls: RegExp): boolean =>
    reload.includes("events") ||
    events.some(({ type }) => of.test(type)) ||
    requests.some(({ method, path }) => method !== "GET" && calls.test(path));
  if (tells(OF_ACCOUNTS, CALLS_ON_ACCOUNTS)) topics.add("accounts");
  if (tells(OF_MONEY, CALLS_ON_MONEY)) topics.add("money");
  return [...topics];
}
