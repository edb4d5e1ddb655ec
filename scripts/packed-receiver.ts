import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { buildPackage } from "./build-package.ts";
import { ROOT } from "./house/repository-files.ts";

const run = promisify(execFile);

const REFUSED = '{"error":"The request could not be verified."}';
/** What `smoke.mjs` prints on every runtime. */
export const SMOKE_LINES: readonly string[] = [
  'handled 200 {"received":true} stored kein Konto — 中文 🎈 of acct_1 done',
  'duplicate 200 {"received":true} duplicate',
  `tampered 400 ${REFUSED} signature_mismatch`,
  `old 400 ${REFUSED} timestamp_old`,
  'large 413 {"error":"The body is too large."} too_large',
  'get 405 {"error":"Only POST is allowed."} method',
  'consumed 500 {"error":"The request could not be handled."} body_consumed',
  "lambda 200 duplicate",
];

/** The receiver as its users get it: built, packed, and installed by npm in a folder from which nothing leads back to the sources. */
export interface PackedReceiver {
  /** The user's folder, with its `node_modules`. */
  consumer: string;
  /** The package as it is installed there. */
  installed: string;
  tarball: string;
  /** What can be imported: `@carabiner/receiver`, `@carabiner/receiver/memory`, … */
  entries: readonly string[];
  /** In bytes. */
  packedSize: number;
  unpackedSize: number;
  files: readonly string[];
  /** Makes a package of the workspace importable there, under a name of its own. */
  link(name: string, from?: string): void;
  remove(): void;
}

/** Builds, packs and installs it. Throws with npm's output when that fails. */
export async function packReceiver(): Promise<PackedReceiver> {
  const home = mkdtempSync(join(tmpdir(), "carabiner-receiver-"));
  const output = join(home, "dist");
  await buildPackage(ROOT, "receiver", () => output, "esm and cjs");
  const { stdout } = await npm(["pack", output, "--json", "--pack-destination", home], home);
  const packed = JSON.parse(stdout) as Packed[] | Record<string, Packed>;
  const [row] = Object.values(packed);
  if (row === undefined) throw new Error(`npm pack says nothing: ${stdout}`);

  const consumer = join(home, "consumer");
  mkdirSync(consumer);
  writeFileSync(join(consumer, "package.json"), '{ "name": "consumer", "private": true, "version": "1.0.0" }\n');
  const tarball = join(home, row.filename);
  await npm(["install", tarball, "--offline", "--omit=peer", "--no-package-lock"], consumer);
  const installed = join(consumer, "node_modules/@carabiner/receiver");
  const { exports } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as { exports: object };
  return {
    consumer,
    installed,
    tarball,
    entries: Object.keys(exports).map((key) => key.replace(/^\./, "@carabiner/receiver")),
    packedSize: row.size,
    unpackedSize: row.unpackedSize,
    files: row.files.map(({ path }) => path),
    link(name, from = name) {
      const place = join(consumer, "node_modules", name);
      mkdirSync(dirname(place), { recursive: true });
      rmSync(place, { force: true });
      symlinkSync(join(ROOT, "node_modules", from), place, "junction");
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

interface Packed {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string }[];
}

/** npm, as the one that runs the tests, or the one in the path. */
async function npm(args: readonly string[], cwd: string): Promise<{ stdout: string }> {
  const script = process.env.npm_execpath;
  const own = script?.endsWith(".js") === true && readFileSync(script, "utf8").includes("npm");
  const [command, given] = own && script !== undefined ? [process.execPath, [script, ...args]] : ["npm", args];
  try {
    return await run(command, given, { cwd });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`npm ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
