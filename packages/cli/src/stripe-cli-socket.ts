import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/**
 * Bytes of a Unix socket's path that every system allows, including the terminating zero. Source: unix(7) of macOS,
 * `sun_path`
 */
const PATH_BYTES = 104;

const NAME = "stripe.sock";

/** A Unix socket that the Stripe CLI can use. */
export interface StripeCliSocket {
  path: string;
  /**
   * Removes everything that was made for it. The listening server removes the socket itself, because a socket in a data
   * directory may belong to another server, which prevented this one from starting.
   */
  remove(): Promise<void>;
}

/**
 * Where a server listens for the Stripe CLI: in its data directory. If it has no data directory or the path is too
 * long, in a temporary directory that only this user can open. Null on Windows, where the CLI does not support such
 * sockets.
 */
export async function stripeCliSocket(dataDirectory: string | undefined): Promise<StripeCliSocket | null> {
  if (process.platform === "win32") return null;
  const kept = dataDirectory === undefined ? null : join(resolve(dataDirectory), NAME);
  if (kept !== null && Buffer.byteLength(kept) < PATH_BYTES) return { path: kept, remove: async () => undefined };
  const directory = await mkdtemp(join(tmpdir(), "carabiner-"));
  return { path: join(directory, NAME), remove: () => rm(directory, { recursive: true, force: true }) };
}

/** The shell command that makes `stripe …` call this server without any flags. */
export function exportLine({ path }: Pick<StripeCliSocket, "path">, key: string): string {
  return `export STRIPE_CLI_UNIX_SOCKET=${quoted(path)} STRIPE_API_KEY=${quoted(key)}`;
}

/** Quotes a word for a shell. */
function quoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
