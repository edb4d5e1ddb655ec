import type { Violation } from "./source-file.ts";

/** Text that ties the repository to one machine or one network, and why it may not be there. */
const TIES: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.:/$}-])\/(?:home|root|tmp|Users|work)\/[\w.-]/, "a path of one machine; use paths from the repository's root, or os.tmpdir()"],
  [/\b[A-Z]:\\Users\\/, "a path of one machine"],
  [/(?:\.\.\/)+shared\//, "a path out of the repository"],
  [/\bregistry\.(?:npmjs|yarnpkg)\.\w+|\bnpm\.pkg\.github\.com/, "a package registry's host; npm's own settings choose the registry"],
];

/** Files that contain such text in order to forbid it. */
const SPEAKERS = /^scripts\/house\/portable-text(\.test)?\.ts$/;

/** Lines that are only true on one machine, or that name a place outside of the repository. */
export function portableText(path: string, text: string): Violation[] {
  if (SPEAKERS.test(path)) return [];
  const violations: Violation[] = [];
  text.split("\n").forEach((line, index) => {
    for (const [tie, says] of TIES) if (tie.test(line)) violations.push({ path, line: index + 1, says });
  });
  return violations;
}
