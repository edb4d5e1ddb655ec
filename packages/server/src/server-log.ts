import pino, { type Logger } from "pino";
import type { CarabinerOptions } from "./carabiner-options.ts";
import type { Unexpected } from "./deliveries/engine.ts";

/** How many unexpected failures are remembered as logged; after that many, each is logged again once. */
const UNEXPECTED_REMEMBERED = 1_000;

/** The log a server writes to: the one it was given, or standard error from a level on. */
export function createServerLog(log: NonNullable<CarabinerOptions["log"]>): Logger {
  return typeof log === "string" ? pino({ level: log }, pino.destination(2)) : log;
}

/** Logs what lies behind failed attempts: each endpoint and message once, because a tenant could cause any number. */
export function logUnexpectedOnce(log: Logger): (unexpected: Unexpected) => void {
  const logged = new Set<string>();
  return ({ error, endpointId, deliveryId }) => {
    const what = `${endpointId} ${error instanceof Error ? error.message : String(error)}`;
    if (logged.has(what)) return;
    if (logged.size >= UNEXPECTED_REMEMBERED) logged.clear();
    logged.add(what);
    log.error(
      { err: error, endpoint: endpointId, delivery: deliveryId },
      "an attempt failed unexpectedly; it is recorded, and tried again",
    );
  };
}

/** Ends the process on a bug: it must not go on unseen. The next process sends again what was not settled. */
export function stopOnBug(error: unknown, log: Logger): void {
  log.fatal({ err: error }, "bug: stopping");
  setImmediate(() => {
    throw error;
  });
}
