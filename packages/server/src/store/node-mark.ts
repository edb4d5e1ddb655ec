import { createHash } from "node:crypto";

/** A mark has this many hexadecimal characters: 64 bits. */
const CHARS = 16;

/**
 * Identifies the server that answers `/livez`, so that `doctor` can tell it from other programs on the machine. It is
 * different for each run of a server. It does not reveal the node's name, which contains the machine's name.
 */
export function nodeMark(name: string): string {
  return createHash("sha256").update(`carabiner node ${name}`).digest("hex").slice(0, CHARS);
}
