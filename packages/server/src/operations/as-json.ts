import type { JsonObject } from "../store/contract/rows.ts";

/**
 * An answer as JSON. The official `stripe` package types the argument, so the compiler has compared it with Stripe's
 * contract before it loses that type here.
 */
export function asJson(object: object): JsonObject {
  return object as JsonObject;
}
