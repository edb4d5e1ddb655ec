import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bannedNames } from "./banned-names.ts";
import { commentWidth } from "./comment-width.ts";
import { fileLength } from "./file-length.ts";
import { functionLength } from "./function-length.ts";
import { importCircles } from "./import-circles.ts";
import { importFloors } from "./import-floors.ts";
import { limitsAsGiven, limitsInOnePlace } from "./limits-in-one-place.ts";
import { lockfile } from "./lockfile.ts";
import { oneMeaning } from "./one-meaning.ts";
import { portableText } from "./portable-text.ts";
import { realTime } from "./real-time.ts";
import { packageEntries, publishedFiles, ROOT, repositoryFiles } from "./repository-files.ts";
import { readSources, type Violation } from "./source-file.ts";
import { testFolders } from "./test-folders.ts";
import { testWaits } from "./test-waits.ts";
import { testsOutOfSrc } from "./tests-out-of-src.ts";
import { untestedLimits } from "./untested-limits.ts";
import { unusedRows } from "./unused-rows.ts";

/** Files that are not text, or whose wording is not ours. */
const NOT_TEXT = /(^|\/)package-lock\.json$|\.(png|ico|woff2?|gz|der)$/;

/** Runs every rule of the house on the repository at `root`. Returns the violations, in order of path. */
export function checkHouse(root: string = ROOT): Violation[] {
  const paths = repositoryFiles(root);
  const sources = readSources(
    root,
    paths.filter((path) => /^(packages|scripts|bench|faults|examples)\/.*\.tsx?$/.test(path)),
    packageEntries(root),
  );
  const text = (path: string): string => readFileSync(join(root, path), "utf8");
  return [
    ...importCircles(sources),
    ...importFloors(sources),
    ...bannedNames(paths),
    ...commentWidth(sources),
    ...fileLength(sources),
    ...functionLength(sources),
    ...oneMeaning(sources),
    ...limitsInOnePlace(sources),
    ...limitsAsGiven(sources),
    ...realTime(sources),
    ...testFolders(paths),
    ...testWaits(sources),
    ...testsOutOfSrc(sources, publishedFiles(root)),
    ...unusedRows(sources),
    ...untestedLimits(sources),
    ...paths.filter((path) => !NOT_TEXT.test(path)).flatMap((path) => portableText(path, text(path))),
    ...lockfile(text("package-lock.json")),
  ].sort((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : one.line - other.line));
}

if (import.meta.main) {
  const violations = checkHouse();
  for (const { path, line, says } of violations) console.log(`${path}:${line}  ${says}`);
  if (violations.length > 0) process.exitCode = 1;
  else console.log("Every rule holds.");
}
