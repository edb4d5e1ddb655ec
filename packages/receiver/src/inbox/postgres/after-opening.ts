import type { PoolClient } from "pg";

/**
 * The same client, whose first statements wait until its transaction has begun: a handler gets it without waiting, and reading it is what
 * begins the transaction.
 */
export function afterOpening(client: PoolClient, opening: Promise<unknown>): PoolClient {
  let opened = false;
  const whenOpened = opening.then(() => {
    opened = true;
  });
  // Each statement that waits meets the error by itself.
  whenOpened.catch(() => undefined);

  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name !== "query" || opened) return value.bind(target);
      return (...given: unknown[]) => waiting(given, whenOpened, () => Reflect.apply(value, target, given));
    },
  });
}

/** `query` in each of its forms: with a promise, with a callback, and with something that submits itself, such as a cursor. */
function waiting(given: readonly unknown[], opened: Promise<void>, run: () => unknown): unknown {
  const [first] = given;
  const callback = given.at(-1);
  const result = opened.then(run);
  if (typeof first === "object" && first !== null && "submit" in first) {
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
