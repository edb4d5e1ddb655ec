import type { FastifyReply, FastifyRequest } from "fastify";
import type { Settings } from "../operations/operation.ts";

/** A cookie of the pages. */
export interface PageCookie {
  name: string;
  /** Sent only to one page, or to all paths of the host. */
  scope: "page" | "host";
}

/** How many cookies of one name are checked: a neighbouring host may have set some. */
const COOKIES_READ = 8;

/** The values that the browser sent for a cookie, in its order. Their signature shows which one is ours. */
export function cookiesOf({ headers }: FastifyRequest, settings: Settings, cookie: PageCookie): string[] {
  const wanted = nameOf(settings, cookie);
  const values: string[] = [];
  for (const pair of (headers.cookie ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals === -1 || pair.slice(0, equals).trim() !== wanted) continue;
    if (values.push(pair.slice(equals + 1).trim()) === COOKIES_READ) break;
  }
  return values;
}

/**
 * Sets a cookie for the pages at `path`, until the browser is closed. Scripts cannot read it, and other sites' forms
 * are sent without it.
 */
export function setCookie(reply: FastifyReply, settings: Settings, cookie: PageCookie, value: string, path: string): void {
  const secure = isSecure(settings) ? "; Secure" : "";
  const at = cookie.scope === "host" ? "/" : ownPath(settings, path);
  reply.header("set-cookie", `${nameOf(settings, cookie)}=${value}; Path=${at}; HttpOnly; SameSite=Lax${secure}`);
}

/** Our path as browsers see it: below the path of the public URL. */
export function ownPath(settings: Settings, path: string): string {
  return new URL(settings.publicUrl()).pathname.replace(/\/$/, "") + path;
}

/**
 * With https, the prefix of the name states conditions that the browser enforces: the cookie was set over https, and
 * for `__Host-` also by this very host, not by another of the same domain. Source: RFC 6265bis, 4.1.3
 */
function nameOf(settings: Settings, { name, scope }: PageCookie): string {
  if (!isSecure(settings)) return name;
  return `${scope === "host" ? "__Host-" : "__Secure-"}${name}`;
}

const isSecure = (settings: Settings): boolean => settings.publicUrl().startsWith("https:");
