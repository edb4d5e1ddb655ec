import { tellServerDate } from "../design/now.ts";
import { keyOfAct, rememberAct } from "./act-keys.ts";
import { sessionNumber, tellAnswered, tellConnection } from "./connection.ts";
import { ApiFailure, Unreachable } from "./failure.ts";
import { form, type Parameters } from "./form.ts";
import { isOurs, knock } from "./knock.ts";
import { type Mode, SERVER_PATH } from "./place.ts";
import { chosenPlatform } from "./platform.ts";
import { type Reached, reach } from "./reach.ts";
import { isUntouched } from "./touched.ts";

/** How long the server may be silent during a read, in milliseconds. After that, the read is given up. */
const READ_SILENT_MS = 20_000;
/** How long the server may be silent during an act. */
const ACT_SILENT_MS = 60_000;

/**
 * What happens when an act is requested again: it is done only once, it is done again, or it changes nothing in any
 * case.
 */
type Repeated = "again" | "harmless" | "once";

/** Options of a call, in addition to its parameters. */
interface CallOptions {
  /** Acts for this connected account, as the header `Stripe-Account` does. */
  account?: string | undefined;
  signal?: AbortSignal;
  /** How long the server may be silent, in milliseconds, where that is not 20 s for a read and 60 s for an act. */
  silentMs?: number;
  /** What happens when the act is requested twice; `once` by default. */
  repeated?: Repeated;
}

/**
 * The server's API in one mode. Each call rejects with `ApiFailure` when it is refused, and with `Unreachable` without
 * an answer. Acts are never repeated automatically: without an answer it is unknown whether the act was done, and the
 * failure says so.
 */
export interface Client {
  readonly mode: Mode;
  get<Answer>(path: string, parameters?: Parameters, options?: CallOptions): Promise<Answer>;
  post<Answer>(path: string, parameters?: Parameters, options?: CallOptions): Promise<Answer>;
  /** Sends its parameters as JSON: numbers stay numbers. */
  postJson<Answer>(path: string, body: object): Promise<Answer>;
  remove<Answer>(path: string, options?: CallOptions): Promise<Answer>;
}

/** The version that v2 answers use, which each v2 call requests. */
const V2_VERSION = "2026-10-28.endive";

/** The type of a body in Stripe's form. */
const FORM = "application/x-www-form-urlencoded";

/** The client for a mode. */
export function createClient(mode: Mode): Client {
  const ask = async <Answer>(path: string, options: CallOptions): Promise<Answer> => {
    const headers = headersFor(mode, path, options);
    if (isUntouched()) headers.set("carabiner-background", "1");
    return answerOf<Answer>(path, { method: "GET", headers, signal: options.signal ?? null }, options.silentMs ?? READ_SILENT_MS);
  };
  const act = async <Answer>(method: string, path: string, body: string | null, options: CallOptions, type = FORM): Promise<Answer> => {
    const headers = headersFor(mode, path, options);
    if (body !== null) headers.set("content-type", type);
    const { repeated = "once", silentMs = ACT_SILENT_MS } = options;
    const name = JSON.stringify([sessionNumber(), ...headers, method, path, body]);
    const key = repeated === "once" ? keyOfAct(name, Date.now()) : null;
    if (key !== null) headers.set("idempotency-key", key);
    try {
      return await answerOf<Answer>(path, { method, headers, body, signal: options.signal ?? null }, silentMs);
    } catch (error) {
      if (!leavesUnknown(error) || repeated === "harmless") throw error;
      if (key !== null) rememberAct(name, key, Date.now());
      throw withoutEnd(error, repeated);
    }
  };
  return {
    mode,
    get(path, parameters = {}, options = {}) {
      const query = form(parameters).toString();
      return ask(query === "" ? path : `${path}?${query}`, options);
    },
    post: (path, parameters = {}, options = {}) => act("POST", path, form(parameters).toString(), options),
    postJson: (path, body) => act("POST", path, JSON.stringify(body), {}, "application/json"),
    remove: (path, options = {}) => act("DELETE", path, null, { repeated: "again", ...options }),
  };
}

function headersFor(mode: Mode, path: string, { account }: CallOptions): Headers {
  const headers = new Headers({ "carabiner-mode": mode });
  const platform = chosenPlatform();
  if (platform !== null) headers.set("carabiner-platform", platform);
  if (account !== undefined) headers.set("stripe-account", account);
  if (path.startsWith("/v2/")) headers.set("stripe-version", V2_VERSION);
  return headers;
}

/** The code of the refusal that comes while the same act is still running. */
const STILL_DONE = "idempotency_key_in_use";

/** Whether a failed act may have been done, or may be done when it is requested again with the same key. */
function leavesUnknown(error: unknown): error is ApiFailure | Unreachable {
  return error instanceof Unreachable || (error instanceof ApiFailure && (error.status === 503 || error.code === STILL_DONE));
}

/**
 * The failure of an act, with what to do about it. The server has not done what it refused, and its refusal says so.
 */
function withoutEnd(error: ApiFailure | Unreachable, repeated: Repeated): Error {
  const once = "Do the same again here, and it is done once at most.";
  if (error instanceof ApiFailure) return repeated === "once" ? error.adding(once) : error;
  return new Unreachable(
    repeated === "once"
      ? `${error.message} Whether this was done is not known. ${once}`
      : `${error.message} Whether this was done is not known: look whether it was before you do it again.`,
    { cause: error },
  );
}

async function answerOf<Answer>(path: string, request: RequestInit, silentMs: number): Promise<Answer> {
  const session = sessionNumber();
  const askedAt = Date.now();
  let reached: Reached;
  try {
    reached = await reach(SERVER_PATH + path, { ...request, credentials: "same-origin" }, silentMs);
    if (!isOurs(reached)) throw new Unreachable(instead(reached));
  } catch (error) {
    if (error instanceof Unreachable) void knock();
    throw error;
  }
  const { status, headers, body } = reached;
  tellServerDate(headers.get("date"), askedAt, Date.now());
  if (status < 400) {
    tellAnswered();
    return body as Answer;
  }
  if (status === 401 && session === sessionNumber()) tellConnection("signed-out");
  else if (status === 503) void knock();
  else tellAnswered();
  throw new ApiFailure(status, (body as { error: object }).error, headers.get("request-id"));
}

/** Names what answered instead of the server: a proxy does when the server is down. */
function instead({ status }: Reached): string {
  return [502, 503, 504].includes(status)
    ? `The server does not answer: a proxy says ${status}.`
    : `Something else answered in the place of the server, with status ${status}: a proxy, or a network that asks you to sign in.`;
}
