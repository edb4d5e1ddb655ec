const SHOWN_PREFIX = /^(?:ek|sk|pk|rk)_(?:test|live)_/;
/** Shorter keys than this are not shown in part: four characters would be too much of them. */
const HIDDEN_AT_LEAST = 8;

/**
 * A key as it may be shown in answers and logs: what kind it is and its last four characters, never more.
 * Text that does not look like a key shows nothing of itself but those four.
 */
export function maskKey(key: string): string {
  const prefix = SHOWN_PREFIX.exec(key)?.[0] ?? "";
  const rest = key.slice(prefix.length);
  const end = rest.length >= HIDDEN_AT_LEAST + 4 ? rest.slice(-4) : "";
  return `${prefix}****${/^\w*$/.test(end) ? end : ""}`;
}
