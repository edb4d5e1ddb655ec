import { apiError } from "@carabiner/protocol";
import type { JsonObject, RequestRow } from "../../store/contract/rows.ts";

/** The filters of `stripe logs tail`, as the official CLI sends them: lists of words, one of which must match. */
const FILTERS = [
  "filter_account",
  "filter_http_method",
  "filter_request_path",
  "filter_request_status",
  "filter_source",
  "filter_status_code",
  "filter_status_code_type",
] as const;

/** The requests that a session receives. */
export type TailFilter = Partial<Record<(typeof FILTERS)[number], readonly string[]>>;

/**
 * Parses the filters. Throws `listen_filter_invalid` for an invalid one, and for a filter by address: the request log
 * has no addresses.
 */
export function readTailFilter(text: string | undefined): TailFilter | null {
  if (text === undefined || text === "") return null;
  const given = parsed(text);
  const filter: TailFilter = {};
  for (const [name, words] of Object.entries(given)) {
    const param = `filters[${name.slice(0, 40)}]`;
    if (name === "filter_ip_address") throw refusal(param, "requests are not remembered by the address they came from");
    const known = FILTERS.find((one) => one === name);
    if (known === undefined) throw refusal(param, "there is no such filter");
    if (!Array.isArray(words) || !words.every((word) => typeof word === "string")) throw refusal(param, "it must be a list of words");
    filter[known] = words as string[];
  }
  return Object.keys(filter).length === 0 ? null : filter;
}

function parsed(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // Reported below.
  }
  throw refusal("filters", "it must be a hash in JSON");
}

const refusal = (param: string, reason: string) => apiError("listen_filter_invalid", { param, reason });

/** Whether a session receives a request. Pure. */
export function passes(row: RequestRow, filter: TailFilter | null): boolean {
  if (filter === null) return true;
  const { filter_account, filter_http_method, filter_request_path, filter_request_status, filter_source } = filter;
  const { filter_status_code, filter_status_code_type } = filter;
  const one = (words: readonly string[] | undefined, is: (word: string) => boolean): boolean => words === undefined || words.some(is);
  return (
    one(filter_http_method, (method) => method.toUpperCase() === row.method) &&
    one(filter_request_path, (path) => path === row.route || isOf(path, row.path)) &&
    one(filter_status_code, (status) => status === String(row.status)) &&
    // `4XX`, which the CLI sends as `400`.
    one(filter_status_code_type, (type) => type[0] === String(row.status)[0]) &&
    one(filter_request_status, (status) => (status.toUpperCase() === "SUCCEEDED") === row.status < 400) &&
    one(filter_source, (source) => (source.toUpperCase() === "DASHBOARD") === row.route.startsWith("/console/")) &&
    // A request that a platform makes for an account belongs to the platform, so no request is incoming.
    one(filter_account, (account) => account.toLowerCase() === (row.accountId === row.callerId ? "self" : "connect_out"))
  );
}

/**
 * Whether a path is that of a request, of which parts may be hidden: `/v1/coupons/SUMMER` matches
 * `/v1/coupons/:coupon`.
 */
function isOf(path: string, shown: string): boolean {
  const [given, parts] = [path.split("/"), shown.split("/")];
  return given.length === parts.length && parts.every((part, at) => part.startsWith(":") || part === "*" || part === given[at]);
}
