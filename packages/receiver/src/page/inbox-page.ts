import type { IncomingMessage, ServerResponse } from "node:http";
import { readStream } from "../adapters/read-stream.ts";
import type { WorkFilter, WorkOfEvent, WorkRow, WorkState } from "../inbox/inbox.ts";
import { renderPage, type ShownDepth } from "./render-page.ts";

export interface InboxPageOptions {
  /** Whether it has buttons that retry and discard. Default: false. */
  writable?: boolean;
}

/** A page that shows what waits and what failed. It has no authentication: put it behind your program's own login. */
export interface InboxPage {
  /** For servers that use `Request` and `Response`. */
  fetch(request: Request): Promise<Response>;
  /** For `node:http` and Express: `app.use("/admin/webhooks", requireAdmin, page.node)`. */
  node(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** What it needs from a receiver. */
export interface PageParts {
  depth(): Promise<ShownDepth>;
  work(filter: WorkFilter): Promise<WorkRow[]>;
  retry(which: WorkOfEvent): Promise<number>;
  discard(which: WorkOfEvent): Promise<number>;
  /** Unix milliseconds. */
  now(): number;
}

/** A request for the page, from any server. */
interface PageRequest {
  method: string;
  query: URLSearchParams;
  header(name: string): string | null;
  /** A submitted form; null when it is too large. */
  form(): Promise<URLSearchParams | null>;
}

interface PageAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const ROWS = 100;
/** The largest form that is read. The page's own forms have a few hundred bytes. */
const FORM_BYTES = 8_192;
const STATES: ReadonlySet<string> = new Set(["pending", "done", "dead", "discarded", "stale", "cancelled", "quarantined"]);

/** No scripts, no framing, and forms only to the page itself. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

export function createInboxPage(parts: PageParts, { writable = false }: InboxPageOptions = {}): InboxPage {
  async function answer(request: PageRequest): Promise<PageAnswer> {
    if (request.method === "GET" || request.method === "HEAD") return { status: 200, headers: HEADERS, body: await shown(request.query) };
    if (request.method !== "POST" || !writable) return refusal(405, writable ? "GET, HEAD, POST" : "GET, HEAD");
    if (!isOfThisSite(request)) return refusal(403);
    const form = await request.form();
    if (form === null) return refusal(413);
    const which = workIn(form);
    const action = form.get("action");
    if (which === null || (action !== "retry" && action !== "discard")) return refusal(400);
    await parts[action](which);
    // Only the page's query is used, so it cannot lead to another address.
    const back = new URLSearchParams(form.get("back") ?? "").toString();
    return { status: 303, headers: { ...HEADERS, location: `?${back}` }, body: "" };
  }

  async function shown(query: URLSearchParams): Promise<string> {
    const value = (name: string): string | undefined => query.get(name) || undefined;
    const state = value("state");
    const filter = {
      ...(state !== undefined && STATES.has(state) ? { state: state as WorkState } : {}),
      ...(value("handler") === undefined ? {} : { handler: value("handler") as string }),
      ...(value("event") === undefined ? {} : { eventId: value("event") as string }),
    };
    const [depth, rows] = await Promise.all([parts.depth(), parts.work({ ...filter, limit: ROWS })]);
    return renderPage({ depth, rows, limit: ROWS, filter, writable, now: parts.now() });
  }

  return {
    async fetch(request) {
      const given = await answer({
        method: request.method,
        query: new URL(request.url).searchParams,
        header: (name) => (name === "host" ? new URL(request.url).host : request.headers.get(name)),
        form: async () => {
          if (Number(request.headers.get("content-length") ?? FORM_BYTES + 1) > FORM_BYTES) return null;
          return new URLSearchParams(await request.text());
        },
      });
      return new Response(request.method === "HEAD" || given.body === "" ? null : given.body, given);
    },
    async node(request, response) {
      const { status, headers, body } = await answer({
        method: request.method ?? "GET",
        query: new URL(request.url ?? "/", "http://page").searchParams,
        header(name) {
          const value = request.headers[name];
          return typeof value === "string" ? value : null;
        },
        form: () => formOf(request),
      });
      response.writeHead(status, { ...headers, "content-length": new TextEncoder().encode(body).length });
      response.end(request.method === "HEAD" ? undefined : body);
    },
  };
}

/**
 * The browser says where a form came from. Only this page's own may change something, since requests carry the
 * visitor's login.
 */
function isOfThisSite({ header }: PageRequest): boolean {
  const site = header("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = header("origin");
  return origin !== null && URL.canParse(origin) && new URL(origin).host === header("host");
}

function workIn(form: URLSearchParams): WorkOfEvent | null {
  const [eventId, handler, account, livemode] = ["event", "handler", "account", "livemode"].map((name) => form.get(name));
  if (!eventId || !handler || account === null || account === undefined || (livemode !== "true" && livemode !== "false")) return null;
  return { eventId, handler, account: account === "" ? null : account, livemode: livemode === "true" };
}

/** A form, even if a body parser has already read it. */
async function formOf(request: IncomingMessage & { body?: unknown }): Promise<URLSearchParams | null> {
  const { body } = request;
  if (typeof body === "object" && body !== null && Object.keys(body).length > 0) {
    return new URLSearchParams(Object.entries(body).map(([name, value]) => [name, String(value)]));
  }
  const bytes = await readStream(request, FORM_BYTES, request.headers["content-length"]);
  return bytes instanceof Uint8Array ? new URLSearchParams(new TextDecoder().decode(bytes)) : null;
}

function refusal(status: number, allow?: string): PageAnswer {
  const says: Readonly<Record<number, string>> = {
    400: "The form does not belong to this page.",
    403: "The form was not sent from this page.",
    405: "This page is read only.",
    413: "The form is too large.",
  };
  return {
    status,
    headers: { ...HEADERS, "content-type": "text/plain; charset=utf-8", ...(allow === undefined ? {} : { allow }) },
    body: says[status] ?? "",
  };
}
