import manifest from "../../package.json" with { type: "json" };
import { type Finding, fine } from "./finding.ts";

/** The oldest version of each line that runs a server, as `engines` in package.json says. */
const OLDEST = [...manifest.engines.node.matchAll(/(?<!\d)(\d+)\.(\d+)\.\d+/g)].map(([, major, minor]) => ({
  major: Number(major),
  minor: Number(minor),
}));

/** Whether this Node.js runs a server; `version` is without a `v`. */
export function checkNode(version: string): Finding {
  const found = `Node.js ${version}`;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const newest = OLDEST.at(-1)?.major ?? 0;
  if (major > newest || OLDEST.some((oldest) => oldest.major === major && minor >= oldest.minor)) return fine("node", found);
  const [oldest] = OLDEST;
  return { check: "node", status: "failed", found, advice: `Install Node.js ${oldest?.major}.${oldest?.minor} or newer.` };
}
