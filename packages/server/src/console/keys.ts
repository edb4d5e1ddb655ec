import { apiError } from "@carabiner/protocol";
import type { Limits } from "../limits.ts";
import { operation, type Resource } from "../operations/operation.ts";
import { choice, integer, listAnswer, optional, params } from "../operations/parameters.ts";
import { createKey, keyAnswer, keysOf, revokeKey, rollKey } from "../resources/platforms/manage-keys.ts";

/** The parameters of a new key. */
export const newKeyProperties = {
  /** Seconds until it expires; without it the key never expires. */
  expires_in: optional(integer(1)),
  type: optional(choice(["secret", "publishable"])),
} as const;

/** The parameters of rolling a key. */
export const rollProperties = {
  /** Seconds for which the old key stays valid beside the new one; 0 by default. */
  overlap: optional(integer(0)),
} as const;

/** When a key expires, in Unix milliseconds; null for never. `expiresIn` is in seconds. */
export const expiryOf = (expiresIn: number | undefined, now: number): number | null =>
  expiresIn === undefined ? null : now + expiresIn * 1_000;

/** An overlap in milliseconds. Throws `parameter_out_of_range`. */
export function overlapMsOf(overlap: number | undefined, { keyOverlapMs }: Pick<Limits, "keyOverlapMs">): number {
  const max = keyOverlapMs / 1_000;
  if (overlap !== undefined && overlap > max) throw apiError("parameter_out_of_range", { param: "overlap", min: 0, max });
  return (overlap ?? 0) * 1_000;
}

/** An account's own keys, in the mode of the calling key. Stripe offers this only in its Dashboard. */
export const keys: Resource = {
  object: "api_key",
  expandable: {},
  operations: [
    operation({
      method: "GET",
      path: "/console/keys",
      params: params({}),
      async run({ tx, now, account, livemode }) {
        const rows = await keysOf(tx, { accountId: account.id, livemode });
        return listAnswer(
          "/console/keys",
          rows.map((row) => keyAnswer(row, now)),
          false,
        );
      },
    }),
    operation({
      method: "POST",
      path: "/console/keys",
      params: params(newKeyProperties),
      run: ({ tx, now, ids, limits, account, livemode, keyHint: by }, { type = "secret", expires_in }) =>
        createKey(tx, { accountId: account.id, livemode }, { kind: type, expiresAt: expiryOf(expires_in, now) }, { by, now, ids, limits }),
    }),
    operation({
      method: "POST",
      path: "/console/keys/:api_key/roll",
      params: params(rollProperties),
      run: ({ tx, now, ids, limits, account, livemode, keyHint: by }, { overlap }, { api_key: id = "" }) =>
        rollKey(tx, { accountId: account.id, livemode }, { id, overlapMs: overlapMsOf(overlap, limits) }, { by, now, ids }),
    }),
    operation({
      method: "POST",
      path: "/console/keys/:api_key/revoke",
      params: params({}),
      run: ({ tx, now, account, livemode, keyHint: by }, _, { api_key: id = "" }) =>
        revokeKey(tx, { accountId: account.id, livemode }, { id, evenLast: false }, { by, now }),
    }),
  ],
};
