import { execFile } from "node:child_process";
import { copyFileSync, existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contractTests } from "./contract-tests.ts";
import { ROOT } from "./house/repository-files.ts";
import { type PackedReceiver, packReceiver, SMOKE_LINES } from "./packed-receiver.ts";
import { faultsOf, PUBLISHED_PACKAGES, type PublishedPackage } from "./published-packages.ts";

const run = promisify(execFile);
const NODE_24 = join(ROOT, "packages/receiver/node_modules/node/bin/node");
const TYPESCRIPT_5 = join(ROOT, "packages/receiver/node_modules/typescript/bin/tsc");
const TYPESCRIPT_7 = join(ROOT, "node_modules/typescript/bin/tsc");

/** How large the package may be. More is a reason to look at what was added. */
const SIZE = { packedBytes: 250_000, unpackedBytes: 1_500_000 };

let packed: PackedReceiver;
beforeAll(async () => {
  packed = await packReceiver();
}, 120_000);
afterAll(() => packed.remove());

const manifest = (): Record<string, unknown> =>
  JSON.parse(readFileSync(join(packed.installed, "package.json"), "utf8")) as Record<string, unknown>;
const entries = (): readonly string[] => packed.entries;

describe("what is published", () => {
  test("depends on nothing, runs no script when it is installed, and needs no peer", () => {
    const { dependencies, optionalDependencies, bundledDependencies, scripts, devDependencies, peerDependencies, peerDependenciesMeta } =
      manifest();
    expect({ dependencies, optionalDependencies, bundledDependencies, scripts, devDependencies }).toEqual({});
    const optional = Object.fromEntries(Object.keys(peerDependencies as object).map((name) => [name, { optional: true }]));
    expect(peerDependenciesMeta).toEqual(optional);
  });

  test("imports nothing at run time but itself and Node's own modules; types come from peers", () => {
    const runtime = new Set<string>();
    const types = new Set<string>();
    for (const file of globSync("**/*.{js,d.ts}", { cwd: packed.installed })) {
      const text = readFileSync(join(packed.installed, file), "utf8");
      for (const [, specifier = ""] of text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*|\brequire\()["']([^"'\n]+)["']/g)) {
        if (specifier.startsWith(".")) continue;
        (file.endsWith(".js") ? runtime : types).add(specifier);
      }
    }
    expect([...runtime].filter((name) => !name.startsWith("node:"))).toEqual([]);
    const peers = Object.keys(manifest().peerDependencies as object);
    expect([...types].filter((name) => !name.startsWith("node:") && !peers.includes(name))).toEqual([]);
    expect(types).toContain("stripe");
  });

  test("the core needs no module of Node either, so it runs wherever WebCrypto does", () => {
    const reached = new Set<string>();
    const follow = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      const text = readFileSync(join(packed.installed, file), "utf8");
      for (const [, specifier = ""] of text.matchAll(/\bfrom\s+["']([^"'\n]+)["']/g)) {
        expect(specifier, file).toMatch(/^\./);
        follow(join(file, "..", specifier));
      }
    };
    for (const entry of ["index.js", "inbox/memory-inbox.js", "inbox/inbox-parts.js", "inbox/durable-object/durable-object-inbox.js"])
      follow(entry);
    expect(reached.size).toBeGreaterThan(20);
  });

  test("holds no sources, tests or maps, and is small", () => {
    expect(packed.files.filter((file) => /(?<!\.d)\.ts$|\.test\.|\.map$|tsconfig/.test(file))).toEqual([]);
    expect(packed.files).toEqual(
      expect.arrayContaining(["README.md", "LICENSE", "package.json", "index.js", "index.d.ts", "cjs/index.js", "cjs/index.d.ts"]),
    );
    expect(packed.packedSize).toBeLessThan(SIZE.packedBytes);
    expect(packed.unpackedSize).toBeLessThan(SIZE.unpackedBytes);
  });

  test("nothing in it would break a release", async () => {
    const receiver = PUBLISHED_PACKAGES.find(({ folder }) => folder === "receiver") as PublishedPackage;
    expect(await faultsOf(ROOT, receiver, packed.installed, packed.files)).toEqual([]);
  });

  test("publint has nothing to say", async () => {
    const { messages } = await publint({ pkgDir: packed.installed, strict: true, pack: false });
    expect(messages).toEqual([]);
  });

  test("the types are right for every way of importing it", async () => {
    const result = await checkPackage(createPackageFromTarballData(readFileSync(packed.tarball)));
    if (result.types === false) throw new Error("no types were found");
    // Resolution from before there were exports: it finds the package, and no subpath.
    const problems = result.problems.filter((problem) => !(problem.kind === "NoResolution" && problem.resolutionKind === "node10"));
    expect(problems).toEqual([]);
    expect(Object.keys(result.entrypoints).length).toBe(entries().length);
  });
});

describe("it loads", () => {
  test.each([
    ["Node.js 26", process.execPath],
    ["Node.js 24", NODE_24],
  ])("as ES modules and as CommonJS, under %s", async (_name, node) => {
    const names = JSON.stringify(entries());
    const load = `const kinds = (module) => Object.values(module).map((value) => typeof value).sort();`;
    const esm = await run(
      node,
      ["--input-type=module", "--eval", `${load} for (const name of ${names}) console.log(name, ...kinds(await import(name)));`],
      { cwd: packed.consumer },
    );
    const cjs = await run(
      node,
      ["--input-type=commonjs", "--eval", `${load} for (const name of ${names}) console.log(name, ...kinds(require(name)));`],
      { cwd: packed.consumer },
    );
    expect(esm.stdout.trim().split("\n")).toHaveLength(entries().length);
    expect(cjs.stdout).toBe(esm.stdout);
    // Not one file for both: CommonJS has its own.
    const form = await run(node, ["--print", `require.resolve("@carabiner/receiver")`], { cwd: packed.consumer });
    expect(form.stdout.trim()).toMatch(/cjs[\\/]index\.js$/);
  });

  test("an error of one form is one of the other too", async () => {
    const script = `
      const { createRequire } = await import("node:module");
      const { Defer, InboxUnavailable } = await import("@carabiner/receiver");
      const other = createRequire(process.cwd() + "/x.js")("@carabiner/receiver");
      console.log(Defer === other.Defer, new other.Defer("a", 1) instanceof Defer, new Defer("a", 1) instanceof other.Defer,
        new other.InboxUnavailable("a") instanceof InboxUnavailable, new Error("a") instanceof Defer);`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], { cwd: packed.consumer });
    expect(stdout.trim()).toBe("false true true true false");
  });
});

describe("it receives", () => {
  const SMOKE = join(ROOT, "packages/receiver/test/consumer/smoke.mjs");
  test.each([
    { name: "Node.js 26", command: process.execPath, args: [] },
    { name: "Node.js 24", command: NODE_24, args: [] },
    { name: "Bun", command: join(ROOT, "node_modules/.bin/bun"), args: ["run"] },
    { name: "Deno", command: join(ROOT, "node_modules/.bin/deno"), args: ["run", "--node-modules-dir=manual", "--no-prompt", "--quiet"] },
  ])("under $name", async ({ command, args }) => {
    const smoke = join(packed.consumer, "smoke.mjs");
    copyFileSync(SMOKE, smoke);
    const { stdout } = await run(command, [...args, smoke], { cwd: packed.consumer });
    expect(stdout.trim().split("\n")).toEqual(SMOKE_LINES);
  });

  test("the whole conversation holds under Node.js 24 too", { timeout: 180_000 }, async () => {
    const report = join(packed.consumer, "report.json");
    const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
    const suite = join(ROOT, "packages/receiver/test/conversation");
    const outsideOfTests = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV$|DEV$|PROD$)/.test(name)),
    );
    const { stdout, stderr } = await run(
      NODE_24,
      [vitest, "run", "--root", join(ROOT, "packages/receiver"), "--dir", suite, "--reporter=json", `--outputFile.json=${report}`],
      { cwd: ROOT, maxBuffer: 64 * 1_048_576, env: outsideOfTests },
    ).catch((error: { stdout: string; stderr: string }) => error);
    expect(existsSync(report), stdout + stderr).toBe(true);
    const { success, numPassedTests } = JSON.parse(readFileSync(report, "utf8")) as { success: boolean; numPassedTests: number };
    expect(success, stdout + stderr).toBe(true);
    expect(numPassedTests).toBeGreaterThan(400);
  });
});

describe("the inbox contract", () => {
  const CONTRACT = join(ROOT, "packages/receiver/test/consumer/contract.mjs");
  /** How many of its tests passed and failed, and which. */
  async function underNodeTest(node: string, broken: boolean) {
    const file = join(packed.consumer, "contract.mjs");
    copyFileSync(CONTRACT, file);
    // Inside of another test runner node:test would speak to that.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { stdout } = await run(node, ["--test", "--test-reporter=tap", file], {
      cwd: packed.consumer,
      maxBuffer: 64 * 1_048_576,
      env: { ...env, ...(broken ? { BROKEN: "1" } : {}) },
    }).catch((error: { stdout: string }) => error);
    const count = (what: string): number => Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(stdout)?.[1]);
    const failed = [...stdout.matchAll(/^ +not ok \d+ - (.+)$/gm)].map(([, name]) => name);
    return { pass: count("pass"), fail: count("fail"), failed, stdout };
  }

  test.each([
    ["Node.js 26", process.execPath],
    ["Node.js 24", NODE_24],
  ])("holds for an inbox that is tried by node:test, under %s", { timeout: 120_000 }, async (_name, node) => {
    const { pass, fail, stdout } = await underNodeTest(node, false);
    expect({ pass, fail }, stdout).toEqual({ pass: contractTests(), fail: 0 });
  });

  test("fails for one that lets a lost claim be settled", { timeout: 120_000 }, async () => {
    const { failed, stdout } = await underNodeTest(process.execPath, true);
    expect(failed, stdout).toContain("whose lease has run out is another's, and what the first does then changes nothing");
  });
});

describe("its users' compilers take what is right and refuse what is not", () => {
  /** As an ES module, as CommonJS, or as both: then both forms' declarations are read. */
  const ESM = ["consumer.mts"];
  const BOTH = ["consumer.mts", "consumer.cts"];
  test.each([
    { name: "TypeScript 7", compiler: TYPESCRIPT_7, stripe: "stripe", files: ESM },
    { name: "TypeScript 7", compiler: TYPESCRIPT_7, stripe: "stripe-22", files: ESM },
    { name: "TypeScript 7", compiler: TYPESCRIPT_7, stripe: "stripe-21", files: ESM },
    { name: "TypeScript 7", compiler: TYPESCRIPT_7, stripe: "stripe-20", files: ESM },
    { name: "TypeScript 7", compiler: TYPESCRIPT_7, stripe: "stripe-19", files: ESM },
    { name: "TypeScript 7", compiler: TYPESCRIPT_7, stripe: "stripe-18", files: BOTH },
    { name: "TypeScript 7, reading the declarations closely,", compiler: TYPESCRIPT_7, stripe: "stripe", files: BOTH, closely: true },
    // Stripe's newest declarations, read twice, would take this compiler half a minute.
    { name: "TypeScript 5.9", compiler: TYPESCRIPT_5, stripe: "stripe", files: ESM },
    { name: "TypeScript 5.9", compiler: TYPESCRIPT_5, stripe: "stripe-18", files: BOTH },
  ])("$name with $stripe as $files", { timeout: 120_000 }, async ({ compiler, stripe, files, closely }) => {
    packed.link("stripe", stripe);
    for (const name of ["fastify", "@types/node"]) packed.link(name);
    const source = readFileSync(join(ROOT, "packages/receiver/test/consumer/consumer.ts"), "utf8");
    for (const file of files) writeFileSync(join(packed.consumer, file), source);
    writeFileSync(
      join(packed.consumer, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: {
          target: "es2024",
          module: "nodenext",
          strict: true,
          noEmit: true,
          types: ["node"],
          skipLibCheck: closely !== true,
        },
        files,
      }),
    );
    const { stdout } = await run(process.execPath, [compiler, "-p", packed.consumer, "--pretty", "false"], {
      cwd: packed.consumer,
      maxBuffer: 64 * 1_048_576,
    }).catch((error: { stdout: string }) => error);
    // What other packages' declarations have against each other is theirs.
    const ours = stdout.split("\n").filter((line) => /^(consumer\.|node_modules\/@carabiner\/)|^error /.test(line));
    expect(ours).toEqual([]);
  });
});
