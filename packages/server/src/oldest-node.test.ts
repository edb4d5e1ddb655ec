import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const PACKAGES = fileURLToPath(new URL("../..", import.meta.url));

/** What Node.js 26 has and Node.js 20 lacks: the names that some module exports, and whole modules. */
const NEWER: Readonly<Record<string, string>> = {
  assert: "partialDeepStrictEqual",
  crypto: "argon2 argon2Sync createMac decapsulate encapsulate getMacs parsePKCS12 randomUUIDv7",
  dns: "resolveTlsa",
  "dns/promises": "resolveTlsa",
  ffi: "*",
  fs: "Utf8Stream glob globSync mkdtempDisposableSync openAsBlobSync",
  "fs/promises": "glob mkdtempDisposable",
  http: "CloseEvent MessageEvent WebSocket setGlobalProxyFromEnv",
  module: "constants enableCompileCache findPackageJSON flushCompileCache getCompileCacheDir registerHooks stripTypeScriptTypes",
  net: "BoundSocket",
  perf_hooks: "createSlidingWindowHistogram eventLoopUtilization timerify",
  process: "addUncaughtExceptionCaptureCallback execve finalization ref threadCpuUsage unref",
  sea: "*",
  sqlite: "*",
  "stream/consumers": "bytes",
  tls: "getCACertificates setDefaultCACertificates",
  url: "URLPattern fileURLToPathBuffer",
  util: "debounce diff getCallSites getSystemErrorMessage setTraceSigInt throttle",
  worker_threads: "isInternalThread isMarkedAsUntransferable locks markAsUncloneable threadName",
  zlib: "ZstdCompress ZstdDecompress createZstdCompress createZstdDecompress zstdCompress zstdCompressSync zstdDecompress zstdDecompressSync",
};

/** The names that a source imports from Node's own modules, without types, as `module.name`; those that are newer. */
function newerImports(source: string): string[] {
  return [...source.matchAll(/^import (?!type )([^;]*?) ?from "node:([^"]+)";/gms)].flatMap(([, names = "", module = ""]) => {
    const newer = NEWER[module]?.split(" ") ?? [];
    if (newer.includes("*")) return [module];
    const imported = (/\{([^}]*)\}/.exec(names)?.[1] ?? "").split(",").map((name) => name.trim().split(" as ")[0] ?? "");
    return imported.filter((name) => newer.includes(name)).map((name) => `${module}.${name}`);
  });
}

test("an older Node.js comes as far as the line that says so: no import of a name that it lacks fails before", () => {
  const files = globSync(["server/src/**/*.ts", "protocol/src/**/*.ts"], { cwd: PACKAGES, exclude: ["**/*.test.ts"] });
  expect(files.length).toBeGreaterThan(300);
  const newer = files.flatMap((file) => newerImports(readFileSync(join(PACKAGES, file), "utf8")).map((name) => `${file}: ${name}`));
  expect(newer).toEqual([]);
});

test("an import of a newer name is found, and one of a type is not", () => {
  expect(newerImports('import { isSea } from "node:sea";\n')).toEqual(["sea"]);
  expect(newerImports('import {\n  readFileSync,\n  globSync as glob,\n} from "node:fs";\n')).toEqual(["fs.globSync"]);
  expect(newerImports('import type { DatabaseSync } from "node:sqlite";\nimport { readFileSync } from "node:fs";\n')).toEqual([]);
});
