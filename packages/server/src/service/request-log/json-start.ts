/** The beginning of a JSON text. */
interface JsonStart {
  /** Its value. What was not read is missing at the end of each object and list that the cut left open. */
  value: unknown;
  /** How many objects and lists the cut left open; 0 when everything was read. */
  open: number;
}

const CODES = { quote: 0x22, comma: 0x2c, backslash: 0x5c, openList: 0x5b, closeList: 0x5d, openObject: 0x7b, closeObject: 0x7d } as const;

/**
 * Parses a JSON text up to about `chars` characters: values that end later are left out and not examined. Throws a
 * SyntaxError when what was read is not JSON.
 */
function jsonStart(text: string, chars: number): JsonStart {
  const closing: string[] = [];
  // The text before `cut`, followed by `closing`, is JSON.
  let cut = 0;
  for (let at = 0; at < chars && text.length > chars; at++) {
    switch (text.charCodeAt(at)) {
      case CODES.quote:
        at = endOfString(text, at);
        break;
      case CODES.comma:
        cut = at;
        break;
      case CODES.openObject:
        closing.push("}");
        cut = at + 1;
        break;
      case CODES.openList:
        closing.push("]");
        cut = at + 1;
        break;
      case CODES.closeObject:
      case CODES.closeList:
        closing.pop();
        cut = at + 1;
    }
  }
  if (cut === 0) return { value: JSON.parse(text), open: 0 };
  return { value: JSON.parse(text.slice(0, cut) + closing.toReversed().join("")), open: closing.length };
}

/**
 * Makes something of about `chars` characters from the beginning of a JSON text, and reads no more of the text than
 * necessary. Most texts are shorter than that, or not much longer. `make` says whether it has enough; it gets more
 * until it does, or until the whole text was read. Null when the text is not JSON.
 */
export function madeOfStart<Made>(text: string, chars: number, make: (start: JsonStart) => { made: Made; enough: boolean }): Made | null {
  for (let read = chars + 1_024; ; read *= 16) {
    let start: JsonStart;
    try {
      start = jsonStart(text, read);
    } catch {
      return null;
    }
    const { made, enough } = make(start);
    if (enough || start.open === 0) return made;
  }
}

/** The position of the quotation mark that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = end;
    while (text.charCodeAt(escapes - 1) === CODES.backslash) escapes--;
    if ((end - escapes) % 2 === 0) return end;
  }
  return text.length;
}
