import type { Carabiner, CarabinerOptions } from "@carabiner/server";
import { EXIT_CODES } from "./exit-codes.ts";
import type { Terminal } from "./output/terminal.ts";
import { releaseMemory } from "./release-memory.ts";
import { startFailure } from "./start-failure.ts";

/**
 * How long after the start its garbage is collected. By then the first requests of waiting clients have been answered.
 */
const RELEASED_AFTER_MS = 1_000;

/** A server to run until it is stopped. */
export interface ServerRun {
  /** `dev` or `serve`, for messages. */
  command: string;
  options: CarabinerOptions & { host: string; port: number };
  /** The database file; null for memory. */
  database: string | null;
  /** Prints that the server is ready, and its address. */
  ready(carabiner: Carabiner): void;
}

/**
 * Starts a server and resolves when it has stopped. The first request to stop lets running work end, the second ends
 * the process at once. Throws when the server does not start or cannot continue.
 */
export async function runServer({ command, options, database, ready }: ServerRun, terminal: Terminal): Promise<void> {
  const { startCarabiner } = await import("@carabiner/server");
  let carabiner: Carabiner;
  try {
    carabiner = await startCarabiner(options);
  } catch (error) {
    throw startFailure(error, { command, host: options.host, port: options.port, database }) ?? error;
  }
  const asked = Promise.withResolvers<void>();
  let requests = 0;
  const noLonger = terminal.onStopRequest(() => {
    if (++requests > 1) terminal.exitNow(EXIT_CODES.error);
    asked.resolve();
  });
  // A production server reads its certificate again, unless its terminal has closed. A development server stops.
  const noLongerHangup = terminal.onHangup((gone) => {
    if (command === "serve" && !gone) carabiner.reload();
    else asked.resolve();
  });
  ready(carabiner);
  const releasing = setTimeout(releaseMemory, RELEASED_AFTER_MS);
  const reason = await Promise.race([asked.promise, carabiner.ended]);
  clearTimeout(releasing);
  if (reason instanceof Error) throw startFailure(reason, { command, host: options.host, port: options.port, database }) ?? reason;
  terminal.tell(terminal.colours.err.dim("Stopping. Press Ctrl+C again to stop at once."));
  await carabiner.close();
  noLonger();
  noLongerHangup();
}
