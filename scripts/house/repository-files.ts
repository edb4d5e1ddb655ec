import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type { PackageEntries } from "./source-file.ts";

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, "../..");

/** Every file of the repository that is not ignored, committed or not, as paths from its root. */
export function repositoryFiles(root: string = ROOT): string[] {
  // A checkout that another user owns, as in a container, can be read too, because only names are listed.
  const listed = execFileSync("git", ["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: root,
    encoding: "utf8",
  });
  return [...new Set(listed.split("\0"))].filter((path) => path !== "" && existsSync(join(root, path))).sort();
}

/** The files that the names of our packages resolve to: `@carabiner/protocol` → `packages/protocol/src/index.ts`. */
export function packageEntries(root: string = ROOT): PackageEntries {
  const entries = new Map<string, string>();
  for (const folder of readdirSync(join(root, "packages"))) {
    const file = join(root, "packages", folder, "package.json");
    if (!existsSync(file)) continue;
    const { name, exports = {} } = JSON.parse(readFileSync(file, "utf8")) as { name: string; exports?: Record<string, unknown> };
    for (const [key, target] of Object.entries(exports)) {
      if (typeof target === "string") entries.set(key === "." ? name : `${name}/${key.slice(2)}`, `packages/${folder}/${target.slice(2)}`);
    }
  }
  return entries;
}

/**
 * The files that the packages publish or start, from the root of the repository: what their `exports` and `bin` name,
 * and the script of a page.
 */
export function publishedFiles(root: string = ROOT): string[] {
  const published: string[] = [];
  for (const folder of readdirSync(join(root, "packages"))) {
    const file = join(root, "packages", folder, "package.json");
    if (!existsSync(file)) continue;
    const page = join(root, "packages", folder, "index.html");
    if (existsSync(page))
      for (const [, script = ""] of readFileSync(page, "utf8").matchAll(/<script[^>]* src="\/([^"]+)"/g))
        published.push(`packages/${folder}/${script}`);
    const { exports = {}, bin = {} } = JSON.parse(readFileSync(file, "utf8")) as Record<
      "exports" | "bin",
      Record<string, string> | undefined
    >;
    for (const target of [...Object.values(exports), ...Object.values(bin)]) {
      const path = `packages/${folder}/${target.slice(2)}`;
      published.push(path);
      // A command begins with plain JavaScript, which an old Node.js can parse. That file imports the rest.
      if (!path.endsWith(".mjs")) continue;
      for (const [, imported = ""] of readFileSync(join(root, path), "utf8").matchAll(/\bimport\("\.\/([^"]+)"\)/g))
        published.push(posix.join(posix.dirname(path), imported));
    }
  }
  return published;
}
