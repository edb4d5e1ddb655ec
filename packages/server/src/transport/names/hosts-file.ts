import { isIP } from "node:net";
import type { ResolvedAddress } from "../guarded-connector.ts";

/**
 * The addresses of each name in a hosts file, in the file's order. Names are in lower case. Invalid lines are skipped.
 * Source: https://man7.org/linux/man-pages/man5/hosts.5.html
 */
export function parseHostsFile(text: string): ReadonlyMap<string, readonly ResolvedAddress[]> {
  const hosts = new Map<string, ResolvedAddress[]>();
  for (const line of text.split("\n")) {
    const [address = "", ...names] = (line.split("#", 1)[0] ?? "").trim().split(/\s+/);
    const family = isIP(address);
    if (family === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase().replace(/\.$/, "");
      const known = hosts.get(key);
      if (known === undefined) hosts.set(key, [{ address, family }]);
      else if (!known.some((other) => other.address === address)) known.push({ address, family });
    }
  }
  return hosts;
}
