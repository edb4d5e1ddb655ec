import { apiError, type IdKind } from "@carabiner/protocol";
import { previousAttributes } from "../../events/previous-attributes.ts";
import { answer } from "../../operations/answer.ts";
import type { ChangeContext, OperationContext } from "../../operations/operation.ts";
import { isOwned, ownedRow } from "../../operations/owned-row.ts";
import { pageAsked } from "../../operations/page-asked.ts";
import { listAnswer } from "../../operations/parameters.ts";
import { seconds } from "../../operations/time-range.ts";
import type { AccountRow, JsonObject, ObjectRow, TimeRange } from "../../store/store.ts";

/**
 * A charge, a transfer, a refund …: its row keeps it as it is shown, so that lists can be narrowed by what shows, and
 * beside that what is known of it and not shown.
 */
export interface MoneyObject<Shown extends object, Kept extends object> {
  row: ObjectRow;
  shown: Shown;
  kept: Kept;
}

/** What a kind of object is called: in rows, in messages, and in paths. */
export interface MoneyKind {
  object: string;
  name: string;
  url: string;
}

/** What every new object says of itself. */
export interface Identity {
  id: string;
  created: number;
  livemode: boolean;
}

/** The beginning of a new object. */
export function newIdentity({ ids, now, livemode }: ChangeContext, kind: IdKind): Identity {
  return { id: ids.newId(kind, now), created: seconds(now), livemode };
}

export function readMoneyObject<Shown extends object, Kept extends object>({ data, ...row }: ObjectRow): MoneyObject<Shown, Kept> {
  const { kept, ...shown } = data;
  return { row: { ...row, data }, shown: shown as Shown, kept: kept as Kept };
}

/** Writes a new object of an account's. `parent` is what lists of it can be narrowed to besides. */
export async function insertMoneyObject<Shown extends { id: string }, Kept extends object>(
  { tx, livemode, now }: ChangeContext,
  account: AccountRow,
  object: string,
  { shown, kept, parent = null }: { shown: Shown; kept: Kept; parent?: string | null },
): Promise<MoneyObject<Shown, Kept>> {
  const data = { ...answer(shown), kept: answer(kept) };
  const row: ObjectRow = { id: shown.id, object, accountId: account.id, livemode, parent, created: now, data };
  await tx.insertObject(row);
  return { row, shown, kept };
}

/** Writes what is different of an object. Returns it as it is now, and what its event says was before; null if nothing shows. */
export async function changeMoneyObject<Shown extends object, Kept extends object>(
  { tx }: ChangeContext,
  before: MoneyObject<Shown, Kept>,
  changed: Partial<Shown>,
  keptChanged: Partial<Kept> = {},
): Promise<{ after: MoneyObject<Shown, Kept>; previous: JsonObject | null }> {
  const shown = { ...before.shown, ...changed };
  const kept = { ...before.kept, ...keptChanged };
  const row = { ...before.row, data: { ...answer(shown), kept: answer(kept) } };
  await tx.updateObject(row);
  return { after: { row, shown, kept }, previous: previousAttributes(answer(before.shown), answer(shown)) };
}

/** The object a path names. Throws `resource_missing` for one that is not there, or not the account's. */
export async function ownMoneyObject<Shown extends object, Kept extends object>(
  context: OperationContext,
  { object, name }: MoneyKind,
  id: string,
): Promise<MoneyObject<Shown, Kept>> {
  const row = await context.tx.object(id);
  return readMoneyObject(ownedRow(row?.object === object ? row : null, context, name, id));
}

/** The same for an object that a parameter names. */
export async function namedMoneyObject<Shown extends object, Kept extends object>(
  context: OperationContext,
  { object, name }: MoneyKind,
  id: string,
  param: string,
): Promise<MoneyObject<Shown, Kept>> {
  const row = await context.tx.object(id);
  if (row?.object !== object || !isOwned(row, context)) throw apiError("resource_missing", { object: name, id, param });
  return readMoneyObject(row);
}

/** Loads an object of a kind where an answer has its id. */
export function moneyExpander({ object }: MoneyKind) {
  return async (context: OperationContext, id: string): Promise<JsonObject | null> => {
    const row = await context.tx.object(id);
    return row?.object === object && isOwned(row, context) ? showMoneyObject(row) : null;
  };
}

/** An object's row as it is answered. */
export function showMoneyObject({ data }: ObjectRow): JsonObject {
  const { kept: _, ...shown } = data;
  return shown;
}

/** A list of an account's objects of a kind, narrowed to those that show what `where` says. */
export async function listMoneyObjects(
  context: OperationContext,
  { object, name, url }: MoneyKind,
  {
    page,
    created,
    where,
    parent,
  }: {
    page: { limit?: number; starting_after?: string; ending_before?: string };
    created?: TimeRange | undefined;
    where?: Readonly<Record<string, string | undefined>>;
    parent?: string;
  },
): Promise<JsonObject> {
  const { tx, account, livemode, limits } = context;
  const asked = Object.entries(where ?? {}).filter((one): one is [string, string] => one[1] !== undefined);
  const { rows, hasMore } = await tx.objects(
    {
      object,
      accountId: account.id,
      livemode,
      where: Object.fromEntries(asked),
      ...(created === undefined ? {} : { created }),
      ...(parent === undefined ? {} : { parent }),
    },
    await pageAsked(page, limits, {
      name,
      knows: async (id) => {
        const row = await tx.object(id);
        return row?.object === object && isOwned(row, context);
      },
    }),
  );
  return listAnswer(url, rows.map(showMoneyObject), hasMore);
}

/** A list within an object, with one more in front; it shows the newest. */
export function withNewest<Item extends object>(
  list: { data: Item[]; has_more: boolean },
  item: Item,
  shown: number,
): { data: Item[]; has_more: boolean } {
  return { ...list, data: [item, ...list.data].slice(0, shown), has_more: list.has_more || list.data.length >= shown };
}
