import type { IdKind } from "@carabiner/protocol";
import { previousAttributes } from "../../events/previous-attributes.ts";
import { asJson } from "../../operations/as-json.ts";
import { insertOwn, namedRow, type ObjectKind, ownRow } from "../../operations/object-kind.ts";
import type { ChangeContext, OperationContext } from "../../operations/operation.ts";
import { seconds } from "../../operations/time-range.ts";
import type { AccountRow, JsonObject, ObjectRow } from "../../store/contract/rows.ts";

/**
 * A charge, a transfer, a refund and so on. Its row stores the rendered object, so that lists can filter by its fields,
 * and also the internal state.
 */
export interface MoneyObject<Shown extends object, Kept extends object> {
  row: ObjectRow;
  shown: Shown;
  kept: Kept;
}

/** A kind of object whose rows hold a rendered object and an internal state. */
export type MoneyKind = ObjectKind;

export function moneyKind(object: string, name: string): MoneyKind {
  return { object, name, show: showMoneyObject };
}

/** The fields that every new object has. */
export interface Identity {
  id: string;
  created: number;
  livemode: boolean;
}

/** The common fields of a new object. */
export function newIdentity({ ids, now, livemode }: ChangeContext, kind: IdKind): Identity {
  return { id: ids.newId(kind, now), created: seconds(now), livemode };
}

export function readMoneyObject<Shown extends object, Kept extends object>({ data, ...row }: ObjectRow): MoneyObject<Shown, Kept> {
  const { kept, ...shown } = data;
  return { row: { ...row, data }, shown: shown as Shown, kept: kept as Kept };
}

/** Writes a new object of an account. `parent` is a further key that lists can filter by. */
export async function insertMoneyObject<Shown extends { id: string }, Kept extends object>(
  context: ChangeContext,
  account: AccountRow,
  object: string,
  { shown, kept, parent = null }: { shown: Shown; kept: Kept; parent?: string | null },
): Promise<MoneyObject<Shown, Kept>> {
  const data = { ...asJson(shown), kept: asJson(kept) };
  const row = await insertOwn(context, { object }, { id: shown.id, account, parent, data });
  return { row, shown, kept };
}

/**
 * Writes an object's changes. Returns the updated object and its event's previous attributes; null if no visible field
 * changed.
 */
export async function changeMoneyObject<Shown extends object, Kept extends object>(
  { tx }: ChangeContext,
  before: MoneyObject<Shown, Kept>,
  changed: Partial<Shown>,
  keptChanged: Partial<Kept> = {},
): Promise<{ after: MoneyObject<Shown, Kept>; previous: JsonObject | null }> {
  const shown = { ...before.shown, ...changed };
  const kept = { ...before.kept, ...keptChanged };
  const row = { ...before.row, data: { ...asJson(shown), kept: asJson(kept) } };
  await tx.updateObject(row);
  return { after: { row, shown, kept }, previous: previousAttributes(asJson(before.shown), asJson(shown)) };
}

/** The object a path names. Throws `resource_missing` when it does not exist or belongs to another account. */
export async function ownMoneyObject<Shown extends object, Kept extends object>(
  context: OperationContext,
  kind: MoneyKind,
  id: string,
  param?: string,
): Promise<MoneyObject<Shown, Kept>> {
  return readMoneyObject(await ownRow(context, kind, id, param));
}

/** The same for an object that a parameter names. */
export async function namedMoneyObject<Shown extends object, Kept extends object>(
  context: OperationContext,
  kind: MoneyKind,
  id: string,
  param: string,
): Promise<MoneyObject<Shown, Kept>> {
  return readMoneyObject(await namedRow(context, kind, id, param));
}

/** The response for an object's row. */
export function showMoneyObject({ data }: ObjectRow): JsonObject {
  const { kept: _, ...shown } = data;
  return shown;
}

/** Prepends an item to a list within an object, which shows only the newest. */
export function withNewest<Item extends object>(
  list: { data: Item[]; has_more: boolean },
  item: Item,
  shown: number,
): { data: Item[]; has_more: boolean } {
  return { ...list, data: [item, ...list.data].slice(0, shown), has_more: list.has_more || list.data.length >= shown };
}
