import { existsSync } from "node:fs";
import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildPackage, type Forms, type OutputFolder, repositoryOf } from "./build-package.ts";
import { bundleCommand } from "./bundle-command.ts";
import { releaseFaults } from "./release-faults.ts";
import { runNpm } from "./run-npm.ts";

/** A package of the workspace that is published. */
export interface PublishedPackage {
  /** Its folder in `packages/`. */
  folder: string;
  name: string;
  /** A command is bundled: it contains what it depends on. */
  forms: Forms | "command";
  /**
   * Where it contains the dashboard's page: beside the module that serves it. In the command, all modules are in one
   * folder.
   */
  page?: string;
  /** The largest size that it may have. If it grows beyond that, look at what was added. */
  most: {
    packedKB: number;
    unpackedKB: number;
    /** Packages that it names. */
    dependencies: number;
    /** The number of packages that npm installs with it in total. */
    installed: number;
  };
}

/** In the order in which they depend on each other. */
export const PUBLISHED_PACKAGES: readonly PublishedPackage[] = [
  {
    folder: "protocol",
    name: "@carabiner/protocol",
    forms: "esm",
    most: { packedKB: 60, unpackedKB: 250, dependencies: 0, installed: 0 },
  },
  {
    folder: "server",
    name: "@carabiner/server",
    forms: "esm",
    page: "dashboard/page",
    most: { packedKB: 1_600, unpackedKB: 5_500, dependencies: 10, installed: 80 },
  },
  {
    folder: "cli",
    name: "carabiner",
    forms: "command",
    page: "page",
    most: { packedKB: 1_800, unpackedKB: 6_500, dependencies: 0, installed: 0 },
  },
  {
    folder: "receiver",
    name: "@carabiner/receiver",
    forms: "esm and cjs",
    most: { packedKB: 250, unpackedKB: 1_500, dependencies: 0, installed: 0 },
  },
];

/** Builds one in its published form. The packages that it depends on must be built already. */
export async function buildPublished(root: string, { folder, forms, page }: PublishedPackage, outputOf: OutputFolder): Promise<void> {
  if (forms === "command") await bundleCommand(root, folder, outputOf(folder));
  else await buildPackage(root, folder, outputOf, forms);
  const dashboard = join(root, "packages/dashboard/dist");
  if (page !== undefined && existsSync(dashboard)) await cp(dashboard, join(outputOf(folder), page), { recursive: true });
}

/** A package packed by npm. Sizes are in bytes. */
export interface PackedPackage {
  tarball: string;
  packedSize: number;
  unpackedSize: number;
  files: readonly string[];
}

/** Packs what was built in a folder into a file in `to`. Throws an error with npm's output when that fails. */
export async function packBuilt(built: string, to: string): Promise<PackedPackage> {
  const { stdout } = await runNpm(["pack", built, "--json", "--pack-destination", to], to);
  const [row] = Object.values(JSON.parse(stdout) as PackRow[] | Record<string, PackRow>);
  if (row === undefined) throw new Error(`npm pack says nothing: ${stdout}`);
  return {
    tarball: join(to, row.filename),
    packedSize: row.size,
    unpackedSize: row.unpackedSize,
    files: row.files.map(({ path }) => path),
  };
}

/** What would be broken if a built and packed package were released, one line for each fault. */
export async function faultsOf(
  root: string,
  { folder, name }: PublishedPackage,
  built: string,
  files: readonly string[],
): Promise<string[]> {
  const read = async (path: string): Promise<Record<string, unknown>> => JSON.parse(await readFile(join(path, "package.json"), "utf8"));
  const { version } = await read(root);
  const repository = repositoryOf(folder, process.env);
  return releaseFaults({ manifest: await read(built), files, name, version: String(version), repository });
}

interface PackRow {
  filename: string;
  size: number;
  unpackedSize: number;
  files: { path: string }[];
}
