import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./house/repository-files.ts";
import { buildPublished, type PackedPackage, PUBLISHED_PACKAGES, packBuilt } from "./published-packages.ts";

/**
 * The packages in the form that users get: built, packed, and unpacked in a project from which nothing leads back to
 * the sources.
 */
export interface PackedPackages {
  /** The user's project, with its `node_modules`. */
  project: string;
  /** The package as it is installed there. */
  installed(name: string): string;
  packed(name: string): PackedPackage;
  /** Makes a package of the workspace importable there. */
  link(name: string): void;
  /** Removes everything. */
  remove(): void;
}

/**
 * Builds, packs and unpacks them. Only the dependencies that they name are linked to the copies in the workspace, so
 * that a dependency that a package forgets to name is missing. It needs no network. Throws when a step fails.
 */
export async function packPackages(folders: readonly string[]): Promise<PackedPackages> {
  const home = mkdtempSync(join(tmpdir(), "carabiner-packages-"));
  const project = join(home, "project");
  const installed = (name: string): string => join(project, "node_modules", name);
  const packed = new Map<string, PackedPackage>();
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "name": "project", "private": true, "version": "1.0.0" }\n');

  function link(name: string): void {
    const place = installed(name);
    if (existsSync(place)) return;
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), place, "junction");
  }

  const chosen = PUBLISHED_PACKAGES.filter(({ folder }) => folders.includes(folder));
  const built = (folder: string): string => join(home, "dist", folder);
  for (const each of chosen) {
    await buildPublished(ROOT, each, built);
    const result = await packBuilt(built(each.folder), home);
    packed.set(each.name, result);
    mkdirSync(installed(each.name), { recursive: true });
    await promisify(execFile)("tar", ["-xzf", result.tarball, "--strip-components=1", "-C", installed(each.name)]);
  }
  for (const { name } of chosen) {
    const { dependencies = {} } = JSON.parse(readFileSync(join(installed(name), "package.json"), "utf8")) as {
      dependencies?: Record<string, string>;
    };
    for (const dependency of Object.keys(dependencies)) link(dependency);
  }
  return {
    project,
    installed,
    packed(name) {
      const found = packed.get(name);
      if (found === undefined) throw new Error(`${name} was not packed`);
      return found;
    },
    link,
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}
