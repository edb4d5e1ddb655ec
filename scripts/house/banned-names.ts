import type { Violation } from "./source-file.ts";

/** Names that say nothing about the content. */
const EMPTY_NAMES = new Set(
  "base common constants core helper helpers interface interfaces lib libs manager managers misc shared stuff tools type types util utils".split(
    " ",
  ),
);
/** A last word that makes any name meaningless: `string-utils`, `event-manager`. */
const EMPTY_ENDINGS = new Set("helper helpers manager managers misc util utils".split(" "));
/** Stripe's own word for its calls under `/v1/test_helpers`. */
const FIELD_WORDS = new Set(["test-helper", "test-helpers"]);

/** Files and folders whose name could hold anything. A file is named for its main export. */
export function bannedNames(paths: readonly string[]): Violation[] {
  const violations: Violation[] = [];
  for (const path of paths) {
    if (!/^(packages|scripts|bench|faults|examples)\//.test(path)) continue;
    for (const part of path.split("/")) {
      const name = part.replace(/\..*$/, "");
      if (FIELD_WORDS.has(name)) continue;
      if (EMPTY_NAMES.has(name) || EMPTY_ENDINGS.has(name.split("-").at(-1) ?? "")) {
        violations.push({ path, line: 1, says: `"${name}" says nothing: name it for what it holds` });
      }
    }
  }
  return violations;
}
