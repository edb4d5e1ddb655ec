import type { IncomingHttpHeaders } from "node:http";

/** The parts of a request that show how it arrived. */
interface Carried {
  headers: IncomingHttpHeaders;
  socket: { remoteAddress?: string | undefined };
}

/** The headers that proxies add to a request. */
const PROXIES_SAY = ["forwarded", "x-forwarded-for", "x-real-ip", "via"] as const;

/**
 * Whether a request arrived encrypted, or over a connection from this machine. A proxy says so with
 * `X-Forwarded-Proto`. One on this machine that does not say so may have taken the request unencrypted from anywhere. A
 * client that forges the header deceives only itself.
 */
export function isEncrypted({ socket, headers }: Carried): boolean {
  const given = headers["x-forwarded-proto"];
  const forwarded = Array.isArray(given) ? given.join(", ") : given;
  if (forwarded !== undefined) return forwarded.split(",")[0]?.trim().toLowerCase() === "https";
  const { remoteAddress } = socket;
  if ("encrypted" in socket) return true;
  if (PROXIES_SAY.some((name) => headers[name] !== undefined)) return false;
  return remoteAddress === undefined || /^(?:::ffff:)?127\.|^::1$/.test(remoteAddress);
}
