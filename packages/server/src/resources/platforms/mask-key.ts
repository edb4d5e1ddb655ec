const SHOWN_PREFIX = /^(?:(?:ek|sk|pk|rk)_(?:test|live)|op)_/;
/** Shorter keys are not shown in part: four characters would reveal too much of them. */
const HIDDEN_AT_LEAST = 8;

/**
 * A key in the form that responses and logs may show: its kind and its last four characters, never more. For text that
 * does not look like a key, only those four characters are shown.
 */
export function maskKey(key: string): string {
  const prefix = SHOWN_PREFIX.exec(key)?.[0] ?? "";
  const rest = key.slice(prefix.length);
  const end = rest.length >= HIDDEN_AT_LEAST + 4 ? rest.slice(-4) : "";
  return `${prefix}****${/^\w*$/.test(end) ? end : ""}`;
}
