import type { FastifyReply, FastifyRequest } from "fastify";
import type { Settings } from "../operations/operation.ts";

/** A cookie of the pages. */
export interface PageCookie {
  name: string;
  /** Sent to one page alone, or to all paths of the host. */
  scope: "page" | "host";
}

/** Cookies of a name that are looked at: a neighbour may have set some of it too. */
const COOKIES_READ = 8;

/** The values that the browser sent of a cookie, in its order. Which of them is ours, the values must show. */
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
 * Gives the browser a cookie until it is closed, for the pages at `path`. Scripts cannot read it, other sites cannot have it
 * sent with a form.
 */
export function setCookie(reply: FastifyReply, settings: Settings, cookie: PageCookie, value: string, path: string): void {
  const secure = isSecure(settings) ? "; Secure" : "";
  const at = cookie.scope === "host" ? "/" : ownPath(settings, path);
  reply.header("set-cookie", `${nameOf(settings, cookie)}=${value}; Path=${at}; HttpOnly; SameSite=Lax${secure}`);
}

/** A path of ours as browsers know it: below that of the public URL. */
export function ownPath(settings: Settings, path: string): string {
  return new URL(settings.publicUrl()).pathname.replace(/\/$/, "") + path;
}

/**
 * Behind https a name says what the browser demands of the cookie: that it was set by https, and for `__Host-` also by this
 * very host, not by another below the same domain. Source: RFC 6265bis, 4.1.3
 */
function nameOf(settings: Settings, { name, scope }: PageCookie): string {
  if (!isSecure(settings)) return name;
  return `${scope === "host" ? "__Host-" : "__Secure-"}${name}`;
}

const isSecure = (settings: Settings): boolean => settings.publicUrl().startsWith("https:");
