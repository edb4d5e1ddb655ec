import type { Violation } from "./source-file.ts";

/**
 * Packages that the lockfile would fetch from a fixed address, and packages without a checksum. `text` is
 * package-lock.json.
 */
export function lockfile(text: string): Violation[] {
  const { packages = {} } = JSON.parse(text) as { packages?: Record<string, { resolved?: string; link?: boolean; integrity?: string }> };
  const violations: Violation[] = [];
  const at = (says: string): number => violations.push({ path: "package-lock.json", line: 1, says });
  for (const [name, { resolved, link, integrity }] of Object.entries(packages)) {
    if (resolved !== undefined && link !== true)
      at(`${name} has a download address; .npmrc leaves them out, so make the file again with npm install`);
    // A folder of our own, or a link to one, has nothing to download. A package inside another's archive has its
    // parent's checksum.
    if (name.includes("node_modules/") && link !== true && integrity === undefined) at(`${name} has no checksum`);
  }
  return violations;
}
