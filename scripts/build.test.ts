import { execFile } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildPackage, published } from "./build-package.ts";
import { ROOT } from "./house/repository-files.ts";

const run = promisify(execFile);
// Outside the workspace: nothing there leads back to the sources.
const consumer = mkdtempSync(join(tmpdir(), "carabiner-build-"));
const protocol = join(consumer, "node_modules/@carabiner/protocol");

beforeAll(() => buildPackage(ROOT, "protocol", (name) => join(consumer, "node_modules/@carabiner", name)));
afterAll(() => rmSync(consumer, { recursive: true, force: true }));

test("the compiled protocol has what is published, and no sources or tests", () => {
  const files = globSync("**/*", { cwd: protocol });
  expect(files).toEqual(expect.arrayContaining(["index.js", "index.d.ts", "signature.js", "README.md", "LICENSE", "package.json"]));
  expect(files.filter((file) => /(?<!\.d)\.ts$|\.test\.|tsconfig/.test(file))).toEqual([]);
  expect(JSON.parse(readFileSync(join(protocol, "package.json"), "utf8"))).toMatchObject({
    name: "@carabiner/protocol",
    exports: { ".": { types: "./index.d.ts", default: "./index.js" } },
  });
});

test("it loads without type stripping", async () => {
  const script =
    'const { isEventType } = await import("@carabiner/protocol"); process.stdout.write(String(isEventType("account.updated")));';
  const { stdout } = await run(process.execPath, ["--no-strip-types", "--input-type=module", "--eval", script], { cwd: consumer });
  expect(stdout).toBe("true");
});

test("its declarations serve a reader's compiler", async () => {
  writeFileSync(
    join(consumer, "right.ts"),
    'import { type EventType, isEventType } from "@carabiner/protocol";\nexport const type: EventType = "account.updated";\nexport const known: boolean = isEventType("x");\n',
  );
  writeFileSync(
    join(consumer, "wrong.ts"),
    'import type { EventType } from "@carabiner/protocol";\nexport const type: EventType = "account.exploded";\n',
  );
  const compile = (file: string) =>
    run(
      process.execPath,
      [join(ROOT, "node_modules/typescript/bin/tsc"), "--noEmit", "--strict", "--module", "nodenext", "--types", "", file],
      { cwd: consumer },
    );
  await expect(compile("right.ts")).resolves.toMatchObject({ stdout: "" });
  await expect(compile("wrong.ts")).rejects.toMatchObject({ stdout: expect.stringContaining("TS2322") });
});

test("a package's folder cannot be published: it has sources that Node.js does not run below node_modules", () => {
  const folders = globSync("packages/*/package.json", { cwd: ROOT });
  expect(folders.length).toBeGreaterThan(3);
  for (const file of folders) expect(JSON.parse(readFileSync(join(ROOT, file), "utf8")), file).toMatchObject({ private: true });
});

test("what only the repository needs is left out, and commands become JavaScript", () => {
  const manifest = {
    name: "a",
    version: "1.0.0",
    private: true,
    scripts: { test: "x" },
    devDependencies: { b: "1" },
    bin: { a: "./src/main.ts" },
  };
  const publishConfig = { access: "public", provenance: true };
  expect(published(manifest)).toEqual({ name: "a", version: "1.0.0", publishConfig, bin: { a: "main.js" } });
});

test("a package that does not compile says so", async () => {
  const root = mkdtempSync(join(ROOT, "node_modules/.build-"));
  try {
    const home = join(root, "packages/broken/src");
    mkdirSync(home, { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
    writeFileSync(join(root, "packages/broken/package.json"), JSON.stringify({ name: "broken", exports: { ".": "./src/index.ts" } }));
    writeFileSync(join(home, "index.ts"), 'export const n: number = "text";\n');
    writeFileSync(join(root, "tsconfig.json"), JSON.stringify({ extends: "../../tsconfig.json" }));
    await expect(buildPackage(root, "broken", (name) => join(root, "out", name))).rejects.toThrow(/broken does not compile:[\s\S]*TS2322/);
    expect(existsSync(join(root, "out/broken/package.json"))).toBe(false);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
