import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Bytes that the path of a Unix socket may have on every system, with the one that ends it. Source: unix(7) of macOS, `sun_path` */
const PATH_BYTES = 104;

const NAME = "stripe.sock";

/** A Unix socket that the Stripe CLI can be pointed at. */
export interface StripeCliSocket {
  path: string;
  /**
   * Removes what was made for it. The socket itself goes with the server that listens there: in a data directory it may be
   * that of another server, beside which this one did not start.
   */
  remove(): Promise<void>;
}

/**
 * Where a server listens for the Stripe CLI: in its data directory; in a temporary one, for this user alone, where it has none or its
 * path is too long. Null on Windows, where the CLI knows no such sockets.
 */
export async function stripeCliSocket(dataDirectory: string | undefined): Promise<StripeCliSocket | null> {
  if (process.platform === "win32") return null;
  const kept = dataDirectory === undefined ? null : join(resolve(dataDirectory), NAME);
  if (kept !== null && Buffer.byteLength(kept) < PATH_BYTES) return { path: kept, remove: async () => undefined };
  const directory = await mkdtemp(join(tmpdir(), "carabiner-"));
  return { path: join(directory, NAME), remove: () => rm(directory, { recursive: true, force: true }) };
}

/** The line after which `stripe …` speaks to the server, without any flags. */
export function exportLine({ path }: Pick<StripeCliSocket, "path">, key: string): string {
  return `export STRIPE_CLI_UNIX_SOCKET=${quoted(path)} STRIPE_API_KEY=${quoted(key)}`;
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
