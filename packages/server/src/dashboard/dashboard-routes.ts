import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Settings } from "../operations/operation.ts";
import { ownPath } from "../pages/page-cookie.ts";
import { sendProblem } from "../pages/send-page.ts";
import { type BuiltDashboard, type DashboardFile, etagOf } from "./dashboard-files.ts";
import { isOwnHost } from "./own-host.ts";

/** What the dashboard's page needs. */
export interface DashboardPageOptions {
  settings: Settings;
  /** Whether only names of this machine and the public URL may open it, as on a `dev` server. */
  ownHostOnly: boolean;
  /** The built page; null until there is one. */
  built(): Promise<BuiltDashboard | null>;
}

/** The address of the page. Everything below it that is not a file is one of the page's own addresses. */
const HOME = "/dashboard";

/** What the page may do: load its own files, call its own server, and nothing else. */
const SECURITY_HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** Adds the dashboard's page and its files, and redirects browsers there from `/`. */
export function addDashboardPage(app: FastifyInstance, options: DashboardPageOptions): void {
  const { settings } = options;
  const home = () => `${ownPath(settings, HOME)}/`;
  app.get("/", (request, reply) => {
    if (!/\btext\/html\b/.test(request.headers.accept ?? "")) return reply.callNotFound();
    return leadTo(reply, home());
  });
  app.route({
    method: ["GET", "HEAD"],
    url: HOME,
    handler: (request, reply) => leadTo(reply, home() + (/\?[\x21-\x7e]*$/.exec(request.url)?.[0] ?? "")),
  });
  app.route({ method: ["GET", "HEAD"], url: `${HOME}/*`, handler: (request, reply) => answer(options, request, reply) });
}

function leadTo(reply: FastifyReply, location: string): FastifyReply {
  return reply.code(303).headers({ location, "cache-control": "no-store" }).send();
}

async function answer({ settings, ownHostOnly, built }: DashboardPageOptions, request: FastifyRequest, reply: FastifyReply) {
  if (ownHostOnly && !isOwnHost(request.headers.host, settings.publicUrl()))
    return sendProblem(
      reply,
      421,
      "The dashboard is not served at this address",
      `A development server shows it only under the names of this machine: open ${settings.publicUrl()}${HOME}/.`,
    );
  const dashboard = await built();
  if (dashboard === null)
    return sendProblem(reply, 503, "The dashboard is not built", "Run `npm run build:dashboard`, then load this page again.");
  const path = (request.params as { "*": string })["*"];
  const file = dashboard.files.get(path);
  if (file !== undefined) return sendFile(reply, request, file);
  // A file of another build, which is not an address of the page.
  if (path.startsWith("assets/")) return reply.callNotFound();
  return sendThePage(reply, request, pageAt(dashboard.page, request.url));
}

/**
 * The page for one of its own addresses: `/dashboard/events/evt_1`. Its links are relative, so that it works below any
 * path of a proxy; they go up as many folders as the address is deep. The address is used as it was sent: `%2F` does
 * not begin a folder.
 */
function pageAt(page: string, url: string): string {
  const path = url.slice(`${HOME}/`.length).replace(/\?.*/s, "");
  const climb = "../".repeat(path.split("/").length - 1);
  return climb === "" ? page : page.replaceAll(/\b(src|href)="\.\//g, `$1="${climb}`);
}

function sendThePage(reply: FastifyReply, request: FastifyRequest, page: string): FastifyReply {
  const etag = etagOf(page);
  reply.headers({ ...SECURITY_HEADERS, "cache-control": "no-cache", etag });
  if (isKnown(request, etag)) return reply.code(304).send();
  return reply.header("content-type", "text/html; charset=utf-8").send(page);
}

function sendFile(reply: FastifyReply, request: FastifyRequest, { bytes, type, compressed, immutable, etag }: DashboardFile): FastifyReply {
  reply.headers({
    ...SECURITY_HEADERS,
    "cache-control": immutable ? "public, max-age=31536000, immutable" : "no-cache",
    etag,
    vary: "accept-encoding",
  });
  if (isKnown(request, etag)) return reply.code(304).send();
  reply.header("content-type", type);
  for (const coding of ["br", "gzip"] as const) {
    const smaller = compressed.get(coding);
    if (smaller !== undefined && accepts(request.headers["accept-encoding"], coding))
      return reply.header("content-encoding", coding).send(smaller);
  }
  return reply.send(bytes);
}

/** Whether the client already has this version. Source: RFC 9110, 13.1.2 */
function isKnown({ headers }: FastifyRequest, etag: string): boolean {
  const known = headers["if-none-match"] ?? "";
  return known.split(",").some((one) => one.trim().replace(/^W\//, "") === etag);
}

/** Whether a client accepts a content coding. Source: RFC 9110, 12.5.3 */
function accepts(header: string | string[] | undefined, coding: string): boolean {
  return String(header ?? "")
    .split(",")
    .some((part) => {
      const [name, ...weights] = part.split(";").map((piece) => piece.trim().toLowerCase());
      return name === coding && !weights.some((weight) => /^q=0(?:\.0*)?$/.test(weight));
    });
}
