import { HEADERS, LATEST_API_VERSION } from "@carabiner/protocol";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { printable } from "../output/printable.ts";
import { certificateAdvice, reasonOf } from "./certificate-advice.ts";
import { encodeForm, type FormValue } from "./encode-form.ts";

/** The server, the key and the account of a call. */
export interface Target {
  /** Without a trailing slash. */
  url: string;
  /** A secret key. */
  key: string;
  /** The connected account to act for; null for the key's own account. */
  account: string | null;
}

export type Parameters = Readonly<Record<string, FormValue>>;

/** Calls the server. Every method rejects with a `CommandFailure` that says what to do. */
export interface ApiClient {
  target: Target;
  get<Answer>(path: string, query?: Parameters): Promise<Answer>;
  post<Answer>(path: string, parameters?: Parameters): Promise<Answer>;
  /** Posts JSON, which keeps the types of numbers and booleans. */
  postJson<Answer>(path: string, body: unknown): Promise<Answer>;
  /** Posts a form with a file. */
  upload<Answer>(path: string, form: FormData): Promise<Answer>;
  delete<Answer>(path: string): Promise<Answer>;
}

/** A page of a list. */
export interface List<Item> {
  object: "list";
  data: Item[];
  has_more: boolean;
  url: string;
}

/**
 * How long an answer may take. Advancing the clock far takes long, because it runs everything that falls due on the
 * way.
 */
const ANSWER_MS = 120_000;

/** The codes of errors for an object that does not exist, in v1 and in v2. */
const MISSING: readonly unknown[] = ["resource_missing", "not_found"];

/** A client for `target`; `send` replaces `fetch` in tests. */
export function createApiClient(target: Target, send: typeof fetch = fetch): ApiClient {
  async function ask<Answer>(method: string, path: string, body: string | FormData | null, type: string | null): Promise<Answer> {
    const headers: Record<string, string> = { authorization: `Bearer ${target.key}`, accept: "application/json" };
    if (target.account !== null) headers[HEADERS.account] = target.account;
    // v2 calls require a version; v1 calls answer in the account's own version.
    if (path.startsWith("/v2/")) headers[HEADERS.version] = LATEST_API_VERSION;
    // For a form with a file, `fetch` sets the content type with the boundary.
    if (body !== null && type !== null) headers["content-type"] = type;
    let response: Response;
    let text: string;
    // `AbortSignal.timeout` would keep its timer for the whole time. A command that calls often would have thousands of
    // them.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(new DOMException("too late", "TimeoutError")), ANSWER_MS);
    try {
      response = await send(`${target.url}${path}`, { method, headers, body, redirect: "manual", signal: deadline.signal });
      text = await response.text();
    } catch (error) {
      throw unreachable(target, error);
    } finally {
      clearTimeout(timer);
    }
    const answer = parse(text);
    if (response.ok && answer !== null) return answer as Answer;
    throw refusal(target, response, answer);
  }
  const form = "application/x-www-form-urlencoded";
  return {
    target,
    get: (path, query = {}) => ask("GET", withQuery(path, query), null, form),
    post: (path, parameters = {}) => ask("POST", path, encodeForm(parameters), form),
    postJson: (path, body) => ask("POST", path, JSON.stringify(body), "application/json"),
    upload: (path, body) => ask("POST", path, body, null),
    delete: (path) => ask("DELETE", path, null, form),
  };
}

function withQuery(path: string, query: Parameters): string {
  const encoded = encodeForm(query);
  return encoded === "" ? path : `${path}?${encoded}`;
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** No answer: no server listens there, the name does not resolve, or it took too long. */
function unreachable({ url }: Target, error: unknown): CommandFailure {
  const cause = error instanceof Error ? error : new Error(String(error));
  const inner = (cause.cause ?? {}) as NodeJS.ErrnoException;
  const reason = cause.name === "TimeoutError" ? `no answer within ${ANSWER_MS / 1000} s` : (reasonOf(inner) ?? cause.message);
  return new CommandFailure(`Cannot reach a server at ${url}: ${printable(reason)}.`, {
    advice: certificateAdvice(inner) ?? "Start one with `carabiner dev`, or say where it is with --url or CARABINER_URL.",
    exitCode: EXIT_CODES.unreachable,
    cause,
  });
}

/** An error answer: the server's message, the id of the request, and what to do. */
function refusal(target: Target, response: Response, answer: Record<string, unknown> | null): CommandFailure {
  const error = answer?.error;
  if (typeof error !== "object" || error === null) {
    return new CommandFailure(`${target.url} answered ${response.status}, but not as this API does.`, {
      advice: "Another program may be listening there. Check --url or CARABINER_URL.",
      exitCode: EXIT_CODES.unreachable,
    });
  }
  const { message, code, type, param } = error as Record<string, unknown>;
  const facts = [`${response.status} ${printable(String(code ?? type ?? ""))}`.trim()];
  if (typeof param === "string") facts.push(`parameter ${printable(param)}`);
  const request = response.headers.get(HEADERS.requestId);
  if (request !== null) facts.push(`request ${printable(request)}`);
  const advice = adviceFor(response.status, typeof code === "string" ? code : null, target);
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return new CommandFailure(printable(String(message ?? "The server refused without a reason.")), {
    refusal: { status: response.status, type: text(type), code: text(code), param: text(param), request },
    details: [facts.join(" · ")],
    ...(advice === null ? {} : { advice }),
    exitCode: MISSING.includes(code) ? EXIT_CODES.notFound : EXIT_CODES.error,
  });
}

/** What to do about such an answer; null when the message says so. */
export function adviceFor(status: number, code: string | null, { account, key }: Pick<Target, "account" | "key">): string | null {
  const keyVariable = /^.k_live_/.test(key) ? "CARABINER_LIVE_API_KEY" : "CARABINER_API_KEY";
  if (status === 401)
    return `Set ${keyVariable} to a secret key of this server. \`carabiner dev\` prints its own; \`carabiner platforms create\` makes new ones.`;
  if (status === 403 && code === "account_invalid")
    return "Check the account's id: `carabiner accounts list` shows the accounts that are connected in this mode (add --live for live mode).";
  if (status === 403 && code === "secret_key_required") return `Set ${keyVariable} to a secret key, which begins with sk_.`;
  if (MISSING.includes(code))
    return account === null
      ? "List what there is with the `list` command beside this one. Objects of a connected account need --account, those of live mode --live."
      : "List what there is with the `list` command beside this one. Objects of the platform itself need no --account, those of live mode --live.";
  if (status === 404) return "The server does not have this call: it may be of another version, or run on real time, or not be Carabiner.";
  if (status === 409 || status === 429 || status === 503) return "Try again in a moment.";
  if (status >= 500) return "Look for the request id in the server's log.";
  return null;
}
