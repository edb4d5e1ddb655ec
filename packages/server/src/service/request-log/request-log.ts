import type { Clock } from "../../clock/clock.ts";
import type { AnsweredRequest } from "../../http/answered-request.ts";
import type { Log } from "../../http/request-log.ts";
import type { Limits } from "../../limits.ts";
import type { RequestRow } from "../../store/contract/rows.ts";
import { type Store, StoreUnavailable } from "../../store/store.ts";
import { type Remembering, type RequestTimes, rememberedRequest } from "./remembered-request.ts";

/** The most requests written by one commit. */
const BATCH = 500;

export interface RequestLogOptions {
  store: Pick<Store, "requests">;
  clock: Clock;
  limits: Limits;
  log: Log;
  remembering: Remembering;
}

/** Remembers answered requests, so that their senders can look at them. No request waits for it. */
export interface RequestLog {
  /** Adds a request that was answered. */
  add(answered: AnsweredRequest): void;
  /** Writes what was added, many in one commit, until `signal` aborts; then writes the rest. */
  run(signal: AbortSignal): Promise<void>;
  /** Calls `listener` after each commit. Returns a function that stops this. */
  onWritten(listener: () => void): () => void;
}

/**
 * A request log over a store. When the store cannot keep up or is unavailable, at most `requestsWaiting` requests wait.
 * The log says how many others were not remembered.
 */
export function createRequestLog({ store, clock, limits, log, remembering }: RequestLogOptions): RequestLog {
  let waiting: RequestRow[] = [];
  let dropped = 0;
  let arrived = Promise.withResolvers<void>();
  const listeners = new Set<() => void>();

  async function write(): Promise<boolean> {
    const batch = waiting.slice(0, BATCH);
    try {
      await store.requests.insert(batch);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return false;
    }
    waiting = waiting.slice(batch.length);
    sayDropped();
    for (const listener of listeners) listener();
    return true;
  }

  function sayDropped(): void {
    if (dropped === 0) return;
    log.warn({ code: "request_log.behind", dropped }, "requests were answered that the request log does not have: it could not keep up");
    dropped = 0;
  }

  return {
    add(answered) {
      const row = rememberedRequest(answered, requestTimes(clock, limits), remembering);
      if (row === null) return;
      if (waiting.length >= limits.requestsWaiting) dropped++;
      else if (waiting.push(row) === 1) arrived.resolve();
    },
    async run(signal) {
      const ended = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      while (!signal.aborted) {
        if (waiting.length === 0) {
          arrived = Promise.withResolvers();
          await Promise.race([arrived.promise, ended]);
        }
        await clock.pause(limits.requestsWithinMs, signal);
        while (waiting.length > 0 && (await write()));
      }
      while (waiting.length > 0 && (await write()));
      dropped += waiting.length;
      sayDropped();
    },
    onWritten(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The current time of both clocks. */
function requestTimes(clock: Clock, { requestClocksApartMs }: Pick<Limits, "requestClocksApartMs">): RequestTimes {
  const [at, machineAt] = [Math.floor(clock.now()), Math.floor(clock.wallNow())];
  return { at, machineAt: Math.abs(machineAt - at) < requestClocksApartMs ? null : machineAt };
}
