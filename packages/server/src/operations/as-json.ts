import type { JsonObject } from "../store/contract/rows.ts";

/**
 * What is answered, as JSON. Its argument is typed by the official `stripe` package, so that the compiler has compared
 * it with Stripe's contract by the time it loses its type here.
 */
export function asJson(object: object): JsonObject {
  return object as JsonObject;
}
