import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./house/repository-files.ts";

/** Libraries of glibc itself, which every Linux that runs the executable has. */
const OF_GLIBC = /^(linux-vdso|ld-linux|lib(c|dl|m|pthread|rt))[.-]/;

test("the document names what a Linux must have to run the executable", () => {
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
  const libraries = sharedObjects.map((path) => path.split("/").at(-1) ?? "").filter((name) => /\.so\.\d+$/.test(name));
  const document = readFileSync(join(ROOT, "docs/installing.md"), "utf8");
  expect(libraries.filter((name) => !OF_GLIBC.test(name) && !document.includes(`\`${name}\``))).toEqual([]);
});
