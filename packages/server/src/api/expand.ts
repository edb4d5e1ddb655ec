import { type ApiError, apiError } from "@carabiner/protocol";
import { isHash } from "../operations/merge-change.ts";
import type { Expander, FieldOnExpansion, Operation, OperationContext } from "../operations/operation.ts";
import type { Json, JsonObject } from "../store/contract/rows.ts";
import { declaredAt, type Expandables, isList, placeOfAnswer, type Verdict, verdictOn } from "./expandable-fields.ts";

/** The paths of `expand`, merged: what to do with each field of a hash, and the first path that asked for it. */
interface Expansion {
  path: string;
  position: number;
  /** Whether the declarations say that the path exists. If not, the answer itself is searched. */
  verdict: Exclude<Verdict, "no">;
  fields: Map<string, Expansion>;
}

/** A hash of the answer, the object that it belongs to, and its path in that; empty for the object itself. */
interface Place {
  hash: JsonObject;
  object: JsonObject;
  prefix: string;
}

/** What a hash has at a name that a path contains. */
interface Found {
  value: Json | undefined;
  /** Loads the objects of the ids there; null when they stay ids. */
  load: Expander | null;
  /** Makes the value; null when the answer has it. */
  made: FieldOnExpansion | null;
  /** Whether the path continues inside. */
  leads: boolean;
  hash: JsonObject;
  /** The object that the hash belongs to, and the path of the value in it. */
  object: JsonObject;
  path: string;
}

/**
 * Replaces the ids that `expand` names with whole objects, and adds the fields that exist only when it names them. Null
 * stays null, an id whose object the caller may not read stays an id, and objects already in full are searched. Where a
 * path leads through objects of several kinds, such as the sources of balance transactions, it applies to those that
 * have the field. The given answer is not changed. `operation` is the call that was made: its resource tells what kind
 * of object an empty list would contain. Throws `expand_too_deep`, or `expand_invalid` for a path that does not exist,
 * whether or not it has a value.
 * Source: https://docs.stripe.com/api/expanding_objects
 */
export async function expand(
  answer: JsonObject,
  paths: readonly string[],
  expandable: Expandables,
  context: OperationContext,
  operation?: Operation,
): Promise<JsonObject> {
  const fields = readPaths(answer, paths, expandable, { levels: context.limits.expandLevels, operation });
  const loaded = new Map<Expander, Map<string, JsonObject | null>>();
  const [expanded] = await inside([{ hash: answer, object: answer, prefix: "" }], fields);
  return expanded as JsonObject;

  // All hashes that a path leads to are expanded together, so that the objects they name are loaded together.
  async function inside(places: readonly Place[], fields: Expansion["fields"]): Promise<JsonObject[]> {
    const results: JsonObject[] = places.map(({ hash }) => ({ ...hash }));
    if (places.length === 0) return results;
    for (const [name, expansion] of fields) {
      const found = places.map((place) => find(place, name, expansion));
      await makeMissing(found);
      const values = await expandedOf(found, expansion.fields);
      for (const [n, result] of results.entries()) {
        const value = values[n];
        if (value !== undefined) result[name] = value;
      }
    }
    return results;
  }

  function find({ hash, object, prefix }: Place, name: string, expansion: Expansion): Found {
    const value = hash[name];
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const declared = typeof object.object === "string" ? declaredAt(expandable, object.object, path) : undefined;
    const at = { hash, object, path, load: null, made: null };
    if (typeof declared === "function") return { ...at, value, load: declared, leads: true };
    if (declared?.make !== undefined) return { ...at, value: undefined, made: declared, leads: true };
    const leads = declared !== undefined || (prefix !== "" && holdsHashes(value));
    if (!leads && expansion.verdict === "unknown") throw refusal(answer, expansion);
    return { ...at, value, leads };
  }

  /** Makes the values of fields that exist only when they are expanded: those of one kind together. */
  async function makeMissing(found: readonly Found[]): Promise<void> {
    for (const [field, holders] of Map.groupBy(found, ({ made }) => made)) {
      if (field === null) continue;
      const values = await field.make(
        context,
        holders.map(({ hash: holder, object }) => ({ holder, object })),
      );
      for (const [n, one] of holders.entries()) one.value = values[n];
    }
  }

  async function expandedOf(found: readonly Found[], fields: Expansion["fields"]): Promise<(Json | undefined)[]> {
    await load(found);
    const known = (item: Json, load: Expander | null): Json =>
      (load !== null && typeof item === "string" ? loaded.get(load)?.get(item) : null) ?? item;
    const whole = found.map((one) => ({ ...one, value: mapItems(one.value, (item) => known(item, one.load)) }));
    const places = whole.flatMap(({ value, leads, object, path }) =>
      leads
        ? itemsOf(value)
            .filter(isHash)
            .map((hash) => placeOf(hash, object, path))
        : [],
    );
    const expanded = (await inside(places, fields)).values();
    return whole.map(({ value, leads }) =>
      leads ? mapItems(value, (item) => (isHash(item) ? (expanded.next().value as JsonObject) : item)) : value,
    );
  }

  async function load(found: readonly Found[]): Promise<void> {
    const asked = new Map<Expander, Set<string>>();
    for (const { value, load } of found) {
      if (load === null) continue;
      const ids = asked.get(load) ?? new Set();
      asked.set(load, ids);
      for (const item of itemsOf(value)) if (typeof item === "string" && !loaded.get(load)?.has(item)) ids.add(item);
    }
    for (const [load, ids] of asked) {
      if (ids.size === 0) continue;
      const objects = await load(context, [...ids]);
      const known = loaded.get(load) ?? new Map<string, JsonObject | null>();
      loaded.set(load, known);
      for (const id of ids) known.set(id, objects.get(id) ?? null);
    }
  }
}

/** A hash within an object is at a path of that object; a separate object starts a new path. */
function placeOf(hash: JsonObject, object: JsonObject, path: string): Place {
  return typeof hash.object === "string" ? { hash, object: hash, prefix: "" } : { hash, object, prefix: path };
}

/** The value itself, or everything that its lists contain. */
function itemsOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.flatMap(itemsOf) : [value];
}

/** The value with each of its items (`itemsOf`) replaced, in the same order. */
function mapItems(value: Json | undefined, replace: (item: Json) => Json): Json | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.map((item) => mapItems(item, replace) ?? null) : replace(value);
}

/** What the paths do with each field. Throws for one that is too deep or does not exist. */
function readPaths(
  answer: JsonObject,
  paths: readonly string[],
  expandable: Expandables,
  { levels, operation }: { levels: number; operation: Operation | undefined },
): Expansion["fields"] {
  const start = placeOfAnswer(expandable, answer, operation);
  const fields: Expansion["fields"] = new Map();
  for (const [position, path] of paths.entries()) {
    const names = path.split(".", levels + 1);
    if (names.length > levels)
      throw apiError("expand_too_deep", { param: `expand[${position}]`, limit: levels, property: path.slice(0, 200) });
    let at = fields;
    for (const [level, name] of names.entries()) {
      let next = at.get(name);
      if (next === undefined) {
        const to = names.slice(0, level + 1);
        const verdict = verdictOn(expandable, start, to);
        if (verdict === "no") throw refusal(answer, { path: to.join("."), position });
        next = { path: to.join("."), position, verdict, fields: new Map() };
        at.set(name, next);
      }
      at = next.fields;
    }
  }
  return fields;
}

function refusal({ object }: JsonObject, { path, position }: Pick<Expansion, "path" | "position">): ApiError {
  return apiError(isList(object) && !path.includes(".") ? "expand_invalid_in_list" : "expand_invalid", {
    param: `expand[${position}]`,
    property: path.slice(0, 200),
  });
}

function holdsHashes(value: Json | undefined): boolean {
  return Array.isArray(value) ? value.every(isHash) : isHash(value);
}
