import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";

/** The version of this package, from the package.json nearest to this file: above the sources, beside the compiled form. */
export function packageVersion(): string {
  const path = findPackageJSON(import.meta.url);
  if (path === undefined) throw new Error("this file belongs to no package");
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
