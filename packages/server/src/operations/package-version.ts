import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";

let known: string | null = null;

/** The version of this server, from the nearest package.json above this file, in the sources and when compiled. */
export function packageVersion(): string {
  if (known !== null) return known;
  const path = findPackageJSON(import.meta.url);
  if (path === undefined) throw new Error("this file belongs to no package");
  known = (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
  return known;
}
