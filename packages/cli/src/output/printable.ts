/** Characters that move the cursor, change colours or change the direction of text. */
const UNPRINTABLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text from the network, made safe for a terminal: control characters are shown as escapes. Tabs and line breaks stay
 * when `lines` is true. A value that a server of an earlier version does not send appears as a dash.
 */
export function printable(text: string | undefined, { lines = false }: { lines?: boolean } = {}): string {
  if (text === undefined) return "-";
  return text.replace(UNPRINTABLE, (character) => {
    if (lines && (character === "\n" || character === "\t")) return character;
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** A value as JSON of several lines, made safe for a terminal. */
export function printableJson(value: unknown): string {
  return printable(JSON.stringify(value, null, 2), { lines: true });
}
