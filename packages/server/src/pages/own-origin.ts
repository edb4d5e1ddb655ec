/** What a browser says of where a request comes from. Other clients say nothing. */
export interface Provenance {
  /** `Origin`. */
  origin: string | undefined;
  /** `Sec-Fetch-Site`. Browsers send it to https, and to this machine. */
  fetchSite: string | undefined;
}

/** Names and addresses of this machine, which a developer takes one for another. */
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Whether a form was sent from a page of ours, as far as the browser tells. What it compares with is the public URL and not
 * the `Host` header, which whoever leads a browser here by a name of their own can choose. A browser that says neither is
 * too old to: its form's token has to do. Source: https://www.w3.org/TR/fetch-metadata/, RFC 6454, 7
 */
export function isFromOwnPage({ origin, fetchSite }: Provenance, publicUrl: string): boolean {
  if (fetchSite !== undefined && fetchSite !== "same-origin" && fetchSite !== "none") return false;
  return origin === undefined || ownOrigins(publicUrl).includes(origin);
}

function ownOrigins(publicUrl: string): string[] {
  const { origin, hostname, protocol, port } = new URL(publicUrl);
  if (!LOOPBACK.includes(hostname)) return [origin];
  return LOOPBACK.map((name) => `${protocol}//${name}${port === "" ? "" : `:${port}`}`);
}
