import { EventEmitter } from "node:events";
import type { Pool, PoolClient } from "pg";
import { refusalOf } from "./may-not-run.ts";

/** What a handler gets as `tx`. */
export interface TxClient {
  client: PoolClient;
  /** Takes the handler's listeners from the pool's client. */
  endListening(): void;
}

/** The methods for listeners. */
const LISTENING: ReadonlySet<string | symbol> = new Set(
  Object.getOwnPropertyNames(EventEmitter.prototype).filter((name) => name !== "constructor"),
);

/**
 * The client that a handler gets as `tx`. It is usable at once, while a client of the pool is still being taken and its
 * transaction begun. It stops working when `mayUse` throws: the pool's client may then belong to another try.
 */
export function txClient(pool: Pool, opening: Promise<PoolClient>, mayUse: () => void): TxClient {
  let client: PoolClient | null = null;
  let ended = false;
  // Listeners on the client itself would stay there, and get the events of other users.
  const events = new EventEmitter();
  const onNotice = (notice: unknown): void => void events.emit("notice", notice);
  opening.then(
    (given) => {
      client = given;
      if (!ended) given.on("notice", onNotice);
    },
    // Each waiting statement gets the error itself.
    () => undefined,
  );
  const prototype = (pool as unknown as { Client: { prototype: object } }).Client.prototype;

  const proxy = new Proxy(Object.create(prototype) as PoolClient, {
    get(_target, name, receiver) {
      // The receiver releases it, but code written for its own client may call these.
      if (name === "release") return () => undefined;
      if (name === "end") return (done?: unknown) => (typeof done === "function" ? done() : Promise.resolve());
      if (LISTENING.has(name)) {
        return (...given: unknown[]) => {
          const result: unknown = Reflect.apply(Reflect.get(events, name) as (...values: unknown[]) => unknown, events, given);
          return result === events ? receiver : result;
        };
      }
      if (name !== "query") {
        const from: object = client ?? prototype;
        const value: unknown = Reflect.get(from, name, from);
        return typeof value === "function" ? value.bind(from) : value;
      }
      return (...given: unknown[]) => query(given);
    },
  });
  return {
    client: proxy,
    endListening() {
      ended = true;
      client?.off("notice", onNotice);
    },
  };

  /**
   * `query` in each of its forms: with a promise, with a callback, and with an object that submits itself, such as a
   * cursor.
   */
  function query(given: readonly unknown[]): unknown {
    const run = (on: PoolClient): unknown => Reflect.apply(on.query as (...values: unknown[]) => unknown, on, given);
    const [first] = given;
    const callback = given.at(-1);
    const refusal = refusalOf(first);
    if (refusal !== null) {
      const error = new Error(refusal);
      if (typeof callback !== "function") return Promise.reject(error);
      callback(error);
      return undefined;
    }
    const submits = typeof first === "object" && first !== null && "submit" in first;
    try {
      mayUse();
      if (client !== null) return run(client);
    } catch (error) {
      if (submits || typeof callback === "function") throw error;
      return Promise.reject(error);
    }
    // This runs before the transaction ends, which waits for the same client, even if the handler does not wait for
    // this.
    const result = opening.then(run);
    if (submits) {
      result.catch((error: unknown) => {
        if ("handleError" in first && typeof first.handleError === "function") first.handleError(error);
      });
      return first;
    }
    if (typeof callback === "function") {
      result.catch((error: unknown) => callback(error));
      return undefined;
    }
    return result;
  }
}
