import type { Logger } from "pino";

/** Where the server logs: a pino logger, or one with the same methods. */
export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/**
 * The fields of a request's log line. It has no fields for keys, headers, bodies or query values, so these cannot leak.
 */
export interface RequestLogLine {
  requestId: string;
  method: string;
  /** The route pattern. Without a route, the parts that may be shown; see `shown-path.ts`. */
  path: string;
  status: number;
  /** From the first byte of the request to the last of the answer. */
  ms: number;
  /** The account that the request acted for. */
  account: string | undefined;
  /** The error's name in the table. */
  error: string | undefined;
  /** The request whose answer was replayed. */
  replayOf: string | undefined;
}

/**
 * Whether a request only reads the console or the clock, or is a read by the dashboard's page. A command or a page that
 * follows a list reads several times a second, and these lines would hide everything else.
 */
export function isLook({ method, path }: Pick<RequestLogLine, "method" | "path">, fromPage: boolean): boolean {
  return method === "GET" && (fromPage || /^\/(?:console|dashboard)(?:\/|$)/.test(path) || path === "/v1/test_helpers/clock");
}

type Told = RequestLogLine & { code: string };

/** Writes a request's log line: at level `debug` for such a read that succeeded, otherwise at `info`. */
export function logRequest(log: Log, line: RequestLogLine, fromPage = false): void {
  const { requestId, method, path, status, ms, account, error, replayOf } = line;
  const level = isLook(line, fromPage) && status < 400 ? "debug" : "info";
  // Written field by field, because every call makes one. `satisfies` reports a missing field.
  log[level]({ code: "request", requestId, method, path, status, ms, account, error, replayOf } satisfies Told, "request");
}

/**
 * Logs a failure of the server: name, message and stack. An error's other fields may hold anything and are left out.
 */
export function logFailure(log: Log, requestId: string, cause: unknown): void {
  log.error({ code: "request.failed", requestId, failure: described(cause) }, "request failed on our side");
}

function described(cause: unknown): Record<string, unknown> {
  if (!(cause instanceof Error)) return { message: String(cause) };
  return {
    type: cause.name,
    message: cause.message,
    stack: cause.stack,
    ...(cause.cause === undefined ? {} : { cause: described(cause.cause) }),
  };
}
