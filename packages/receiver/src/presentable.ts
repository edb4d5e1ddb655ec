/** A thrown value in words, with its name. */
export function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/**
 * A thrown value, unchanged if it can be shown. Code may throw anything: a value that has no text, and would throw when
 * it is reported, is replaced.
 */
export function presentable(error: unknown): unknown {
  try {
    errorText(error);
    return error;
  } catch {
    return new Error("What was thrown has no text.");
  }
}

/** A text as a sentence, with a full stop if it does not end with punctuation. */
export function sentence(text: string): string {
  return /[.!?\u2026]$/.test(text) ? text : `${text}.`;
}

/** The message of what was thrown. Never throws. */
export function messageOf(error: unknown): string {
  const shown = presentable(error);
  return shown instanceof Error ? shown.message : String(shown);
}
