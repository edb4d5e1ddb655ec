import { once } from "node:events";
import { chmodSync, rmSync, statSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import type { FastifyInstance } from "fastify";

/** Only the owner has access. */
const PRIVATE = 0o600;

/**
 * Longest path of a socket in bytes, without the terminating zero. Source: `sun_path` in sys/un.h, of 108 bytes on
 * Linux and 104 on macOS and the BSDs.
 */
const PATH_BYTES = process.platform === "linux" ? 107 : 103;

/** Why a path cannot be used for a socket; null when it can. */
export function socketFault(path: string): string | null {
  if (process.platform === "win32") return "not available on Windows";
  const bytes = Buffer.byteLength(path);
  return bytes <= PATH_BYTES ? null : `its path has ${bytes} bytes, and this system allows ${PATH_BYTES}`;
}

/**
 * Makes a server listen on a socket in the file system that only its owner can use. Replaces an existing socket, so
 * call it only when no other process can be listening there. Returns a system error code when it cannot listen, else
 * null.
 */
export async function listenOnSocket(app: FastifyInstance, path: string): Promise<string | null> {
  await app.ready();
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
  const listening = once(app.server, "listening");
  // `listen` creates the socket at once, with these permissions, so it is never open to others. A worker thread cannot
  // set them.
  const before = isMainThread ? process.umask(0o777 & ~PRIVATE) : null;
  try {
    app.server.listen(path);
  } finally {
    if (before !== null) process.umask(before);
  }
  try {
    await listening;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code;
  }
  chmodSync(path, PRIVATE);
  return null;
}
