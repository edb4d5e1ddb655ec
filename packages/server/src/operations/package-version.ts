import { readFileSync } from "node:fs";

let known: string | null = null;

/**
 * The version of this server, from the nearest package.json above this file. This works in the sources and when
 * compiled.
 */
export function packageVersion(): string {
  if (known !== null) return known;
  // A named import would fail on an older Node.js before `oldest-node.ts` says which version is needed.
  const path = process.getBuiltinModule("node:module").findPackageJSON(import.meta.url);
  if (path === undefined) throw new Error("this file belongs to no package");
  known = (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
  return known;
}
