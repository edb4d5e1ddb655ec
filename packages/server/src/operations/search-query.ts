import { apiError } from "@carabiner/protocol";
import type { Json, JsonObject } from "../store/contract/rows.ts";
import { isHash } from "./merge-change.ts";

/** How a field can be searched: only by its whole value, also by a part of its text, or by its size. */
export type SearchField = "token" | "string" | "numeric";

/**
 * The searchable fields of a kind of object, by their path: `billing_details.address.postal_code`. Metadata is always
 * searchable.
 */
export type SearchFields = Readonly<Record<string, SearchField>>;

/** Whether an object matches a query. */
export type SearchTest = (object: JsonObject) => boolean;

/** The most clauses of one query. Source: https://docs.stripe.com/search#search-query-language */
const CLAUSES = 10;

/** The shortest part of a text that can be searched for. */
const PART_CHARS = 3;

/** One clause: `-field:"value"`, `field>1`, `metadata["key"]:null`. */
const CLAUSE =
  /^(?<not>-)?(?:metadata\[(?<quote>["'])(?<key>(?:\\.|(?!\k<quote>)[^\\])+)\k<quote>\]|(?<field>[a-z_]\w*(?:\.[a-z_]\w*)*))\s*(?<operator>:|~|>=|<=|>|<|=)\s*(?:"(?<double>(?:\\.|[^"\\])*)"|'(?<single>(?:\\.|[^'\\])*)'|(?<bare>null|true|false|-?\d+(?:\.\d+)?))(?:\s+|$)/;

const JOINER = /^(and|or)\s+/i;

/**
 * Reads a query: clauses that must all match (`AND`, which may be left out), or of which one must match (`OR`). The two
 * do not mix. Case is ignored. Throws `search_query_invalid`, or `search_field_unknown` for a field that cannot be
 * searched. `of` names the resource in messages. Source: https://docs.stripe.com/search#search-query-language
 */
export function readSearchQuery(query: string, fields: SearchFields, of: string): SearchTest {
  const tests: SearchTest[] = [];
  const joiners = new Set<string>();
  let rest = query.trim();
  while (rest !== "") {
    if (tests.length > 0) {
      const joiner = JOINER.exec(rest);
      joiners.add(joiner?.[1]?.toLowerCase() ?? "and");
      rest = rest.slice(joiner?.[0].length ?? 0);
    }
    const clause = CLAUSE.exec(rest);
    if (clause === null) throw invalid();
    tests.push(clauseTest(clause.groups as Groups, fields, of));
    rest = rest.slice(clause[0].length);
  }
  if (tests.length === 0) throw invalid();
  if (joiners.size > 1) throw apiError("search_joiners_mixed", { param: "query" });
  if (tests.length > CLAUSES) throw apiError("search_clauses_too_many", { limit: CLAUSES, param: "query" });
  return joiners.has("or") ? (object) => tests.some((test) => test(object)) : (object) => tests.every((test) => test(object));
}

const invalid = () => apiError("search_query_invalid", { param: "query" });

type Groups = Readonly<Partial<Record<"not" | "key" | "field" | "operator" | "double" | "single" | "bare", string>>>;

function clauseTest({ not, key, field, operator, double, single, bare }: Groups, fields: SearchFields, of: string): SearchTest {
  const kind = key !== undefined ? "token" : Object.hasOwn(fields, field ?? "") ? fields[field ?? ""] : undefined;
  if (kind === undefined) throw apiError("search_field_unknown", { field: String(field).slice(0, 80), resource: of, param: "query" });
  const path = key === undefined ? (field as string).split(".") : ["metadata", unescaped(key)];
  const quoted = double ?? single;
  const value = quoted === undefined ? (bare as string) : unescaped(quoted);
  const test = valueTest(kind, operator as string, value, quoted === undefined && bare === "null");
  return (object) => test(valueAt(object, path)) !== (not === "-");
}

const unescaped = (text: string): string => text.replace(/\\(.)/g, "$1");

function valueTest(kind: SearchField, operator: string, value: string, isNull: boolean): (value: Json) => boolean {
  if (isNull) {
    if (operator !== ":") throw invalid();
    return (found) => found === null;
  }
  if (kind === "numeric") return numericTest(operator, value);
  const wanted = value.toLowerCase();
  const text = (found: Json): string | null => (found === null || typeof found === "object" ? null : String(found).toLowerCase());
  if (operator === ":") return (found) => text(found) === wanted;
  if (operator !== "~" || kind !== "string") throw invalid();
  if (wanted.length < PART_CHARS) throw apiError("search_part_too_short", { limit: PART_CHARS, param: "query" });
  return (found) => text(found)?.includes(wanted) === true;
}

function numericTest(operator: string, value: string): (value: Json) => boolean {
  if (!/^-?\d+(?:\.\d+)?$/.test(value) || operator === "~") throw invalid();
  const wanted = Number(value);
  const compare: Readonly<Record<string, (found: number) => boolean>> = {
    ":": (found) => found === wanted,
    "=": (found) => found === wanted,
    ">": (found) => found > wanted,
    "<": (found) => found < wanted,
    ">=": (found) => found >= wanted,
    "<=": (found) => found <= wanted,
  };
  const test = compare[operator] as (found: number) => boolean;
  return (found) => typeof found === "number" && test(found);
}

/** The value at a path; null when there is no value. */
function valueAt(object: JsonObject, path: readonly string[]): Json {
  let value: Json = object;
  for (const name of path) {
    if (!isHash(value) || !Object.hasOwn(value, name)) return null;
    value = value[name] ?? null;
  }
  return value;
}
