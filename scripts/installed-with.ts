import { readFileSync } from "node:fs";
import { join } from "node:path";

interface LockedPackage {
  dependencies?: Record<string, string>;
  link?: boolean;
  resolved?: string;
  version?: string;
}

/**
 * What npm installs with a package, by the lockfile of the workspace: the packages that it depends on, and those that
 * they depend on, as `name@version`.
 */
export function installedWith(root: string, dependencies: Readonly<Record<string, string>>): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { packages: Record<string, LockedPackage> };
  const found = new Set<string>();

  /** The folder of the package that a module gets by name, in the nearest `node_modules`. */
  function placeOf(name: string, from: string): string {
    for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
      const place = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
      if (place in packages) return place;
      if (folder === "") throw new Error(`${name} is not in package-lock.json`);
    }
  }

  function follow(wanted: Readonly<Record<string, string>>, from: string): void {
    for (const name of Object.keys(wanted)) {
      const place = placeOf(name, from);
      const locked = packages[place] as LockedPackage;
      // A package of the workspace is a link to its folder.
      const folder = locked.link === true ? String(locked.resolved) : place;
      const { version, dependencies: next = {} } = packages[folder] as LockedPackage;
      const spec = `${name}@${version}`;
      if (found.has(spec)) continue;
      found.add(spec);
      follow(next, folder);
    }
  }

  follow(dependencies, "");
  return [...found].sort();
}
