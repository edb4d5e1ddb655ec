import type { FastifyReply, FastifyRequest } from "fastify";
import type { Settings } from "../operations/operation.ts";

/**
 * The value of the dashboard's cookie; null if the browser sent none. With https, the prefix of its name makes browsers
 * accept it from this host alone. Source: RFC 6265bis, 4.1.3
 */
export function sessionCookie({ headers }: Pick<FastifyRequest, "headers">, settings: Pick<Settings, "publicUrl">): string | null {
  const wanted = nameOf(settings);
  for (const pair of (headers.cookie ?? "").split(";")) {
    const equals = pair.indexOf("=");
    if (equals !== -1 && pair.slice(0, equals).trim() === wanted) return pair.slice(equals + 1).trim();
  }
  return null;
}

/** Sets the cookie until the browser is closed; an empty value removes it. */
export function setSessionCookie(reply: FastifyReply, settings: Pick<Settings, "publicUrl">, value: string): void {
  const ends = value === "" ? "; Max-Age=0" : "";
  const secure = isSecure(settings) ? "; Secure" : "";
  reply.header("set-cookie", `${nameOf(settings)}=${value}; Path=/; HttpOnly; SameSite=Strict${secure}${ends}`);
}

/** Browsers send a cookie to every port of a host, so without https the name contains the port. */
function nameOf(settings: Pick<Settings, "publicUrl">): string {
  return isSecure(settings) ? "__Host-carabiner" : `carabiner_${new URL(settings.publicUrl()).port || 80}`;
}

const isSecure = (settings: Pick<Settings, "publicUrl">): boolean => settings.publicUrl().startsWith("https:");
