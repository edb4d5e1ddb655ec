import { hash } from "node:crypto";
import { apiError } from "@carabiner/protocol";
import type { IdempotentAnswer } from "../store/contract/rows.ts";
import { isV2 } from "./api-generation.ts";
import type { Authentication } from "./authenticate.ts";

/**
 * The `Idempotency-Key` of a request. Only POST may have one, and DELETE in the v2 API; an empty key is ignored. Throws
 * `idempotency_key_too_long`. Source: https://docs.stripe.com/api/idempotent_requests
 */
export function idempotencyKeyOf(
  { method, path }: { method: string; path: string },
  header: string | undefined,
  maxChars: number,
): string | null {
  const keyed = method === "POST" || (method === "DELETE" && isV2(path));
  if (!keyed || header === undefined || header === "") return null;
  if (header.length > maxChars) throw apiError("idempotency_key_too_long", { limit: maxChars });
  return header;
}

/**
 * The scope of a key: the account whose API key was used, the account it acts for, and the mode. Operators have a
 * separate scope: an answer that was kept for the platform, such as a new key, is never replayed to them.
 */
export function idempotencyScope({
  caller,
  account,
  livemode,
  operator,
}: Pick<Authentication, "caller" | "account" | "livemode" | "operator">): string {
  const operators = operator === undefined ? "" : `/${operator}`;
  return `${caller.id}/${account.id}/${livemode ? "live" : "test"}${operators}`;
}

/**
 * What must be the same when a key is reused, as a SHA-256 in hex: method, path, and decoded parameters in any order.
 */
export function fingerprint(method: string, path: string, params: Record<string, unknown>): string {
  return hash("sha256", `${method} ${path}\n${JSON.stringify(ordered(params))}`, "hex");
}

/** The same value with the keys of every object in the order of their code units. */
function ordered(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  const object = value as Record<string, unknown>;
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(object).sort()) result[key] = ordered(object[key]);
  return result;
}

/** Throws `idempotency_mismatch` if the answer was kept for other parameters. */
export function checkFingerprint(kept: IdempotentAnswer, wanted: string): void {
  if (kept.fingerprint !== wanted) throw apiError("idempotency_mismatch", { key: kept.key });
}

/** The keys of requests in progress in this process. Transactions settle conflicts with other processes. */
export interface KeysInUse {
  /**
   * Takes a key for a request; taking it again for the same request changes nothing. Throws `idempotency_key_in_use`.
   */
  take(scope: string, key: string, requestId: string): void;
  /** Releases the key of a request, if it has one. */
  release(scope: string, key: string, requestId: string): void;
}

export function createKeysInUse(): KeysInUse {
  const holders = new Map<string, string>();
  return {
    take(scope, key, requestId) {
      const name = `${scope}/${key}`;
      const holder = holders.get(name);
      if (holder !== undefined && holder !== requestId) throw apiError("idempotency_key_in_use", { key });
      holders.set(name, requestId);
    },
    release(scope, key, requestId) {
      const name = `${scope}/${key}`;
      if (holders.get(name) === requestId) holders.delete(name);
    },
  };
}
