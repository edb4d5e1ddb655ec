import type { NewestObjects } from "../contract/batch-reads.ts";
import type { ObjectRow } from "../contract/rows.ts";
import type { SecretBox } from "../secret-box.ts";
import { BOUND_LIMIT } from "./bound-limit.ts";
import { objectRow } from "./rows.ts";
import type { WorkScope } from "./scope.ts";

const NEWEST_OBJECTS = `
  SELECT * FROM objects INDEXED BY objects_listed WHERE account_id = ? AND livemode = ? AND object = ? ORDER BY id DESC ${BOUND_LIMIT}`;

/** See `BatchReads`. A statement costs little here: there is one for each. */
export function newestObjects(scope: Pick<WorkScope, "all">, box: SecretBox, asked: readonly NewestObjects[]): ObjectRow[][] {
  return asked.map(({ accountId, livemode, object, limit }) =>
    scope.all(NEWEST_OBJECTS, accountId, Number(livemode), object, limit).map((row) => objectRow(row, box)),
  );
}

/** See `BatchReads`. */
export function objectsById(scope: Pick<WorkScope, "get">, box: SecretBox, ids: readonly string[]): ReadonlyMap<string, ObjectRow> {
  const found = new Map<string, ObjectRow>();
  for (const id of ids) {
    const row = scope.get("SELECT * FROM objects WHERE id = ?", id);
    if (row !== undefined) found.set(id, objectRow(row, box));
  }
  return found;
}
