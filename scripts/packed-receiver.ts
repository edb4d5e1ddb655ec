import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildPackage } from "./build-package.ts";
import { ROOT } from "./house/repository-files.ts";
import { packBuilt } from "./published-packages.ts";
import { runNpm } from "./run-npm.ts";

const REFUSED = '{"error":"The request could not be verified."}';
/** The output of `smoke.mjs` on every runtime. */
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

/**
 * The receiver in the form that users get: built, packed, and installed by npm in a folder from which nothing leads
 * back to the sources.
 */
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
  /** Makes a package of the workspace importable there, under a given name. */
  link(name: string, from?: string): void;
  remove(): void;
}

/** Builds, packs and installs it. Throws an error with npm's output when that fails. */
export async function packReceiver(): Promise<PackedReceiver> {
  const home = mkdtempSync(join(tmpdir(), "carabiner-receiver-"));
  const output = join(home, "dist");
  await buildPackage(ROOT, "receiver", () => output, "esm and cjs");
  const { tarball, packedSize, unpackedSize, files } = await packBuilt(output, home);

  const consumer = join(home, "consumer");
  mkdirSync(consumer);
  writeFileSync(join(consumer, "package.json"), '{ "name": "consumer", "private": true, "version": "1.0.0" }\n');
  await runNpm(["install", tarball, "--offline", "--omit=peer", "--no-package-lock"], consumer);
  const installed = join(consumer, "node_modules/@carabiner/receiver");
  const { exports } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as { exports: object };
  return {
    consumer,
    installed,
    tarball,
    entries: Object.keys(exports).map((key) => key.replace(/^\./, "@carabiner/receiver")),
    packedSize,
    unpackedSize,
    files,
    link(name, from = name) {
      const place = join(consumer, "node_modules", name);
      mkdirSync(dirname(place), { recursive: true });
      rmSync(place, { force: true });
      symlinkSync(join(ROOT, "node_modules", from), place, "junction");
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}
