import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { published } from "./build-package.ts";
import { ROOT } from "./house/repository-files.ts";
import { installedWith } from "./installed-with.ts";
import { type PackedPackages, packPackages } from "./packed-packages.ts";
import { faultsOf, PUBLISHED_PACKAGES, type PublishedPackage } from "./published-packages.ts";
import { whatLoads } from "./what-loads.ts";

const run = promisify(execFile);
const NODE_24 = join(ROOT, "packages/receiver/node_modules/node/bin/node");
const NODES = [
  ["Node.js 26", process.execPath],
  ["Node.js 24.15", NODE_24],
] as const;

/** The receiver has tests of its own. */
const TRIED = PUBLISHED_PACKAGES.filter(({ folder }) => folder !== "receiver");

let packages: PackedPackages;
beforeAll(async () => {
  packages = await packPackages(TRIED.map(({ folder }) => folder));
  for (const name of ["stripe", "vitest"]) packages.link(name);
}, 180_000);
afterAll(() => packages.remove());

const manifest = (name: string): { dependencies?: Record<string, string>; scripts?: object } =>
  JSON.parse(readFileSync(join(packages.installed(name), "package.json"), "utf8"));

/** Runs a program in the user's project. */
function inProject(node: string, args: readonly string[]) {
  // Within one test runner another one would report to it.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV$|NODE_TEST_|DEV$|PROD$)/.test(name)),
  );
  return run(node, args, { cwd: packages.project, env });
}

describe.each(TRIED)("$name", ({ name, most }) => {
  test("is small, and runs no script when it is installed", () => {
    const { packedSize, unpackedSize, files } = packages.packed(name);
    const { dependencies = {}, scripts } = manifest(name);
    expect(packedSize).toBeLessThan(most.packedKB * 1_000);
    expect(unpackedSize).toBeLessThan(most.unpackedKB * 1_000);
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(most.dependencies);
    expect(installedWith(ROOT, dependencies).length).toBeLessThanOrEqual(most.installed);
    expect(scripts).toBeUndefined();
    expect(files).toEqual(expect.arrayContaining(["README.md", "LICENSE", "package.json"]));
    expect(files.filter((file) => /(?<!\.d)\.ts$|\.test\.|\.map$|tsconfig/.test(file))).toEqual([]);
  });

  test("publint has nothing to say", async () => {
    const { messages } = await publint({ pkgDir: packages.installed(name), strict: true, pack: false });
    expect(messages).toEqual([]);
  });

  test("nothing in it would break a release", async () => {
    const each = TRIED.find((one) => one.name === name) as PublishedPackage;
    expect(await faultsOf(ROOT, each, packages.installed(name), packages.packed(name).files)).toEqual([]);
  });
});

test("npm would publish all of them, and has nothing to correct", { timeout: 60_000 }, async () => {
  const receiver = published(JSON.parse(readFileSync(join(ROOT, "packages/receiver/package.json"), "utf8")), "esm and cjs");
  const { published: names, said } = await dryRun([...TRIED.map(({ name }) => manifest(name)), receiver]);
  expect(said).toEqual([]);
  expect(names).toEqual(PUBLISHED_PACKAGES.map(({ name }) => name).toSorted());

  const bad = await dryRun([
    { name: "@carabiner/private", version: "1.0.0", private: true },
    { name: "corrected", version: "1.0.0", bin: { corrected: "./main.js" }, repository: "somewhere" },
  ]);
  expect(bad.published).toEqual(["corrected"]);
  expect(bad.said.join("\n")).toMatch(/@carabiner\/private.*private[\s\S]*main\.js[\s\S]*"repository" was changed/);
});

/**
 * What npm says to packages with these manifests, without their files: it looks at none of those. One run, for speed.
 */
async function dryRun(manifests: readonly object[]): Promise<{ published: string[]; said: string[] }> {
  const home = mkdtempSync(join(tmpdir(), "carabiner-dry-run-"));
  try {
    writeFileSync(join(home, "package.json"), JSON.stringify({ name: "all", private: true, workspaces: ["*"] }));
    for (const [index, each] of manifests.entries()) {
      mkdirSync(join(home, String(index)));
      writeFileSync(join(home, String(index), "package.json"), JSON.stringify(each));
      for (const target of Object.values((each as { bin?: Record<string, string> }).bin ?? {}))
        writeFileSync(join(home, String(index), target), "");
    }
    const args = ["publish", "--workspaces", "--dry-run", "--offline", "--json", "--loglevel=warn"];
    const { stdout, stderr } = await run("npm", args, { cwd: home });
    const said = stderr.split("\n").filter((line) => line !== "" && !/requires you to be logged in|ExperimentalWarning/.test(line));
    return { published: Object.keys(JSON.parse(stdout)).toSorted(), said };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

test("the server names everything that it imports", () => {
  const home = packages.installed("@carabiner/server");
  const named = Object.keys(manifest("@carabiner/server").dependencies ?? {});
  const imported = new Set<string>();
  // What the dashboard's page imports is in the page.
  for (const file of globSync("**/*.js", { cwd: home, exclude: ["dashboard/page/**"] }))
    for (const [, specifier = ""] of readFileSync(join(home, file), "utf8").matchAll(
      /(?:\bfrom\s+|\bimport\s*\(?\s*)["']([^"'\n.][^"'\n]*)["']/g,
    ))
      imported.add(specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/"));
  expect([...imported].filter((specifier) => !specifier.startsWith("node:") && !named.includes(specifier))).toEqual([]);
});

test.each(["@carabiner/server", "@carabiner/protocol"])("the types of %s are right for ES modules, and for CommonJS", async (name) => {
  const result = await checkPackage(createPackageFromTarballData(readFileSync(packages.packed(name).tarball)));
  if (result.types === false) throw new Error("no types were found");
  // Those who say `require` get the ES module, as Node.js has it since 22.12. Resolution from before there were exports
  // finds nothing.
  const expected = ["CJSResolvesToESM", "NoResolution"];
  expect(result.problems.filter(({ kind }) => !expected.includes(kind))).toEqual([]);
});

describe("the server runs in a user's project", () => {
  /** In `serve` mode, something is sent by a thread, whose module must be there too. */
  const body = `
    for (const mode of ["dev", "serve"]) {
      const server = await startCarabiner({ mode });
      if (mode === "dev") {
        const stripe = new Stripe(server.keys.test.secret, { host: server.host, port: server.port, protocol: "http" });
        const account = await stripe.accounts.create({ type: "custom", country: "US" });
        await server.clock.advance({ seconds: 3_600 });
        console.log(account.object, account.type);
      }
      await server.idle();
      await server.close();
      console.log(mode);
    }`;
  const esm = `import { startCarabiner } from "@carabiner/server";\nimport Stripe from "stripe";\n${body}`;
  const cjs = `const { startCarabiner } = require("@carabiner/server");\nconst Stripe = require("stripe");\n(async () => {${body}})();`;
  const printed = "account custom\ndev\nserve\n";

  test.each(NODES)("as an ES module under %s", { timeout: 60_000 }, async (_name, node) => {
    writeFileSync(join(packages.project, "program.mjs"), esm);
    await expect(inProject(node, ["program.mjs"])).resolves.toMatchObject({ stdout: printed });
  });

  test.each(NODES)("as CommonJS under %s", { timeout: 60_000 }, async (_name, node) => {
    writeFileSync(join(packages.project, "program.cjs"), cjs);
    await expect(inProject(node, ["program.cjs"])).resolves.toMatchObject({ stdout: printed });
  });

  const RUNNERS = [
    ["node:test", ["--test-reporter=tap", "--test", "tried.test.mjs"], /^# pass 1$/m],
    ["vitest", [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "tried.test.mjs"], /1 passed/],
  ] as const;
  test.each(NODES.flatMap(([name, node]) => RUNNERS.map((runner) => [runner[0], name, node, runner] as const)))(
    "within a test of %s under %s",
    { timeout: 60_000 },
    async (_runner, _name, node, [runner, args, passed]) => {
      const file = `${esm.replace(body, "")}import { test } from "${runner}";\ntest("it runs", async () => {${body}});\n`;
      writeFileSync(join(packages.project, "tried.test.mjs"), file);
      const { stdout } = await inProject(node, args);
      expect(stdout).toMatch(passed);
    },
  );

  test("an older Node.js gets one clear line", async () => {
    // The version is pretended.
    writeFileSync(join(packages.project, "older.mjs"), 'Object.defineProperty(process.versions, "node", { value: "24.14.1" });\n');
    for (const load of ['await import("@carabiner/server")', 'require("@carabiner/server")']) {
      const type = load.startsWith("await") ? "module" : "commonjs";
      const failed = inProject(process.execPath, ["--import", "./older.mjs", `--input-type=${type}`, "--eval", load]);
      await expect(failed).rejects.toThrow(/^Error: Carabiner needs Node\.js 24\.15 or newer; this is 24\.14\.1\.$/m);
    }
  });

  /** What a reader's compiler says to a file, checking the declarations themselves too, unless it is told not to. */
  async function compile(name: string, text: string, ...options: readonly string[]) {
    packages.link("@types/node");
    writeFileSync(join(packages.project, name), text);
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    return run(process.execPath, [tsc, "--noEmit", "--strict", "--target", "es2024", "--types", "node", ...options, name], {
      cwd: packages.project,
    });
  }
  const start = 'import { startCarabiner } from "@carabiner/server";\nconst server = await startCarabiner({ mode: "dev" });\n';

  test.each([
    ["right.mts", "node16", start],
    ["right.mts", "nodenext", start],
    ["right.mts", "esnext", start],
    ["right.cts", "nodenext", 'import carabiner = require("@carabiner/server");\ndeclare const server: carabiner.Carabiner;\n'],
  ])("its declarations serve a reader's compiler: %s as %s", { timeout: 60_000 }, async (name, module, begin) => {
    const resolution = module === "esnext" ? "bundler" : module;
    const said = compile(name, `${begin}export const url: string = server.url;\n`, "--module", module, "--moduleResolution", resolution);
    await expect(said).resolves.toMatchObject({ stdout: "" });
  });

  test("its declarations tell a reader what is wrong", { timeout: 60_000 }, async () => {
    const wrong = compile("wrong.mts", `${start}export const url: number = server.url;\n`, "--module", "nodenext", "--skipLibCheck");
    await expect(wrong).rejects.toMatchObject({ stdout: expect.stringContaining("TS2322") });
  });
});

describe("the command", () => {
  const main = (): string => join(packages.installed("carabiner"), "bin.mjs");

  test("names whose work it contains", () => {
    expect(readFileSync(join(packages.installed("carabiner"), "THIRD-PARTY-LICENSES.md"), "utf8")).toMatch(/## fastify 5[\s\S]*## ws 8/);
  });

  test("is ASCII, which V8 reads fastest and keeps in half the memory", () => {
    const home = packages.installed("carabiner");
    const others = globSync("*.js", { cwd: home }).filter((file) => /[^\0-\x7f]/.test(readFileSync(join(home, file), "utf8")));
    expect(others).toEqual([]);
  });

  test("loads only what a server needs before it is ready", { timeout: 60_000 }, async () => {
    const { files, builtIn } = await whatLoads(process.execPath, [main(), "dev", "--port", "0", "--json"], packages.project);
    const text = files.map((file) => readFileSync(file, "utf8"));
    // PostgreSQL's driver and store, Prometheus and OpenTelemetry are loaded when they are used.
    const late = /SASLInitialResponse|FOR UPDATE SKIP LOCKED|Invalid metric name|DiagComponentLogger/;
    expect(files.filter((file) => late.test(readFileSync(file, "utf8")))).toEqual([]);
    expect(text.reduce((length, code) => length + code.length, 0)).toBeLessThan(3_500_000);
    // `import` of `node:http` would load it, for 40 ms and 15 MB; `process.getBuiltinModule()` does not.
    expect(builtIn).toContain("NativeModule http");
    expect(builtIn).not.toContain("NativeModule internal/deps/undici/undici");
    // Nor does it of others: it would load Web Crypto and its streams.
    expect(builtIn).not.toContain("NativeModule internal/crypto/webcrypto");
  });

  test.each(NODES)("runs with nothing else installed, under %s", { timeout: 60_000 }, async (name, node) => {
    const { stdout: version } = await run(node, [main(), "--version"]);
    expect(version.trim()).toBe(JSON.parse(readFileSync(join(packages.installed("carabiner"), "package.json"), "utf8")).version);
    const data = ["--data", join(packages.project, `data of ${name}`)];
    await run(node, [main(), "platforms", "create", "--name", "Acme", ...data]);
    for (const args of [["dev", "--json"], ["dev"], ["serve", ...data]]) {
      const server = spawn(node, [main(), ...args, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"], cwd: packages.project });
      const [said] = (await once(server.stdout, "data")) as [Buffer];
      expect(said.toString()).toContain("http://127.0.0.1:");
      const exit = once(server, "exit");
      server.kill("SIGTERM");
      expect(await exit).toEqual([0, null]);
    }
  });
});
