import pino, { type Logger } from "pino";
import type { CarabinerOptions } from "./carabiner-options.ts";
import type { Unexpected } from "./deliveries/engine.ts";

/** How many logged failures are remembered. Beyond that the memory is cleared, and each is logged once more. */
const UNEXPECTED_REMEMBERED = 1_000;

/** The log a server writes to: the given one, or standard error from a level on. */
export function createServerLog(log: NonNullable<CarabinerOptions["log"]>): Logger {
  return typeof log === "string" ? pino({ level: log }, pino.destination(2)) : log;
}

/** Logs the cause of failed attempts: once for each endpoint and message, because a tenant could cause any number. */
export function logUnexpectedOnce(log: Logger): (unexpected: Unexpected) => void {
  const logged = new Set<string>();
  return ({ error, endpointId, deliveryId }) => {
    const what = `${endpointId} ${error instanceof Error ? error.message : String(error)}`;
    if (logged.has(what)) return;
    if (logged.size >= UNEXPECTED_REMEMBERED) logged.clear();
    logged.add(what);
    log.error(
      { code: "attempt.unexpected", err: error, endpoint: endpointId, delivery: deliveryId },
      "an attempt failed unexpectedly; it is recorded and will be retried",
    );
  };
}

/** Ends the process on a bug, so that the bug is noticed. The next process sends again what was not settled. */
export function stopOnBug(error: unknown, log: Logger): void {
  log.fatal({ code: "bug", err: error }, "bug: stopping");
  setImmediate(() => {
    throw error;
  });
}
