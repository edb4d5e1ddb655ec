import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, repositoryFiles } from "../house/repository-files.ts";

/**
 * Readers of these documents have npm, in a clone or with the package installed. All other documents leave out `npx`:
 * docs/cli.md says so.
 */
const WITH_NPX = ["README.md", "CONTRIBUTING.md", "packages/cli/README.md", "packages/receiver/README.md"];
/** Where it is said how to type the command. */
const SAYS_HOW = ["docs/cli.md", "docs/installing.md"];

/** Lines of shell blocks that call the command, as they begin. */
function calls(text: string): string[] {
  const blocks = [...text.matchAll(/^```(?:sh|bash|console)?\n(.*?)^```/gms)].map(([, block = ""]) => block);
  return blocks.flatMap((block) => block.match(/^(?:npx |npm run )?carabiner (?:-- )?[a-z-]+/gm) ?? []);
}

const documents = repositoryFiles().filter((path) => path.endsWith(".md") && path !== "CHANGELOG.md");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

test("the command is typed in one way: with npx where npm is sure to be there, otherwise as it is in a path", () => {
  const wrong = documents.flatMap((path) => {
    const text = read(path);
    const inText = WITH_NPX.includes(path) || SAYS_HOW.includes(path) ? [] : (text.match(/npx carabiner/g) ?? []);
    const inBlocks = calls(text).filter((call) => call.startsWith("npx ") !== WITH_NPX.includes(path));
    const old = text.match(/npm run carabiner/g) ?? [];
    return [...inText, ...inBlocks, ...old].map((call) => `${path}: ${call}`);
  });
  expect(wrong).toEqual([]);
  expect(documents.flatMap((path) => calls(read(path))).length).toBeGreaterThan(30);
});

test("docs/cli.md says how to type it, before the first call", () => {
  const [before = ""] = read("docs/cli.md").split("```");
  expect(before).toContain("`npx carabiner dev`");
});
