import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { ROOT } from "./house/repository-files.ts";
import { readmeSnippet, readmeSnippets } from "./readme-snippets.ts";

const README = readFileSync(join(ROOT, "README.md"), "utf8");
// Inside the repository, so that packages are found; beside node_modules, so that nothing looks there.
const folder = mkdtempSync(join(ROOT, "node_modules/.readme-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("titled blocks are found with language, code and line", () => {
  const text = '# A\n\n```ts title="a.ts"\nconst a = 1;\n```\n\n```sh\nls\n```\n';
  expect(readmeSnippets(text)).toEqual([{ title: "a.ts", language: "ts", code: "const a = 1;\n", line: 3 }]);
  expect(readmeSnippet(text, "a.ts").code).toBe("const a = 1;\n");
  expect(() => readmeSnippet(text, "b.ts")).toThrow('README.md should have one snippet titled "b.ts"');
});

test("every TypeScript block of the README has a title of its own", () => {
  const titles = readmeSnippets(README).map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
  expect(titles.filter((title) => title.endsWith(".ts"))).toHaveLength(README.match(/^```ts/gm)?.length ?? 0);
});

test("the README's TypeScript compiles as it stands", { timeout: 120_000 }, async () => {
  for (const { title, language, code } of readmeSnippets(README)) if (language === "ts") writeFileSync(join(folder, title), code);
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: "../../tsconfig.json",
      compilerOptions: { noEmit: true, typeRoots: ["../@types"] },
      include: ["*.ts"],
      exclude: [],
    }),
  );
  const tsc = promisify(execFile)(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder], { cwd: ROOT });
  const { stdout } = await tsc.catch((error: { stdout: string }) => error);
  // What is wrong with the packages themselves, the check of types says.
  expect(stdout.split("\n").filter((line) => line.includes(".readme-"))).toEqual([]);
});
