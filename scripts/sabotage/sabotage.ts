/** One small change to a file: `old`, which occurs there exactly once, becomes `new`. */
export interface Edit {
  /** From the root of the repository. */
  file: string;
  old: string;
  new: string;
}

/** A bug put into our own code on purpose, and the tests that must notice it. */
export interface Sabotage {
  /** Its name for `--only`, in kebab case. */
  name: string;
  /** What the code then does wrong, as a sentence. */
  does: string;
  edits: readonly Edit[];
  /** Test files. One of them must fail. */
  tests: readonly string[];
}

/**
 * The text with one edit made. Throws, with the sabotage's name, when the old text does not occur exactly once: the
 * code has changed, and the sabotage must follow it. Pure.
 */
export function withEdit(text: string, edit: Edit, name: string): string {
  const found = text.split(edit.old).length - 1;
  if (found === 1) return text.replace(edit.old, () => edit.new);
  const times = found === 0 ? "is not there any more" : `is there ${found} times`;
  throw new Error(`The sabotage "${name}" no longer applies: in ${edit.file} this ${times}:\n${edit.old}`);
}
