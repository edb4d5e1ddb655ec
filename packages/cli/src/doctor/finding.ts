/** What one check found. */
export interface Finding {
  /** What was looked at: `node`, `disk sync`. */
  check: string;
  /** `failed`: a server would not start, or not keep its promises. `warning`: it works, but somebody should look. */
  status: "ok" | "warning" | "failed";
  found: string;
  /** What to do about it; null when there is nothing to do. */
  advice: string | null;
}

/** A finding that needs nothing to be done. */
export function fine(check: string, found: string): Finding {
  return { check, status: "ok", found, advice: null };
}
