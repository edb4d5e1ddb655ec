import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";

/**
 * This package's version, from the nearest package.json above this file. This works in the sources and when compiled.
 */
export function packageVersion(): string {
  const path = findPackageJSON(import.meta.url);
  if (path === undefined) throw new Error("this file belongs to no package");
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
