import { apiError } from "@carabiner/protocol";
import type { Expander, OperationContext, Resource } from "../operations/operation.ts";
import type { Json, JsonObject } from "../store/contract/rows.ts";

/** The paths of `expand`, taken together: what to do with each field of a hash, and which of the paths said so first. */
interface Expansion {
  path: string;
  position: number;
  fields: Map<string, Expansion>;
}

/** Which fields of which kind of object can be expanded, and how. */
export type Expandables = ReadonlyMap<string, Resource["expandable"]>;

/** Gathers what resources say can be expanded, by their `object` value. */
export function expandables(resources: readonly Resource[]): Expandables {
  const all = new Map<string, Record<string, Expander | null>>();
  for (const { object, expandable } of resources) all.set(object, { ...all.get(object), ...expandable });
  return all;
}

/**
 * Puts whole objects in place of the ids that `expand` names. Fields that are null stay null, an id whose object is not
 * there for this caller stays an id, and objects already in full are looked into. The answer given is not changed.
 * Throws `expand_too_deep` or `expand_invalid`. Source: https://docs.stripe.com/api/expanding_objects
 */
export async function expand(
  answer: JsonObject,
  paths: readonly string[],
  expandable: Expandables,
  context: OperationContext,
): Promise<JsonObject> {
  const root: Expansion = { path: "", position: 0, fields: new Map() };
  for (const [position, path] of paths.entries()) {
    const names = path.split(".", context.limits.expandLevels + 1);
    if (names.length > context.limits.expandLevels) {
      throw apiError("expand_too_deep", { param: `expand[${position}]`, limit: context.limits.expandLevels, property: path.slice(0, 200) });
    }
    let at = root;
    for (const name of names) {
      let next = at.fields.get(name);
      if (next === undefined) {
        next = { path: at === root ? name : `${at.path}.${name}`, position, fields: new Map() };
        at.fields.set(name, next);
      }
      at = next;
    }
  }
  const loaded = new Map<Expander, Map<string, JsonObject | null>>();
  return inside(answer, root);

  async function inside(object: JsonObject, { fields }: Expansion): Promise<JsonObject> {
    const result = { ...object };
    for (const [name, expansion] of fields) result[name] = await field(object, name, expansion);
    return result;
  }

  async function field(object: JsonObject, name: string, expansion: Expansion): Promise<Json> {
    const value = object[name] ?? null;
    if (object.object === "list" && name === "data") return each(value, null, expansion);
    const known = typeof object.object === "string" ? expandable.get(object.object) : undefined;
    const load = known !== undefined && Object.hasOwn(known, name) ? known[name] : undefined;
    if (load === undefined)
      throw apiError(object === answer && object.object === "list" ? "expand_invalid_in_list" : "expand_invalid", {
        param: `expand[${expansion.position}]`,
        property: expansion.path.slice(0, 200),
      });
    return each(value, load, expansion);
  }

  // One after the other: a transaction that fails must not leave reads behind that still wait for it.
  async function each(value: Json, load: Expander | null, expansion: Expansion): Promise<Json> {
    if (Array.isArray(value)) {
      const items: Json[] = [];
      for (const item of value) items.push(await each(item, load, expansion));
      return items;
    }
    const whole = typeof value === "string" && load !== null ? ((await find(value, load)) ?? value) : value;
    return typeof whole === "object" && whole !== null && !Array.isArray(whole) ? inside(whole, expansion) : whole;
  }

  async function find(id: string, load: Expander): Promise<JsonObject | null> {
    let known = loaded.get(load);
    if (known === undefined) {
      known = new Map();
      loaded.set(load, known);
    }
    let object = known.get(id);
    if (object === undefined) {
      object = await load(context, id);
      known.set(id, object);
    }
    return object;
  }
}
