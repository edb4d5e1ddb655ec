import { type ApiError, apiError } from "@carabiner/protocol";
import { isHash } from "../operations/merge-change.ts";
import type { Expander, Operation, OperationContext } from "../operations/operation.ts";
import type { Json, JsonObject } from "../store/contract/rows.ts";
import { declaredAt, type Expandables, isList, placeOfAnswer, type Verdict, verdictOn } from "./expandable-fields.ts";

/** The paths of `expand`, merged: what to do with each field of a hash, and the first path that asked for it. */
interface Expansion {
  path: string;
  position: number;
  /** Whether the declarations say that the path exists. If they do not, the answer is searched. */
  verdict: Exclude<Verdict, "no">;
  fields: Map<string, Expansion>;
}

/** Where a hash is: the kind of object, and the path in it. */
interface Standing {
  object: JsonObject;
  prefix: string;
}

/**
 * Replaces the ids that `expand` names with whole objects, and adds the fields that exist only when it names them. Null
 * stays null, an id whose object the caller may not read stays an id, and objects already in full are searched. Where a
 * path leads through objects of several kinds, such as the sources of balance transactions, it applies to those that
 * have the field. The given answer is not changed. `operation` is the call that was made: its resource says what an
 * empty list would contain.
 * Throws `expand_too_deep`, or `expand_invalid` for a path that does not exist, whether or not it has a value.
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
  return inside(answer, fields, { object: answer, prefix: "" });

  async function inside(hash: JsonObject, fields: Expansion["fields"], standing: Standing): Promise<JsonObject> {
    const result = { ...hash };
    for (const [name, expansion] of fields) {
      const value = await field(hash, name, expansion, standing);
      if (value !== undefined) result[name] = value;
    }
    return result;
  }

  async function field(hash: JsonObject, name: string, expansion: Expansion, { object, prefix }: Standing): Promise<Json | undefined> {
    const value = hash[name];
    const standing = { object, prefix: prefix === "" ? name : `${prefix}.${name}` };
    const declared = typeof object.object === "string" ? declaredAt(expandable, object.object, standing.prefix) : undefined;
    if (typeof declared === "function") return each(value, declared, expansion, standing);
    if (declared?.make !== undefined) return each(await declared.make(context, hash, object), null, expansion, standing);
    const leads = declared !== undefined || (prefix !== "" && holdsHashes(value));
    if (!leads && expansion.verdict === "unknown") throw refusal(answer, expansion);
    return leads ? each(value, null, expansion, standing) : value;
  }

  // One after another: a transaction that fails must not leave pending reads behind.
  async function each(value: Json | undefined, load: Expander | null, expansion: Expansion, standing: Standing): Promise<Json | undefined> {
    if (Array.isArray(value)) {
      const items: Json[] = [];
      for (const item of value) items.push((await each(item, load, expansion, standing)) ?? null);
      return items;
    }
    const whole = typeof value === "string" && load !== null ? ((await find(value, load)) ?? value) : value;
    if (!isHash(whole)) return whole;
    return inside(whole, expansion.fields, typeof whole.object === "string" ? { object: whole, prefix: "" } : standing);
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
