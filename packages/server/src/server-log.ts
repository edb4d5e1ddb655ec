import pino, { type Logger } from "pino";
import type { CarabinerOptions } from "./carabiner-options.ts";
import type { Unexpected } from "./deliveries/engine.ts";
import type { Limits } from "./limits.ts";
import { logToStandardError } from "./log-destination.ts";

/** How many logged failures are remembered. Beyond that the memory is cleared, and each is logged once more. */
const UNEXPECTED_REMEMBERED = 1_000;

/** The log a server writes to: the given one, or standard error with a lowest level. */
export function createServerLog(log: NonNullable<CarabinerOptions["log"]>, limits: Pick<Limits, "logWaitingChars">): Logger {
  return typeof log === "string" ? pino({ level: log }, logToStandardError(limits)) : log;
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

/**
 * Logs that the store cannot be reached, and what waits for it: each reason at once, and again every `troubleToldMs`
 * for as long as it lasts. This limits the lines, because callers try the store several times a second. `now` returns
 * the machine's time.
 */
export function logTrouble(
  log: Logger,
  { troubleToldMs }: Pick<Limits, "troubleToldMs">,
  now: () => number,
  waits: string,
): (error: Error) => void {
  /** There are few different reasons: the store's own messages. */
  const toldAt = new Map<string, number>();
  return (error) => {
    const at = now();
    const last = toldAt.get(error.message);
    if (last !== undefined && at - last < troubleToldMs) return;
    toldAt.set(error.message, at);
    log.error({ code: "store.unavailable", err: error }, `the store cannot be reached; ${waits}`);
  };
}

/** Ends the process on a bug, so that the bug is noticed. The next process resends deliveries that were not settled. */
export function stopOnBug(error: unknown, log: Logger): void {
  log.fatal({ code: "bug", err: error }, "bug: stopping");
  setImmediate(() => {
    throw error;
  });
}
