import type { Json, JsonObject } from "../store/contract/rows.ts";
import type { Expander, ExpanderKinds, FieldInFull, FieldOnExpansion, OperationContext } from "./operation.ts";

/**
 * Loads objects of these kinds where an answer has their ids. `load` returns null for an object that the caller may not
 * read; the answer then keeps the id.
 */
export function expander(objects: ExpanderKinds, load: (context: OperationContext, id: string) => Promise<JsonObject | null>): Expander {
  return Object.assign((context: OperationContext, id: string) => load(context, id), { objects });
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
