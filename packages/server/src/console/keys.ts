import { apiError, PERMISSIONS, type Permission, permissionNamed } from "@carabiner/protocol";
import type { Limits } from "../limits.ts";
import { operation, type Resource } from "../operations/operation.ts";
import { choice, integer, lifetime, list, listAnswer, optional, params, text } from "../operations/parameters.ts";
import { createKey, keyAnswer, keysOf, revokeKey, rollKey } from "../resources/platforms/manage-keys.ts";
import type { KeyPermissions, KeyRow } from "../store/contract/rows.ts";

/** The parameters of a new key. */
export const newKeyProperties = {
  /** Seconds until it expires; without this the key never expires. */
  expires_in: optional(lifetime()),
  type: optional(choice(["secret", "publishable", "restricted"])),
  /** What a restricted key may do, such as `charge_read`. `write` includes `read`. */
  permissions: optional(list(text(64), PERMISSIONS.length)),
  /** The same for connected accounts, which requests name in `Stripe-Account`. */
  connect_permissions: optional(list(text(64), PERMISSIONS.length)),
} as const;

interface NewKeyGiven {
  type?: KeyRow["kind"] | undefined;
  expires_in?: number | undefined;
  permissions?: readonly string[] | undefined;
  connect_permissions?: readonly string[] | undefined;
}

/**
 * A new key, from its parameters. Throws `permission_unknown`, `permissions_missing` for a restricted key that could do
 * nothing, or `permissions_for_restricted`.
 */
export function newKeyOf(given: NewKeyGiven, now: number): Pick<KeyRow, "kind" | "expiresAt" | "permissions"> {
  const { type: kind = "secret", expires_in: expiresIn, permissions, connect_permissions: connect } = given;
  const expiresAt = expiresIn === undefined ? null : now + expiresIn * 1_000;
  if (kind !== "restricted") {
    if (permissions !== undefined) throw apiError("permissions_for_restricted", { param: "permissions" });
    if (connect !== undefined) throw apiError("permissions_for_restricted", { param: "connect_permissions" });
    return { kind, expiresAt, permissions: null };
  }
  const allowed: KeyPermissions = {
    direct: permissionsNamed(permissions ?? [], "permissions"),
    connect: permissionsNamed(connect ?? [], "connect_permissions"),
  };
  if (allowed.direct.length + allowed.connect.length === 0) throw apiError("permissions_missing", { param: "permissions" });
  return { kind, expiresAt, permissions: allowed };
}

/** The permissions that a list names, in alphabetical order. */
function permissionsNamed(names: readonly string[], param: string): Permission[] {
  const found = names.map((name, index) => {
    const permission = permissionNamed(name);
    if (permission === null) throw apiError("permission_unknown", { param: `${param}[${index}]`, value: name });
    return permission;
  });
  return [...new Set(found)].sort();
}

/** The parameters of rolling a key. */
export const rollProperties = {
  /** Seconds for which the old key stays valid together with the new one; 0 by default. */
  overlap: optional(integer(0)),
} as const;

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
      run: ({ tx, now, ids, limits, account, livemode, keyHint: by, clientIp: from }, given) =>
        createKey(tx, { accountId: account.id, livemode }, newKeyOf(given, now), { by, from, now, ids, limits }),
    }),
    operation({
      method: "POST",
      path: "/console/keys/:api_key/roll",
      params: params(rollProperties),
      run: ({ tx, now, ids, limits, account, livemode, keyHint: by, clientIp: from }, { overlap }, { api_key: id = "" }) =>
        rollKey(tx, { accountId: account.id, livemode }, { id, overlapMs: overlapMsOf(overlap, limits) }, { by, from, now, ids, limits }),
    }),
    operation({
      method: "POST",
      path: "/console/keys/:api_key/revoke",
      params: params({}),
      run: ({ tx, now, limits, account, livemode, keyHint: by, clientIp: from }, _, { api_key: id = "" }) =>
        revokeKey(tx, { accountId: account.id, livemode }, { id, evenLast: false }, { by, from, now, limits }),
    }),
  ],
};
