import { apiError, type IdKind } from "@carabiner/protocol";
import type { EventDraft } from "../../events/event-draft.ts";
import { previousAttributes } from "../../events/previous-attributes.ts";
import type { RecordedType } from "../../events/recorded-types.ts";
import { expander, onExpansion } from "../../operations/expandable.ts";
import { insertOwn, type ListAsked, listOwn, type ObjectKind } from "../../operations/object-kind.ts";
import type { ChangeContext, Expander, FieldOnExpansion, OperationContext } from "../../operations/operation.ts";
import { ownedRow } from "../../operations/owned-row.ts";
import { seconds } from "../../operations/time-range.ts";
import type { Json, JsonObject, ObjectRow } from "../../store/contract/rows.ts";

/** An object under one of its names: a recurring price is also a plan. */
export interface View {
  /** Its `object` value. */
  object: string;
  /** The row as this view shows it; null when the row does not have this view. */
  show(row: ObjectRow, now: number): JsonObject | null;
  events: { created: RecordedType; updated: RecordedType; deleted?: RecordedType };
}

/** A kind of object that is created once and referenced by others: a product, a price, a coupon. */
export interface CatalogueKind {
  /** The `object` value of its rows. */
  object: string;
  /** Its name in messages. */
  name: string;
  /** The form of its generated row ids. */
  idKind: IdKind;
  /** Its rendered forms and their events. Every change has an event for each view. */
  views: readonly View[];
}

/**
 * The prefix of fields that lists filter by and responses never show: top-level fields of a row's data. `deleted` is
 * another such field.
 */
const ASIDE = "by_";

/** The fields of a row that are rendered. */
export function shownOf({ data }: Pick<ObjectRow, "data">): JsonObject {
  return Object.fromEntries(Object.entries(data).filter(([key]) => key !== "deleted" && !key.startsWith(ASIDE)));
}

/** Creates an object of the account. Throws `resource_already_exists` when the caller chose an id that is taken. */
export async function createInCatalogue(
  context: OperationContext,
  kind: CatalogueKind,
  { id, data }: { id?: string | undefined; data: (identity: { id: string; created: number; livemode: boolean }) => JsonObject },
): Promise<ObjectRow> {
  const { account, livemode, now, ids } = context;
  if (id !== undefined && (await findInCatalogue(context, kind, id)) !== null)
    throw apiError("object_already_exists", { object: kind.name.charAt(0).toUpperCase() + kind.name.slice(1), param: "id" });
  const rowId = ids.newId(kind.idKind, now);
  const shown = data({ id: id ?? rowId, created: seconds(now), livemode });
  const row = await insertOwn(context, kind, { id: rowId, account, data: { ...shown, deleted: false } });
  await context.record(drafts(context, kind, "created", row));
  return row;
}

/**
 * Changes an object, and drafts its events if a visible field changed. `changed` holds the top-level fields that may
 * differ.
 */
export async function changeInCatalogue(
  context: OperationContext,
  kind: CatalogueKind,
  before: ObjectRow,
  changed: JsonObject,
): Promise<ObjectRow> {
  const after: ObjectRow = { ...before, data: { ...before.data, ...changed } };
  await context.tx.updateObject(after);
  await context.record(drafts(context, kind, "updated", after, before));
  return after;
}

/** Deletes an object, but keeps a record that it existed. Returns the view's response. */
export async function deleteFromCatalogue(context: OperationContext, kind: CatalogueKind, row: ObjectRow, view: View): Promise<JsonObject> {
  const id = row.data.id as string;
  await context.tx.updateObject({ ...row, data: { id, deleted: true } });
  await context.record(drafts(context, kind, "deleted", row));
  return { id, object: view.object, deleted: true };
}

function drafts(
  { account, livemode, now }: OperationContext,
  { views }: CatalogueKind,
  what: "created" | "updated" | "deleted",
  row: ObjectRow,
  before?: ObjectRow,
): EventDraft[] {
  return views.flatMap((view): EventDraft[] => {
    const object = view.show(row, now);
    const type = view.events[what];
    if (object === null || type === undefined) return [];
    const was = before === undefined ? null : view.show(before, now);
    if (was === null) return [{ account, livemode, type, object }];
    const previous = previousAttributes(was, object);
    return previous === null ? [] : [{ account, livemode, type, object, previousAttributes: previous }];
  });
}

type Owner = Pick<OperationContext, "tx" | "account" | "livemode">;

/**
 * The account's object with this id; null when it does not exist or is deleted. A generated id is the row's own. An id
 * chosen by the caller is looked up among the account's rows, because other accounts may choose the same id.
 */
export async function findInCatalogue(context: Owner, { object }: Pick<CatalogueKind, "object">, id: string): Promise<ObjectRow | null> {
  return inCatalogue(context, object, id, await context.tx.object(id));
}

/** The same, where `row` is the row with this id; null when it does not exist. */
async function inCatalogue({ tx, account, livemode }: Owner, object: string, id: string, row: ObjectRow | null): Promise<ObjectRow | null> {
  if (row?.object === object && row.data.id === id)
    return row.accountId === account.id && row.livemode === livemode && row.data.deleted !== true ? row : null;
  const { rows } = await tx.objects({ object, accountId: account.id, livemode, where: { id, deleted: false } }, { limit: 1 });
  return rows[0] ?? null;
}

/**
 * The object that a path names. Throws `resource_missing`, or `resource_in_other_mode` for one of the account's other
 * mode.
 */
export async function ownInCatalogue(context: OperationContext, kind: CatalogueKind, id: string, name = kind.name): Promise<ObjectRow> {
  const found =
    (await findInCatalogue(context, kind, id)) ?? (await findInCatalogue({ ...context, livemode: !context.livemode }, kind, id));
  return ownedRow(found, context, name, id);
}

/** The object that a parameter names. Throws `resource_missing`, with the parameter's name. */
export async function namedInCatalogue(context: OperationContext, kind: CatalogueKind, id: string, param: string): Promise<ObjectRow> {
  const row = await findInCatalogue(context, kind, id);
  if (row === null) throw apiError("resource_missing", { object: kind.name, id, param });
  return row;
}

/** A view of an object that must exist. */
export function showView(view: View, row: ObjectRow, { now }: Pick<ChangeContext, "now">): JsonObject {
  const shown = view.show(row, now);
  if (shown === null) throw new Error(`${row.id} has no view as ${view.object}.`);
  return shown;
}

/** A view in the form that lists and searches accept. */
export const kindOfView = ({ object }: CatalogueKind, view: View): ObjectKind => ({
  object,
  name: view.object,
  show: (row, context) => showView(view, row, context),
});

/** A page of a view's objects. Cursors are the displayed ids. */
export async function listCatalogue(context: OperationContext, kind: CatalogueKind, view: View, asked: ListAsked): Promise<JsonObject> {
  const { starting_after, ending_before, limit } = asked.page;
  return listOwn(context, kindOfView(kind, view), {
    ...asked,
    where: { ...asked.where, deleted: false },
    page: {
      limit,
      starting_after: await cursor(context, kind, starting_after),
      ending_before: await cursor(context, kind, ending_before),
    },
  });
}

/** The row id for a displayed id. */
async function cursor(context: OperationContext, kind: CatalogueKind, id: string | undefined): Promise<string | undefined> {
  if (id === undefined) return undefined;
  return (await findInCatalogue(context, kind, id))?.id ?? id;
}

/** Loads a view of objects for their ids in a response. Only ids that callers chose need separate look-ups. */
export function catalogueExpander(kind: CatalogueKind, view: View): Expander {
  return expander([view.object], async (context, ids) => {
    const shown = new Map<string, JsonObject>();
    const named = await context.tx.objectsById(ids);
    for (const id of ids) {
      const row = await inCatalogue(context, kind.object, id, named.get(id) ?? null);
      const object = row === null ? null : view.show(row, context.now);
      if (object !== null) shown.set(id, object);
    }
    return shown;
  });
}

/** A stored field that is shown only when expanded. */
export function catalogueField(kind: CatalogueKind, field: string): FieldOnExpansion {
  return onExpansion(async (context, { id }) => (await findInCatalogue(context, kind, String(id)))?.data[field] ?? null);
}

/** The given fields of `fields` in stored form, with null for unset ones. */
export function fieldsGiven(given: Readonly<Record<string, unknown>>, fields: readonly string[]): JsonObject {
  return Object.fromEntries(fields.filter((key) => given[key] !== undefined).map((key) => [key, given[key] as Json]));
}
