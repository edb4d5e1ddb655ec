import { apiError, type Permission, permits, shownPermission } from "@carabiner/protocol";
import { isHash } from "../operations/merge-change.ts";
import type { Operation } from "../operations/operation.ts";
import type { AccountRow, Json, JsonObject, KeyPermissions } from "../store/contract/rows.ts";
import { isList } from "./expandable-fields.ts";
import { permissionOfObject, permissionsOfCall } from "./permissions-of-calls.ts";

/** The key that makes the request, and the account that it acts for. */
interface Asking {
  caller: Pick<AccountRow, "id">;
  account: Pick<AccountRow, "id">;
  keyHint: string;
  /** Null for a key that is not restricted: it passes. */
  permissions: KeyPermissions | null;
}

/**
 * Refuses a call that a restricted key has no permission for. When the key acts for a connected account, it needs the
 * permission among its permissions for connected accounts. `call` is null for a call that only secret keys may make.
 * Throws `permission_missing` or `restricted_key_refused`. Source: https://docs.stripe.com/keys/restricted-api-keys
 */
export function refuseUnpermitted(call: Pick<Operation, "method" | "path"> | null, asking: Asking): void {
  if (asking.permissions === null) return;
  const needed = call === null ? null : permissionsOfCall(call);
  if (needed === null || needed === undefined) throw apiError("restricted_key_refused");
  refuseMissing(needed, asking, asking.permissions);
}

/**
 * Refuses an answer in which `expand` shows a restricted key objects that it has no permission to read. It examines the
 * answer, so it also covers an answer that was kept for an idempotency key. Throws `permission_missing` or
 * `restricted_key_refused`. Source: https://docs.stripe.com/stripe-apps/reference/permissions
 */
export function refuseExpanded(answer: JsonObject, paths: readonly string[], asking: Asking): void {
  for (const path of paths) {
    let reached: JsonObject[] = [answer];
    for (const name of path.split(".")) {
      const seen: JsonObject[] = [];
      for (const hash of reached) {
        const found = hashesIn(Object.hasOwn(hash, name) ? hash[name] : undefined);
        // The items of a list were checked with the list, or are what the call itself shows.
        if (!(isList(hash.object) && name === "data")) for (const one of found) refuseObjects(one, asking);
        seen.push(...found);
      }
      reached = seen;
    }
  }
}

/** The value itself if it is a hash, or the hashes in it. */
const hashesIn = (value: Json | undefined): JsonObject[] => (Array.isArray(value) ? value : [value]).filter(isHash);

/** Refuses an object, or a list of objects, that the key may not read. */
function refuseObjects(hash: JsonObject, asking: Asking): void {
  if (asking.permissions === null) return;
  for (const { object } of isList(hash.object) ? hashesIn(hash.data) : [hash]) {
    if (typeof object !== "string") continue;
    const needed = permissionOfObject(object);
    if (needed === undefined) throw apiError("restricted_key_refused");
    if (needed !== null) refuseMissing([needed], asking, asking.permissions);
  }
}

function refuseMissing(needed: readonly Permission[], { caller, account, keyHint }: Asking, { direct, connect }: KeyPermissions): void {
  const acting = account.id !== caller.id;
  const missing = needed.filter((permission) => !permits(acting ? connect : direct, permission));
  if (missing.length === 0) return;
  const names = missing.map((permission) => `'${shownPermission(permission)}'`).join(", ");
  throw apiError("permission_missing", {
    key: keyHint,
    account: account.id,
    permissions: `${names} permission${missing.length === 1 ? "" : "s"}${acting ? " for connected accounts" : ""}`,
  });
}
