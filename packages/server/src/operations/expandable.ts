import type { Json, JsonObject, ObjectRow } from "../store/contract/rows.ts";
import type { Expander, ExpanderKinds, FieldInFull, FieldOnExpansion, OperationContext } from "./operation.ts";
import { listAnswer } from "./parameters.ts";

/**
 * Loads objects of these kinds where an answer contains their ids. `load` leaves out an object that the caller may not
 * read; the answer then keeps the id.
 */
export function expander(
  objects: ExpanderKinds,
  load: (context: OperationContext, ids: readonly string[]) => Promise<ReadonlyMap<string, JsonObject>>,
): Expander {
  return Object.assign((context: OperationContext, ids: readonly string[]) => load(context, ids), { objects });
}

/**
 * The same for objects that cannot be read together. `load` returns null for an object that the caller may not read.
 */
export function expanderOneByOne(
  objects: ExpanderKinds,
  load: (context: OperationContext, id: string) => Promise<JsonObject | null>,
): Expander {
  return expander(objects, async (context, ids) => {
    const found = new Map<string, JsonObject>();
    for (const id of ids) {
      const object = await load(context, id);
      if (object !== null) found.set(id, object);
    }
    return found;
  });
}

/** A field that always holds a whole object of one of these kinds, whose fields can be expanded in turn. */
export function inFull(...objects: readonly string[]): FieldInFull {
  return { objects, list: false };
}

/** The same for a field that holds a list. */
export function listInFull(...objects: readonly string[]): FieldInFull {
  return { objects, list: true };
}

/**
 * A list of objects of these kinds that an answer contains only when it is expanded. `make` receives the objects that
 * the lists belong to and returns the lists.
 */
export function listOnExpansion(
  objects: ExpanderKinds,
  make: (context: OperationContext, holders: readonly JsonObject[]) => Promise<readonly JsonObject[]>,
): FieldOnExpansion {
  return {
    objects,
    list: true,
    make: (context, of) =>
      make(
        context,
        of.map(({ holder }) => holder),
      ),
  };
}

/**
 * A field that contains no objects and is in an answer only when it is expanded. `make` receives the hash that it
 * belongs to.
 */
export function onExpansion(make: (context: OperationContext, holder: JsonObject, object: JsonObject) => Promise<Json>): FieldOnExpansion {
  return {
    objects: [],
    list: false,
    async make(context, of) {
      const values: Json[] = [];
      // One after another: a transaction that fails must not leave pending reads behind.
      for (const { holder, object } of of) values.push(await make(context, holder, object));
      return values;
    },
  };
}

/**
 * For each of these, the list of objects of one kind that belong to it: the newest, up to the length of a list. `flag`
 * names a field of these objects that must be true. `url` and `show` say how to render a list.
 */
export async function childrenOf(
  { tx, livemode, limits: { listItemsDefault: length } }: OperationContext,
  parents: readonly string[],
  { object, flag, url, show }: { object: string; flag?: string; url(parent: string): string; show(row: ObjectRow): JsonObject },
): Promise<JsonObject[]> {
  const rows = await tx.objectsById(parents);
  const there = [...rows.values()];
  const asked = { livemode, object, parents: there, limit: length + 1, ...(flag === undefined ? {} : { flag }) };
  const children = new Map((await tx.newestChildren(asked)).map((found, n) => [there[n]?.id, found]));
  return parents.map((parent) => {
    const found = children.get(parent) ?? [];
    return listAnswer(url(parent), found.slice(0, length).map(show), found.length > length);
  });
}
