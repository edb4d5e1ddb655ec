const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** A size in its largest unit: `812 B`, `4.1 kB`, `32 MB`. */
export function byteWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
