/** What a browser reports about the origin of a request. Other clients send nothing. */
export interface Provenance {
  /** The header `Origin`. */
  origin: string | undefined;
  /** `Sec-Fetch-Site`. Browsers send it over https, and to this machine. */
  fetchSite: string | undefined;
}

/** Names and addresses of this machine, which developers use interchangeably. */
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Whether a form was sent from our own page, as far as the browser reports it. It compares with the public URL and not
 * with the `Host` header, because an attacker's domain can point a browser here. A browser that sends neither header is
 * too old; then only the form's token protects us. Source: https://www.w3.org/TR/fetch-metadata/, RFC 6454, 7
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
