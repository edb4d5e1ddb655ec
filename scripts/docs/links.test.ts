import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ROOT, repositoryFiles } from "../house/repository-files.ts";
import { headingAnchors, relativeLinks } from "./links.ts";

const documents = repositoryFiles().filter((path) => path.endsWith(".md"));

test("there are documents to check", () => {
  expect(documents).toContain("README.md");
});

test.each(documents)("every relative link of %s leads somewhere", (path) => {
  const text = readFileSync(join(ROOT, path), "utf8");
  const dead = relativeLinks(text).filter(({ target, heading }) => {
    const file = target === "" ? join(ROOT, path) : join(ROOT, dirname(path), target);
    if (!existsSync(file)) return true;
    return heading !== "" && !headingAnchors(readFileSync(file, "utf8")).has(heading);
  });
  expect(dead).toEqual([]);
});

test("the README leads to every document of docs/", () => {
  const linked = new Set(relativeLinks(readFileSync(join(ROOT, "README.md"), "utf8")).map(({ target }) => target));
  expect(documents.filter((path) => /^docs\/[^/]+\.md$/.test(path) && !linked.has(path))).toEqual([]);
});

test("links are found, code and other sites are not", () => {
  const text =
    '[a](docs/a.md#one "title") [b](https://example.com) `[c](c.md)`\n```md\n[d](d.md)\n```\n[e](#two) [f](mailto:x@example.com)';
  expect(relativeLinks(text)).toEqual([
    { target: "docs/a.md", heading: "one", line: 1 },
    { target: "", heading: "two", line: 5 },
  ]);
});

test("anchors are made as GitHub makes them", () => {
  expect([...headingAnchors("# The `npm test` command!\n## Twice\n## Twice\n```sh\n# no heading\n```")]).toEqual([
    "the-npm-test-command",
    "twice",
    "twice-1",
  ]);
});
