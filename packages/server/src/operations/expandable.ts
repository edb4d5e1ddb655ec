import type { Json, JsonObject } from "../store/contract/rows.ts";
import type { Expander, ExpanderKinds, FieldInFull, FieldOnExpansion, OperationContext } from "./operation.ts";

/**
 * Loads objects of these kinds where an answer has their ids. `load` leaves out an object that the caller may not read;
 * the answer then keeps the id.
 */
export function expander(
  objects: ExpanderKinds,
  load: (context: OperationContext, ids: readonly string[]) => Promise<ReadonlyMap<string, JsonObject>>,
): Expander {
  return Object.assign((context: OperationContext, ids: readonly string[]) => load(context, ids), { objects });
}

/** The same for objects that cannot be read together. `load` returns null for one that the caller may not read. */
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
 * A list of objects of these kinds that an answer has only when it is expanded. `make` receives the object that the
 * list belongs to and returns the list.
 */
export function listOnExpansion(
  objects: ExpanderKinds,
  make: (context: OperationContext, holder: JsonObject) => Promise<JsonObject>,
): FieldOnExpansion {
  return { objects, list: true, make };
}

/** A field without objects that an answer has only when it is expanded. `make` receives the hash that it belongs to. */
export function onExpansion(make: (context: OperationContext, holder: JsonObject, object: JsonObject) => Promise<Json>): FieldOnExpansion {
  return { objects: [], list: false, make };
}
