import { parseSync } from "oxc-parser";

/** Units by the end of a limit's name. All other limits are plain numbers. */
const UNITS: readonly (readonly [string, string])[] = [
  ["Ms", "ms"],
  ["Seconds", "s"],
  ["Bytes", "bytes"],
  ["Chars", "characters"],
  ["Percent", "%"],
  ["PerSecond", "a second"],
];

/**
 * The rows of `docs/configuration.md`: name, default, unit, meaning and source of each limit. The meaning is the
 * comment above it in `source`, the text of `limits.ts`; limits under one comment share it, and "Same source." means
 * the previous source.
 */
export function limitRows(limits: Readonly<Record<string, number>>, source: string): string[][] {
  const comments = parseSync("limits.ts", source).comments.filter(({ type, value }) => type === "Block" && value.startsWith("*"));
  let lastSource = "";
  return Object.entries(limits).map(([name, value]) => {
    const at = source.search(new RegExp(`^ +${name}:`, "m"));
    const comment = comments.findLast(({ end }) => end <= at);
    if (at === -1 || comment === undefined) throw new Error(`limits.ts has no comment for ${name}`);
    const unit = UNITS.find(([ending]) => name.endsWith(ending))?.[1] ?? "";
    const words = comment.value
      .replaceAll(/^\s*\*+ ?/gm, "")
      .replaceAll(/\s+/g, " ")
      .trim();
    const address = /\bSource: (\S+)$/.exec(words)?.[1];
    if (address !== undefined) lastSource = `[page](${address})`;
    const sourced = address !== undefined || words.endsWith("Same source.");
    const meaning = words.replace(/\s*(Source: \S+|Same source\.)$/, "");
    return [`\`${name}\``, readable(value, unit), unit, meaning, sourced ? lastSource : ""];
  });
}

/** `86,400,000 (24 h)`: the number, and for long times also the form that a person would use. */
function readable(value: number, unit: string): string {
  const plain = value.toLocaleString("en-US");
  if (unit !== "ms") return plain;
  if (value >= 86_400_000 * 2 && value % 86_400_000 === 0) return `${plain} (${value / 86_400_000} days)`;
  if (value >= 3_600_000 && value % 3_600_000 === 0) return `${plain} (${value / 3_600_000} h)`;
  if (value >= 1_000) return `${plain} (${value / 1_000} s)`;
  return plain;
}
