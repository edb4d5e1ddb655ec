/** Formats Unix seconds as `2026-03-01 12:00:05` in UTC; a missing time as a dash. */
export function formatTimestamp(seconds: number | null | undefined): string {
  return seconds === null || seconds === undefined ? "-" : new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
}

/** Parses `1767225600` or an ISO 8601 date and time (UTC without a zone) into Unix seconds; null for anything else. */
export function parseTimestamp(text: string): number | null {
  const trimmed = text.trim();
  if (/^\d{1,12}$/.test(trimmed)) return Number(trimmed);
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(trimmed);
  if (parts === null) return null;
  const ms = Date.parse(`${parts[1]}T${parts[2] ?? "00:00"}${parts[3] ?? "Z"}`);
  return Number.isNaN(ms) ? null : Math.floor(ms / 1000);
}
