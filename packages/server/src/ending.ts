import type { Logger } from "pino";
import { stopOnBug } from "./server-log.ts";
import { UnfitDatabase } from "./store/store.ts";

/** How a server ends: because it was asked to, or because it cannot go on. */
export interface Ending {
  /** Resolves when the server has closed: with null when it was asked to, or with the reason why it could not go on. */
  ended: Promise<UnfitDatabase | null>;
  /** Says how the server is closed, once all of it is open. */
  closeBy(dispose: () => Promise<void>): void;
  /** Closes the server, once. Rejects when it cannot be closed. */
  close(): Promise<void>;
  /** Ends the server on an error that it cannot go on with: like a close when another version took over the database; a bug ends the process. */
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
      log.fatal({ err: error }, "the database is another version's now: stopping");
      closeOnce(error).catch((failed: unknown) => stopOnBug(failed, log));
    },
  };
}
