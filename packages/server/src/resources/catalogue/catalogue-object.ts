import { apiError, type IdKind } from "@carabiner/protocol";
import { previousAttributes } from "../../events/previous-attributes.ts";
import type { EventDraft } from "../../events/record-event.ts";
import type { RecordedType } from "../../events/recorded-types.ts";
import { expander, onExpansion } from "../../operations/expandable.ts";
import { insertOwn, type ListAsked, listOwn, type ObjectKind } from "../../operations/object-kind.ts";
import type { ChangeContext, Expander, FieldOnExpansion, OperationContext } from "../../operations/operation.ts";
import { ownedRow } from "../../operations/owned-row.ts";
import { seconds } from "../../operations/time-range.ts";
import type { Json, JsonObject, ObjectRow } from "../../store/contract/rows.ts";

/** The same object under one of its names: what is a price that recurs is a plan as well. */
export interface View {
  /** Its `object` value. */
  object: string;
  /** The row as this view shows it; null when the row has no such view. */
  show(row: ObjectRow, now: number): JsonObject | null;
  events: { created: RecordedType; updated: RecordedType; deleted?: RecordedType };
}

/** A kind of object that is set up once and then named by others: a product, a price, a coupon. */
export interface CatalogueKind {
  /** The `object` value of its rows. */
  object: string;
  /** What messages call one. */
  name: string;
  /** What its generated row ids look like. */
  idKind: IdKind;
  /** How it shows, and what tells of it. Every change is told in each view. */
  views: readonly View[];
}

/**
 * What lists are narrowed by and no answer shows: top-level fields of a row's data whose names begin so. `deleted` is
 * another.
 */
const ASIDE = "by_";

/** What a row keeps to be shown. */
export function shownOf({ data }: Pick<ObjectRow, "data">): JsonObject {
  return Object.fromEntries(Object.entries(data).filter(([key]) => key !== "deleted" && !key.startsWith(ASIDE)));
}

/** A new object of the account. Where the caller chose its id, throws `resource_already_exists` if there is one by it. */
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

/** Changes an object, and tells of it if anything shows. `changed` holds the top-level fields that may differ. */
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

/** Deletes an object: only that it existed is kept. Returns what a view answers. */
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
 * The account's object with this id that has not been deleted; null when there is none. A generated id is the row's own;
 * one that the caller chose is looked up among the account's rows, since others may choose the same.
 */
export async function findInCatalogue(context: Owner, { object }: Pick<CatalogueKind, "object">, id: string): Promise<ObjectRow | null> {
  const { tx, account, livemode } = context;
  const row = await tx.object(id);
  if (row?.object === object && row.data.id === id)
    return row.accountId === account.id && row.livemode === livemode && row.data.deleted !== true ? row : null;
  const { rows } = await tx.objects({ object, accountId: account.id, livemode, where: { id, deleted: false } }, { limit: 1 });
  return rows[0] ?? null;
}

/** The object that a path names. Throws `resource_missing`, or `resource_in_other_mode` for one of the account's other mode. */
export async function ownInCatalogue(context: OperationContext, kind: CatalogueKind, id: string, name = kind.name): Promise<ObjectRow> {
  const found =
    (await findInCatalogue(context, kind, id)) ?? (await findInCatalogue({ ...context, livemode: !context.livemode }, kind, id));
  return ownedRow(found, context, name, id);
}

/** The object that a parameter names. Throws `resource_missing`, which names the parameter. */
export async function namedInCatalogue(context: OperationContext, kind: CatalogueKind, id: string, param: string): Promise<ObjectRow> {
  const row = await findInCatalogue(context, kind, id);
  if (row === null) throw apiError("resource_missing", { object: kind.name, id, param });
  return row;
}

/** A view of an object that is known to be there. */
export function showView(view: View, row: ObjectRow, { now }: Pick<ChangeContext, "now">): JsonObject {
  const shown = view.show(row, now);
  if (shown === null) throw new Error(`${row.id} has no view as ${view.object}.`);
  return shown;
}

/** A view as lists and searches take it. */
export const kindOfView = ({ object }: CatalogueKind, view: View): ObjectKind => ({
  object,
  name: view.object,
  show: (row, context) => showView(view, row, context),
});

/** A page of a view's objects. Cursors are ids as they show. */
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

/** The row id of an id as it shows. */
async function cursor(context: OperationContext, kind: CatalogueKind, id: string | undefined): Promise<string | undefined> {
  if (id === undefined) return undefined;
  return (await findInCatalogue(context, kind, id))?.id ?? id;
}

/** Loads a view of an object where an answer has its id. */
export function catalogueExpander(kind: CatalogueKind, view: View): Expander {
  return expander([view.object], async (context, id) => {
    const row = await findInCatalogue(context, kind, id);
    return row === null ? null : view.show(row, context.now);
  });
}

/** A field that is kept and shown only where it is expanded. */
export function catalogueField(kind: CatalogueKind, field: string): FieldOnExpansion {
  return onExpansion(async (context, { id }) => (await findInCatalogue(context, kind, String(id)))?.data[field] ?? null);
}

/** Those of `fields` that were given, as they are kept: null is kept where a field was unset. */
export function fieldsGiven(given: Readonly<Record<string, unknown>>, fields: readonly string[]): JsonObject {
  return Object.fromEntries(fields.filter((key) => given[key] !== undefined).map((key) => [key, given[key] as Json]));
}
