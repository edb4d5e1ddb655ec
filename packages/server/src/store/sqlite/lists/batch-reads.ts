import type { NewestChildren, NewestObjects } from "../../contract/batch-reads.ts";
import type { DeliveryRow, EventRow, EventVariant, ObjectRow } from "../../contract/rows.ts";
import type { SecretBox } from "../../secret-box.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { WorkScope } from "../database/scope.ts";
import { deliveryRow, eventRow, eventVariant, objectRow } from "../rows/rows.ts";
import { DELIVERY_COLUMNS, DELIVERY_JOINS } from "./deliveries-page.ts";

const NEWEST_OBJECTS = `
  SELECT * FROM objects INDEXED BY objects_listed WHERE account_id = ? AND livemode = ? AND object = ? ORDER BY id DESC ${BOUND_LIMIT}`;

const NEWEST_CHILDREN = `
  SELECT * FROM objects INDEXED BY objects_of_parent WHERE account_id = ? AND livemode = ? AND object = ? AND parent = ?
    AND (? IS NULL OR data -> ('$.' || ?) = 'true') ORDER BY id DESC ${BOUND_LIMIT}`;

/** See `BatchReads`. A statement costs little here, so there is one for each. */
export function newestObjects(scope: Pick<WorkScope, "all">, box: SecretBox, asked: readonly NewestObjects[]): ObjectRow[][] {
  return asked.map(({ accountId, livemode, object, limit }) =>
    scope.all(NEWEST_OBJECTS, accountId, Number(livemode), object, limit).map((row) => objectRow(row, box)),
  );
}

/** See `BatchReads`. */
export function newestChildren(
  scope: Pick<WorkScope, "all">,
  box: SecretBox,
  { livemode, object, parents, flag, limit }: NewestChildren,
): ObjectRow[][] {
  return parents.map(({ accountId, id }) =>
    scope
      .all(NEWEST_CHILDREN, accountId, Number(livemode), object, id, flag ?? null, flag ?? null, limit)
      .map((row) => objectRow(row, box)),
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

/** See `BatchReads`. */
export function eventsById(scope: Pick<WorkScope, "get">, ids: readonly string[]): ReadonlyMap<string, EventRow> {
  const found = new Map<string, EventRow>();
  for (const id of ids) {
    const row = scope.get("SELECT * FROM events WHERE id = ?", id);
    if (row !== undefined) found.set(id, eventRow(row));
  }
  return found;
}

const DELIVERY = `SELECT ${DELIVERY_COLUMNS} FROM deliveries d ${DELIVERY_JOINS} WHERE d.id = ?`;

/** See `BatchReads`. */
export function deliveriesById(scope: Pick<WorkScope, "get">, ids: readonly string[]): ReadonlyMap<string, DeliveryRow> {
  const found = new Map<string, DeliveryRow>();
  for (const id of ids) {
    const row = scope.get(DELIVERY, id);
    if (row !== undefined) found.set(id, deliveryRow(row));
  }
  return found;
}

const EVENT_VARIANT = "SELECT variant, body FROM event_variants WHERE event = (SELECT n FROM events WHERE id = ?) AND variant = ?";

/** See `BatchReads`. */
export function eventVariants(scope: Pick<WorkScope, "get">, asked: readonly Omit<EventVariant, "body">[]): EventVariant[] {
  return asked.flatMap(({ eventId, variant }) => {
    const row = scope.get(EVENT_VARIANT, eventId, variant);
    return row === undefined ? [] : [eventVariant(eventId, row)];
  });
}
