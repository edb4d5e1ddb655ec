const SECONDS_PER_UNIT = { w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1 } as const;

type Unit = keyof typeof SECONDS_PER_UNIT;

/** Parses `3d`, `2h30m`, `90s` or plain seconds into seconds; null for anything else. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  if (/^\d{1,12}$/.test(trimmed)) return Number(trimmed);
  if (!/^(?:\d{1,9}[wdhms])+$/.test(trimmed)) return null;
  let seconds = 0;
  for (const [, count, unit] of trimmed.matchAll(/(?<!\d)(\d+)([wdhms])/g)) seconds += Number(count) * SECONDS_PER_UNIT[unit as Unit];
  return seconds;
}

/** Formats seconds for people, with the two largest units: `3d 2h`, `5m`, `0s`. */
export function formatDuration(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.round(Math.abs(seconds));
  for (const [unit, size] of Object.entries(SECONDS_PER_UNIT)) {
    if (unit === "w") continue;
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? "0s" : parts.join(" ");
}
