import type { Pool, PoolClient } from "pg";

/**
 * The client that a handler gets as `tx`. It is usable at once, while a client of the pool is still being taken and its
 * transaction begun. It stops working when `mayUse` throws: the pool's client may then belong to another try.
 */
export function txClient(pool: Pool, opening: Promise<PoolClient>, mayUse: () => void): PoolClient {
  let client: PoolClient | null = null;
  const opened = opening.then((given) => {
    client = given;
    return given;
  });
  // Each waiting statement gets the error itself.
  opened.catch(() => undefined);
  const prototype = (pool as unknown as { Client: { prototype: object } }).Client.prototype;

  return new Proxy(Object.create(prototype) as PoolClient, {
    get(_target, name) {
      // The receiver releases it, but code written for its own client may call this.
      if (name === "release") return () => undefined;
      if (name !== "query") {
        const from: object = client ?? prototype;
        const value: unknown = Reflect.get(from, name, from);
        return typeof value === "function" ? value.bind(from) : value;
      }
      return (...given: unknown[]) => query(given);
    },
  });

  /**
   * `query` in each of its forms: with a promise, with a callback, and with an object that submits itself, such as a
   * cursor.
   */
  function query(given: readonly unknown[]): unknown {
    const run = (on: PoolClient): unknown => {
      mayUse();
      return Reflect.apply(on.query as (...values: unknown[]) => unknown, on, given);
    };
    const [first] = given;
    const callback = given.at(-1);
    if (endsTransaction(first)) {
      const error = new Error(
        "The transaction of tx is the inbox's: a handler leaves BEGIN, COMMIT and ROLLBACK to the receiver. Throw to undo it; for a part of it, use SAVEPOINT and ROLLBACK TO.",
      );
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
    const result = opened.then(run);
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

/** Statements that begin or end a whole transaction, after whatever comments. `ROLLBACK TO` a savepoint does not. */
const OF_A_TRANSACTION =
  /^(?:[\s;]|--[^\n]*\n|\/\*(?:[^*]|\*(?!\/))*\*\/)*(?:BEGIN|START\s+TRANSACTION|COMMIT|END|ABORT|PREPARE\s+TRANSACTION|ROLLBACK(?!\s+(?:(?:WORK|TRANSACTION)\s+)?TO\b))\b/i;

function endsTransaction(statement: unknown): boolean {
  const text = typeof statement === "object" && statement !== null && "text" in statement ? statement.text : statement;
  return typeof text === "string" && OF_A_TRANSACTION.test(text);
}
