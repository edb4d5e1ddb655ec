import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, repositoryFiles } from "../house/repository-files.ts";
import { DOCUMENT_COLUMNS, wideLines } from "./wide-lines.ts";

// The changelog has one line for each entry: see `changelog.test.ts`.
const documents = repositoryFiles().filter((path) => path.endsWith(".md") && path !== "CHANGELOG.md");

test("no line of a document is wider than the others", () => {
  expect(documents).toContain("README.md");
  const wide = documents.flatMap((path) =>
    wideLines(readFileSync(join(ROOT, path), "utf8")).map(
      ({ line, columns }) => `${path}:${line} has ${columns} columns, and may have ${DOCUMENT_COLUMNS}`,
    ),
  );
  expect(wide).toEqual([]);
});

test("text and shell commands are held to the width, tables, images and a long URL are not, and programs to the formatter's", () => {
  const words = "word ".repeat(26).trim();
  const url = `https://example.com/${"a".repeat(120)}`;
  const text = [
    words,
    `| ${words} |`,
    `![${words}](a.png)`,
    url,
    `- ${url}`,
    "```sh",
    words,
    "```",
    '```ts title="a.ts"',
    words,
    `${words} ${words}`,
    "```",
    words.slice(10),
  ];
  expect(wideLines(text.join("\n"))).toEqual([
    { line: 1, columns: 129 },
    { line: 7, columns: 129 },
    { line: 11, columns: 259 },
  ]);
  expect(wideLines("─".repeat(120))).toEqual([]);
});
