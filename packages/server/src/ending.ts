import type { Logger } from "pino";
import { stopOnBug } from "./server-log.ts";
import { UnfitDatabase } from "./store/store.ts";

/** How a server ends: it is asked to close, or it cannot continue. */
export interface Ending {
  /**
   * Resolves when the server has closed: with null if it was asked to, otherwise with the reason why it could not
   * continue.
   */
  ended: Promise<UnfitDatabase | null>;
  /** Sets how the server is closed, once all of it is open. */
  closeBy(dispose: () => Promise<void>): void;
  /** Closes the server, once. Rejects when it cannot be closed. */
  close(): Promise<void>;
  /**
   * Ends the server on a fatal error: closes it when another version took over the database; ends the process on a bug.
   */
  fail(error: unknown): void;
}

export function createEnding(log: Logger): Ending {
  const ended = Promise.withResolvers<UnfitDatabase | null>();
  const open = Promise.withResolvers<() => Promise<void>>();
  let closed: Promise<void> | null = null;

  function closeOnce(reason: UnfitDatabase | null): Promise<void> {
    closed ??= open.promise.then((dispose) => dispose()).then(() => ended.resolve(reason));
    return closed;
  }

  return {
    ended: ended.promise,
    closeBy: open.resolve,
    close: () => closeOnce(null),
    fail(error) {
      if (!(error instanceof UnfitDatabase)) {
        stopOnBug(error, log);
        return;
      }
      log.fatal({ code: "database.taken_over", err: error }, "another version has taken over the database: stopping");
      closeOnce(error).catch((failed: unknown) => stopOnBug(failed, log));
    },
  };
}
