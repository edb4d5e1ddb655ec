import type { Expandable, Operation, Resource } from "../operations/operation.ts";
import type { JsonObject } from "../store/contract/rows.ts";
import { isEmbedded } from "./embedded-fields.ts";

/** What the resources declare: the fields that can be expanded, and the kind of object that each call returns. */
export interface Expandables {
  /** By the `object` value of the objects that have them. */
  readonly fields: ReadonlyMap<string, Readonly<Record<string, Expandable>>>;
  readonly kinds: ReadonlyMap<Operation, string>;
}

/** Collects what resources declare. Several may declare fields of one kind of object. */
export function expandables(resources: readonly Resource[]): Expandables {
  const fields = new Map<string, Record<string, Expandable>>();
  const kinds = new Map<Operation, string>();
  for (const { object, operations, expandable } of resources) {
    fields.set(object, { ...fields.get(object), ...expandable });
    for (const operation of operations) kinds.set(operation, object);
  }
  return { fields, kinds };
}

/**
 * What is declared for a field of an object, by its path. Null for one of the object's own hashes, or for a hash in
 * which fields can be expanded. Undefined if nothing is declared: the field cannot be expanded.
 */
export function declaredAt({ fields }: Expandables, object: string, path: string): Expandable | undefined {
  if (isList(object)) return path === "data" ? null : undefined;
  const declared = fields.get(object);
  if (declared !== undefined && Object.hasOwn(declared, path)) return declared[path];
  const within = declared !== undefined && Object.keys(declared).some((other) => other.startsWith(`${path}.`));
  return within || isEmbedded(object, path) ? null : undefined;
}

/** Whether objects of this kind contain others in `data`. */
export function isList(object: unknown): boolean {
  return object === "list" || object === "search_result";
}

/** Where a path may lead: to an expandable field, to nothing, or to a place that only the answer shows. */
export type Verdict = "yes" | "no" | "unknown";

/** Where a path has led so far. */
export interface Place {
  /** The kinds of object that may be there; null when that is not declared. */
  kinds: ReadonlySet<string> | null;
  /** Whether it is a list of them. */
  list: boolean;
  /** The path of a hash within the object; empty for the object itself. */
  prefix: string;
}

/** Where paths begin: at an answer. An empty list counts as a list of the call's resource. */
export function placeOfAnswer({ kinds }: Expandables, answer: JsonObject, operation: Operation | undefined): Place {
  const list = isList(answer.object);
  const items = list && Array.isArray(answer.data) ? (answer.data as readonly JsonObject[]) : [answer];
  const found = new Set(items.map(({ object }) => object).filter((object) => typeof object === "string"));
  const asked = operation === undefined ? undefined : kinds.get(operation);
  if (list && asked !== undefined) found.add(asked);
  return { kinds: list && found.size === 0 ? null : found, list, prefix: "" };
}

/** Whether the declarations allow a path from a place: in at least one of the kinds that may be there. */
export function verdictOn(all: Expandables, place: Place, path: readonly string[]): Verdict {
  const [name, ...rest] = path;
  if (name === undefined) return "yes";
  if (place.kinds === null) return "unknown";
  if (place.list) return name === "data" ? verdictOn(all, { ...place, list: false }, rest) : "no";
  const at = place.prefix === "" ? name : `${place.prefix}.${name}`;
  const verdicts = [...place.kinds].map((kind): Verdict => {
    const declared = declaredAt(all, kind, at);
    if (declared === undefined) return place.prefix === "" ? "no" : "unknown";
    return verdictOn(all, leadsTo(all, kind, at, declared), rest);
  });
  return verdicts.find((verdict) => verdict === "yes") ?? verdicts.find((verdict) => verdict === "unknown") ?? "no";
}

function leadsTo({ fields }: Expandables, kind: string, path: string, declared: Expandable): Place {
  if (declared !== null) {
    const list = typeof declared === "object" && declared.list;
    return { kinds: declared.objects === undefined ? null : new Set(declared.objects), list, prefix: "" };
  }
  const isWhole = Object.hasOwn(fields.get(kind) ?? {}, path);
  return isWhole ? { kinds: null, list: false, prefix: "" } : { kinds: new Set([kind]), list: false, prefix: path };
}
