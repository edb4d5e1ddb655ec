/** What one check found. */
export interface Finding {
  /** What was checked, such as `node` or `disk sync`. */
  check: string;
  /**
   * `failed`: a server would not start, or not keep its promises. `warning`: it works, but someone should look at it.
   */
  status: "ok" | "warning" | "failed";
  found: string;
  /** What to do about it; null when there is nothing to do. */
  advice: string | null;
}

/** A finding that requires no action. */
export function fine(check: string, found: string): Finding {
  return { check, status: "ok", found, advice: null };
}
