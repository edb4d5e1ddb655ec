/** What is known of the connection to an account, in one mode. */
export interface ConnectionState {
  status: "authorized" | "deauthorized";
  /** When that began, Unix milliseconds. */
  since: number;
}

/**
 * What an event about the connection does to what is known: it takes effect, it is of the past, or it has the very second of the opposite
 * change, so that only `tieGoesTo` can tell.
 */
export function changeConnection(
  known: ConnectionState | null,
  to: ConnectionState["status"],
  at: number,
  tieGoesTo: ConnectionState["status"] | null,
): "applies" | "stale" | "tied" {
  if (known === null || at > known.since) return "applies";
  if (at < known.since) return "stale";
  if (known.status === to) return "applies";
  if (tieGoesTo === null) return "tied";
  return tieGoesTo === to ? "applies" : "stale";
}
