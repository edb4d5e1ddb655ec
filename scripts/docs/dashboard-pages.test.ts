import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PLACES } from "../../packages/dashboard/src/shell/places.ts";
import { ROOT } from "../house/repository-files.ts";

test("docs/dashboard.md lists the pages in the order of the navigation, with the letters that lead there", () => {
  const document = readFileSync(join(ROOT, "docs/dashboard.md"), "utf8");
  const rows = [...document.matchAll(/^\| ([A-Z][a-z]+) \| `([a-z])` \|/gm)].map(([, name, letter]) => ({ name, letter }));
  expect(rows).toEqual(PLACES.map(({ name, letter }) => ({ name, letter })));
});
