import { type Connection, sessionNumber, tellConnection } from "./connection.ts";
import { ApiFailure, Unreachable } from "./failure.ts";
import { form, type Parameters } from "./form.ts";
import { type Mode, SERVER_PATH } from "./place.ts";
import { chosenPlatform } from "./platform.ts";
import { isUntouched } from "./touched.ts";

/** What a call may say besides its parameters. */
interface CallOptions {
  /** Acts for this connected account, as the header `Stripe-Account` does. */
  account?: string | undefined;
  signal?: AbortSignal;
}

/** The server's API in one mode. Each call rejects with `ApiFailure` when it is refused, with `Unreachable` without an answer. */
export interface Client {
  readonly mode: Mode;
  get<Answer>(path: string, parameters?: Parameters, options?: CallOptions): Promise<Answer>;
  post<Answer>(path: string, parameters?: Parameters, options?: CallOptions): Promise<Answer>;
  /** Sends its parameters as JSON: numbers stay numbers. */
  postJson<Answer>(path: string, body: object): Promise<Answer>;
  remove<Answer>(path: string, options?: CallOptions): Promise<Answer>;
}

/** The version in whose words the v2 API answers, which is asked for with each call of it. */
const V2_VERSION = "2026-10-28.endive";

/** The type of a body in Stripe's form. */
const FORM = "application/x-www-form-urlencoded";

/** The client for a mode. */
export function createClient(mode: Mode): Client {
  const send = async <Answer>(method: string, path: string, body: string | null, options: CallOptions, type = FORM): Promise<Answer> => {
    const headers = new Headers({ "carabiner-mode": mode });
    const platform = chosenPlatform();
    if (platform !== null) headers.set("carabiner-platform", platform);
    if (method === "GET" && isUntouched()) headers.set("carabiner-background", "1");
    if (options.account !== undefined) headers.set("stripe-account", options.account);
    if (path.startsWith("/v2/")) headers.set("stripe-version", V2_VERSION);
    if (body !== null) headers.set("content-type", type);
    const session = sessionNumber();
    const request: RequestInit = { method, headers, body, credentials: "same-origin", signal: options.signal ?? null };
    return answerOf<Answer>(await reach(() => fetch(SERVER_PATH + path, request), options.signal), session);
  };
  return {
    mode,
    get(path, parameters = {}, options = {}) {
      const query = form(parameters).toString();
      return send("GET", query === "" ? path : `${path}?${query}`, null, options);
    },
    post: (path, parameters = {}, options = {}) => send("POST", path, form(parameters).toString(), options),
    postJson: (path, body) => send("POST", path, JSON.stringify(body), {}, "application/json"),
    remove: (path, options = {}) => send("DELETE", path, null, options),
  };
}

async function reach(request: () => Promise<Response>, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await request();
  } catch (error) {
    if (signal?.aborted === true) throw error;
    tellConnection("away");
    throw new Unreachable("The server does not answer.", { cause: error });
  }
}

/** What answers tell of the connection that are not about the call: who asks is not known, or the server cannot read its store. */
const REFUSALS: Readonly<Record<number, Connection>> = { 401: "signed-out", 503: "away" };

async function answerOf<Answer>(response: Response, session: number): Promise<Answer> {
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  // A proxy answers in the place of a server that is down, in words of its own.
  if (!isJson && [502, 503, 504].includes(response.status)) {
    tellConnection("away");
    throw new Unreachable(`The server does not answer: a proxy says ${response.status}.`);
  }
  const body = isJson ? ((await response.json()) as Answer & { error?: object }) : null;
  if (response.ok && body !== null) {
    tellConnection("answering");
    return body;
  }
  if (session === sessionNumber()) tellConnection(REFUSALS[response.status] ?? "answering");
  throw new ApiFailure(response.status, body?.error ?? {}, response.headers.get("request-id"));
}
