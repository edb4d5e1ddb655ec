import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";

/** A bundle that is kept, and what it is made from. */
export interface Kept {
  /**
   * The folder of its versions, below the root. `npm ci` removes them together with everything else that is installed.
   */
  folder: string;
  /** What goes into it: files, and folders with everything in them. Tests do not count. */
  sources: readonly string[];
}

/** The `carabiner` command. */
export const COMMAND: Kept = {
  folder: "node_modules/.cache/carabiner-start",
  sources: [
    ...["protocol", "server", "receiver", "cli"].flatMap((name) => [`packages/${name}/src`, `packages/${name}/package.json`]),
    "scripts/bundle-command.ts",
    "scripts/build-package.ts",
    // This changes with every package that is installed.
    "node_modules/.package-lock.json",
  ],
};

/** How long a bundle is kept after it was last used, because a running server loads parts of it late. */
const KEPT_MS = 7 * 24 * 3_600_000;

/**
 * The main file of a bundle. `bundle` makes it in a folder, unless it was made from exactly these sources before.
 * Throws what `bundle` throws.
 */
export function keptBundle(root: string, bundle: (folder: string) => void, now: number = Date.now(), kept: Kept = COMMAND): string {
  const home = join(root, kept.folder);
  const folder = join(home, sourcesKey(root, kept));
  const main = join(folder, "main.js");
  if (!existsSync(main)) {
    const making = `${folder}.${process.pid}`;
    mkdirSync(making, { recursive: true });
    try {
      bundle(making);
      symlinkSync(join(root, "packages/dashboard/dist"), join(making, "page"), "junction");
      moveTo(folder, making, main);
    } finally {
      rmSync(making, { recursive: true, force: true });
    }
  }
  noteUse(main, now);
  removeOld(home, now);
  return main;
}

/**
 * Records that a bundle is in use, so that no other start removes it. A user who may only read it can still use it.
 */
export function noteUse(main: string, now: number = Date.now()): void {
  try {
    utimesSync(dirname(main), now / 1_000, now / 1_000);
  } catch {
    // In that case it is kept for less time.
  }
}

/** Gives a bundle its name. Another start may have been faster. */
function moveTo(folder: string, making: string, main: string): void {
  try {
    renameSync(making, folder);
  } catch (error) {
    if (!existsSync(main)) throw error;
  }
}

/**
 * A value that differs when any source differs: by path, size and times, which takes a hundredth of a second for a
 * thousand files.
 */
export function sourcesKey(root: string, kept: Kept = COMMAND): string {
  const hash = createHash("sha256").update(process.version);
  for (const source of kept.sources) {
    for (const path of filesOf(join(root, source))) {
      const { size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
      hash.update(`${path} ${size} ${mtimeNs} ${ctimeNs}\n`);
    }
  }
  return hash.digest("hex").slice(0, 32);
}

/** The file itself, or all files in a folder, in order. */
function filesOf(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Removes bundles that were not used for a long time. Another start may do so at the same time. */
function removeOld(home: string, now: number): void {
  for (const name of readdirSync(home)) {
    const path = join(home, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.mtimeMs >= now - KEPT_MS) continue;
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // It belongs to another user, who removes it.
    }
  }
}
