/** The known connection to an account, in one mode. */
export interface ConnectionState {
  status: "authorized" | "deauthorized";
  /** When that state began, Unix milliseconds. */
  since: number;
}

/**
 * The effect of an event about the connection: it takes effect, it is outdated, or it has the same second as the
 * opposite change, so that only `tieGoesTo` decides.
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
