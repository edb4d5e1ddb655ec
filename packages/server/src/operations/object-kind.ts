import { apiError } from "@carabiner/protocol";
import type { JsonObject, ObjectRow } from "../store/contract/rows.ts";
import type { TimeRange } from "../store/contract/transaction.ts";
import { expander } from "./expandable.ts";
import type { ChangeContext, Expander, OperationContext } from "./operation.ts";
import { isOwned, ownedRow } from "./owned-row.ts";
import { type Cursors, pageAsked } from "./page-asked.ts";
import { listAnswer } from "./parameters.ts";
import { readableRows } from "./readable-rows.ts";

/** A kind of object that the store keeps as rows: its name, and how a row is shown. */
export interface ObjectKind {
  /** The `object` value of its rows. */
  object: string;
  /** Its name in messages: `balance transaction`. */
  name: string;
  /** The `object` values of its answers, when they differ from the rows': `bank_account` and `card`. */
  shownAs?: readonly string[];
  /** The answer for a row. */
  show(row: ObjectRow, context: Pick<ChangeContext, "now">): JsonObject;
}

type Owner = Pick<OperationContext, "tx" | "account" | "livemode">;

/** The row with this id, if it is of the kind and belongs to the account and mode of the call; otherwise null. */
export async function findOwn(context: Owner, kind: Pick<ObjectKind, "object">, id: string): Promise<ObjectRow | null> {
  const row = await context.tx.object(id);
  return row?.object === kind.object && isOwned(row, context) ? row : null;
}

/** The row that a path names. Throws `resource_missing` or `resource_in_other_mode`; see `ownedRow`. */
export async function ownRow(
  context: Owner,
  { object, name }: Pick<ObjectKind, "object" | "name">,
  id: string,
  param?: string,
): Promise<ObjectRow> {
  const row = await context.tx.object(id);
  return ownedRow(row?.object === object ? row : null, context, name, id, param);
}

/** The row that a parameter names. Throws `resource_missing`, which names the parameter. */
export async function namedRow(context: Owner, kind: Pick<ObjectKind, "object" | "name">, id: string, param: string): Promise<ObjectRow> {
  const row = await findOwn(context, kind, id);
  if (row === null) throw apiError("resource_missing", { object: kind.name, id, param });
  return row;
}

/** Loads the objects of the kind with ids in an answer that the caller may read: see `readableRows`. */
export function expanderOf(kind: ObjectKind): Expander {
  return expander(kind.shownAs ?? [kind.object], async (context, ids) => {
    const rows = await readableRows(context, ids);
    return new Map(rows.filter(({ object }) => object === kind.object).map((row) => [row.id, kind.show(row, context)]));
  });
}

/** The cursors of a list of the kind: the caller's own objects. */
export function cursorsOf(context: Owner, kind: Pick<ObjectKind, "object" | "name">): Cursors {
  return { name: kind.name, knows: async (id) => (await findOwn(context, kind, id)) !== null };
}

/** What a list call asks for. */
export interface ListAsked {
  /** The path of the list. */
  url: string;
  page: { limit?: number | undefined; starting_after?: string | undefined; ending_before?: string | undefined };
  created?: TimeRange | undefined;
  /** Top-level fields of the rows' data and the value each must have; undefined means any. */
  where?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Top-level fields of the rows' data that hold a time in milliseconds, and its bounds; undefined means any. */
  within?: Readonly<Record<string, TimeRange | undefined>>;
  parent?: string | undefined;
}

/** A page of the account's objects of a kind, newest first. Throws as `pageAsked` does. */
export async function listOwn(context: OperationContext, kind: ObjectKind, asked: ListAsked): Promise<JsonObject> {
  const { tx, account, livemode, limits } = context;
  const { rows, hasMore } = await tx.objects(
    {
      object: kind.object,
      accountId: account.id,
      livemode,
      where: defined(asked.where),
      within: defined(asked.within),
      ...(asked.created === undefined ? {} : { created: asked.created }),
      ...(asked.parent === undefined ? {} : { parent: asked.parent }),
    },
    await pageAsked(asked.page, limits, cursorsOf(context, kind)),
  );
  return listAnswer(
    asked.url,
    rows.map((row) => kind.show(row, context)),
    hasMore,
  );
}

/** Writes a new object of the account. Returns its row. */
export async function insertOwn(
  { tx, livemode, now }: ChangeContext,
  kind: Pick<ObjectKind, "object">,
  { id, account, parent = null, data }: { id: string; account: { id: string }; parent?: string | null; data: JsonObject },
): Promise<ObjectRow> {
  const row: ObjectRow = { id, object: kind.object, accountId: account.id, livemode, parent, created: now, data };
  await tx.insertObject(row);
  return row;
}

function defined<Value>(fields: Readonly<Record<string, Value | undefined>> = {}): Record<string, Value> {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, Value] => field[1] !== undefined));
}
