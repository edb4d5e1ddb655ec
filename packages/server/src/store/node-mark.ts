import { createHash } from "node:crypto";

/** Hexadecimal characters of a mark: 64 bits. */
const CHARS = 16;

/**
 * What `/livez` says of the server that answers, so that `doctor` knows it among the programs of a machine. It is
 * different for each run of a server, and does not show the node's name, which has the name of the machine.
 */
export function nodeMark(name: string): string {
  return createHash("sha256").update(`carabiner node ${name}`).digest("hex").slice(0, CHARS);
}
