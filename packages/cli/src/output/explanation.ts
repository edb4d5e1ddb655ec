/** The outcome of an attempt, in the server's words. */
interface Explained {
  /** What happened: `500 Internal Server Error`. */
  what: string;
  /** What it means or what to do, as a sentence or the end of a sentence; null if there is nothing to explain. */
  explanation: string | null;
  /** The text that separates the two. */
  mark: string;
}

/** A reason from the server, divided into what happened and its explanation. Pure. */
export function explained(reason: string): Explained {
  const bare = reason.replace(/^The endpoint answered (?=\d{3} [A-Z])/, "");
  const [, what, mark, explanation] = /^(.+?)([.:]) (.+)$/s.exec(bare) ?? [];
  if (what === undefined || mark === undefined || explanation === undefined)
    return { what: bare.replace(/\.$/, ""), explanation: null, mark: "." };
  return { what, explanation, mark };
}

/** What happened, without an explanation, for a column of a table: `connection was refused`. */
export function inFewWords(reason: string): string {
  return explained(reason).what.replace(/^The /, "");
}
