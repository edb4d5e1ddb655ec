import { apiError } from "@carabiner/protocol";
import type { Operation } from "../operations/operation.ts";
import type { Authentication } from "./authenticate.ts";

/** Calls that name a customer in a parameter, and that an ephemeral key may make for its own customer. */
const BY_PARAMETER: ReadonlySet<string> = new Set(["GET /v1/payment_methods", "POST /v1/payment_methods/:payment_method/attach"]);

/**
 * Limits an ephemeral key to its one customer: it may read and change the customer and what belongs to it, nothing
 * else. Throws `ephemeral_key_forbidden`. Source: https://docs.stripe.com/mobile/ephemeral-keys
 */
export function refuseEphemeral(
  { method, path }: Pick<Operation, "method" | "path">,
  { onlyCustomer }: Pick<Authentication, "onlyCustomer">,
  named: Readonly<Record<string, string>>,
  params: Readonly<Record<string, unknown>>,
): void {
  if (onlyCustomer === null) return;
  const inPath = /^\/v1\/customers\/:customer(?:\/|$)/.test(path) && method !== "DELETE" && named.customer === onlyCustomer;
  const inParameter = BY_PARAMETER.has(`${method} ${path}`) && params.customer === onlyCustomer;
  if (!inPath && !inParameter) throw apiError("ephemeral_key_forbidden", { customer: onlyCustomer });
}
