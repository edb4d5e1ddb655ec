import { ApiError, apiError } from "@carabiner/protocol";
import type { TObject, TSchema } from "typebox";
import type { Limits } from "../limits.ts";
import { CURRENCIES } from "../operations/currency-codes.ts";
import type { Described, Most, Rule } from "../operations/parameters.ts";
import { readTextFormat } from "../operations/text-format.ts";
import type { Json, JsonObject } from "../store/contract/rows.ts";
import { type FormHash, type FormValue, isFormHash, shownName } from "./decode-form.ts";

/** Converts parameters from a form or JSON to what the schema says; throws an `ApiError` for the first invalid one. */
export type ParamsDecoder = (given: FormHash | JsonObject) => Record<string, unknown>;

/**
 * Reads one value. Its name is `parent[key]`, built only when needed: for nested values, or for an error. Text is read
 * the same way from a form and from JSON; JSON's null counts as the empty string.
 */
type Reader = (value: unknown, parent: string, key: string) => unknown;

/** What every schema made by `operations/parameters.ts` has; the schema of a hash includes its fields. */
type DescribedSchema = Described & { properties?: Record<string, TSchema>; required?: string[] };

const VALUE_CHARS_SHOWN = 80;

const mostOf = (most: Most, limits: Limits): number => (typeof most === "number" ? most : limits[most]);

/** Turns a call's schema into a decoder, once, at start. */
export function compileParams(schema: TObject, limits: Limits, { bareLists = false }: DecodingOptions = {}): ParamsDecoder {
  const read = hashReader(schema as unknown as DescribedSchema, limits);
  if (bareLists) return decoder(schema, (given) => read(inLists(schema, given), "", ""));
  return decoder(schema, (given) => read(given, "", ""));
}

/** How clients may write parameters. */
interface DecodingOptions {
  /**
   * Whether a list with a single item may be written without brackets, as in a query of the v2 API: `include=identity`.
   */
  bareLists?: boolean;
}

/** The same parameters, with the single item of a list in an array. */
function inLists(schema: TObject, given: FormHash | JsonObject): FormHash | JsonObject {
  const { properties = {} } = schema as unknown as DescribedSchema;
  const bare = Object.entries(given).filter(([key, value]) => {
    const rule = Object.hasOwn(properties, key) ? (properties[key] as unknown as Described).rule : undefined;
    return rule?.kind === "list" && typeof value === "string" && value !== "";
  });
  return bare.length === 0 ? given : ({ ...given, ...Object.fromEntries(bare.map(([key, value]) => [key, [value]])) } as JsonObject);
}

function decoder(schema: TObject, read: (given: FormHash | JsonObject) => unknown): ParamsDecoder {
  return (given) => {
    try {
      return read(given) as Record<string, unknown>;
    } catch (thrown) {
      throw thrown instanceof ApiError && thrown.error === "parameter_unknown" ? unknownParameters(schema, given, thrown) : thrown;
    }
  };
}

/** How many unknown parameters an error names. */
const UNKNOWN_NAMED = 10;

/** The error for unknown parameters. It names all of them. */
function unknownParameters(schema: TSchema, given: FormHash | JsonObject, first: ApiError): ApiError {
  const names = unknownIn(schema, given, "").slice(0, UNKNOWN_NAMED);
  const [param] = names;
  return names.length < 2 || param === undefined ? first : apiError("parameters_unknown", { param, params: names.join(", ") });
}

function unknownIn(schema: TSchema, value: unknown, name: string): string[] {
  const { rule, properties = {} } = schema as unknown as DescribedSchema;
  if (rule.kind === "either") return isHash(value) ? unknownIn(rule.hash, value, name) : [];
  if (rule.kind === "list") {
    const items = typeof value === "object" && value !== null ? Object.entries(value) : [];
    return items.flatMap(([at, item]) => unknownIn(rule.item, item, `${name}[${at}]`));
  }
  if (rule.kind !== "hash" || !isHash(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (known !== undefined) return unknownIn(known, inner, nameOf(name, key));
    return rule.notHere?.includes(key) ? [] : [shownName(nameOf(name, key))];
  });
}

function compile(schema: TSchema, limits: Limits): Reader {
  const described = schema as unknown as DescribedSchema;
  const { rule } = described;
  switch (rule.kind) {
    case "text":
      return textReader(rule);
    case "choice":
      return choiceReader(rule);
    case "integer":
      return integerReader(rule, limits);
    case "decimal":
      return decimalReader(rule);
    case "boolean":
      return booleanReader(rule);
    case "list":
      return listReader(rule, compile(rule.item, limits), limits);
    case "hash":
      return orEmpty(rule.clearable, hashReader(described, limits));
    case "metadata":
      return metadataReader(limits);
    case "either": {
      const text = compile(rule.text, limits);
      const hash = compile(rule.hash, limits);
      // A form's list is a hash of its items, or an array.
      const isList = (rule.hash as unknown as DescribedSchema).rule.kind === "list";
      return (value, parent, key) => (isHash(value) || (isList && Array.isArray(value)) ? hash : text)(value, parent, key);
    }
    case "json":
      return readJson;
  }
}

const nameOf = (parent: string, key: string): string => (parent === "" ? key : key === "" ? parent : `${parent}[${key}]`);

const shown = (value: unknown): string => {
  const text = typeof value === "string" ? value : typeof value === "object" ? "(a hash or an array)" : String(value);
  return text.length > VALUE_CHARS_SHOWN ? `${text.slice(0, VALUE_CHARS_SHOWN)}…` : text;
};

const isHash = (value: unknown): value is FormHash | JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

const isEmpty = (value: unknown): boolean => value === "" || value === null;

/** The error for an empty value of a parameter that cannot be unset: empty text, or in JSON also null. */
const emptyError = (value: unknown) => (value === null ? "parameter_invalid_null" : "parameter_invalid_empty");

function orEmpty(clearable: boolean, read: Reader): Reader {
  return (value, parent, key) => {
    if (!isEmpty(value)) return read(value, parent, key);
    if (clearable) return null;
    throw apiError(emptyError(value), { param: shownName(nameOf(parent, key)) });
  };
}

/** Text; a JSON number or boolean becomes the text it would be in a form. Undefined for anything else. */
function asText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

function textReader({ clearable, maxChars, allowEmpty, format }: Extract<Rule, { kind: "text" }>): Reader {
  return (value, parent, key) => {
    const text = value === null ? "" : asText(value);
    if (text === undefined) throw apiError("parameter_invalid_string", { param: shownName(nameOf(parent, key)), value: shown(value) });
    if (text === "") {
      if (clearable) return null;
      if (allowEmpty) return "";
      throw apiError(emptyError(value), { param: shownName(nameOf(parent, key)) });
    }
    if (maxChars !== null && isLonger(text, maxChars)) {
      throw apiError("parameter_invalid_length", { param: shownName(nameOf(parent, key)), limit: maxChars });
    }
    if (!/\S/.test(text)) throw apiError("parameter_invalid_string_blank", { param: shownName(nameOf(parent, key)) });
    if (format === undefined) return text;
    const read = readTextFormat(format, text);
    if ("text" in read) return read.text;
    throw apiError(read.error, { param: shownName(nameOf(parent, key)), value: shown(text), currencies: CURRENCIES.join(", ") });
  };
}

/** Whether text has more than `limit` characters; one outside the basic plane counts once. */
function isLonger(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  if (text.length > limit * 2) return true;
  let count = 0;
  for (const _ of text) count++;
  return count > limit;
}

function choiceReader({ values, clearable, notHere = [] }: Extract<Rule, { kind: "choice" }>): Reader {
  const known = new Set<unknown>(values);
  return orEmpty(clearable, (value, parent, key) => {
    const text = asText(value);
    if (known.has(text)) return text;
    const param = shownName(nameOf(parent, key));
    if (text !== undefined && notHere.includes(text)) throw apiError("value_not_here", { param, value: text });
    throw apiError("parameter_invalid_enum", { param, values: values.join(", ") });
  });
}

function integerReader({ min, max: most, clearable }: Extract<Rule, { kind: "integer" }>, limits: Limits): Reader {
  const max = mostOf(most, limits);
  return orEmpty(clearable, (value, parent, key) => {
    const number = typeof value === "string" ? (/^-?\d{1,17}$/.test(value) ? Number(value) : Number.NaN) : value;
    if (!Number.isInteger(number))
      throw apiError("parameter_invalid_integer", { param: shownName(nameOf(parent, key)), value: shown(value) });
    const param = shownName(nameOf(parent, key));
    if ((number as number) < min) throw apiError("integer_below_minimum", { param, min });
    if ((number as number) > max || !Number.isSafeInteger(number)) throw apiError("integer_above_maximum", { param, max });
    // Adding zero turns -0, which JSON can contain, into 0.
    return (number as number) + 0;
  });
}

function decimalReader({ clearable }: Extract<Rule, { kind: "decimal" }>): Reader {
  return orEmpty(clearable, (value, parent, key) => {
    const number = typeof value === "string" ? (/^-?\d{1,17}(?:\.\d{1,17})?$/.test(value) ? Number(value) : Number.NaN) : value;
    if (Number.isFinite(number)) return number;
    throw apiError("parameter_invalid_number", { param: shownName(nameOf(parent, key)), value: shown(value) });
  });
}

const booleanReader = ({ words = [], offOnly = false }: Extract<Rule, { kind: "boolean" }>): Reader =>
  orEmpty(false, (value, parent, key) => {
    // Python writes them with a capital letter. Recorded answers show that Stripe accepts these.
    if (value === true || value === "true" || value === "True") {
      if (offOnly) throw apiError("value_not_here", { param: shownName(nameOf(parent, key)), value: "true" });
      return true;
    }
    if (value === false || value === "false" || value === "False") return false;
    if (typeof value === "string" && words.includes(value)) return value;
    throw apiError("parameter_invalid_boolean", { param: shownName(nameOf(parent, key)), value: shown(value) });
  });

const INDEX = /^(?:0|[1-9]\d{0,8})$/;

function listReader({ maxItems, clearable }: Extract<Rule, { kind: "list" }>, read: Reader, limits: Limits): Reader {
  const most = maxItems === null ? null : mostOf(maxItems, limits);
  return orEmpty(clearable, (value, parent, key) => {
    const name = nameOf(parent, key);
    // A form's `a[0]`, `a[1]`: JavaScript lists such keys in numerical order. Gaps are closed, because an SDK omits the
    // items that are undefined and keeps the numbers of the others.
    const indexes = isFormHash(value) ? Object.keys(value) : null;
    if (indexes === null ? !Array.isArray(value) : !indexes.every((index) => INDEX.test(index))) {
      throw apiError("parameter_invalid_array", { param: shownName(name) });
    }
    const items = indexes === null ? (value as unknown[]) : indexes.map((index) => (value as FormHash)[index]);
    if (most !== null && items.length > most) throw apiError("parameter_too_many_items", { param: shownName(name), limit: most });
    return items.map((item, at) => read(item, name, indexes?.[at] ?? String(at)));
  });
}

function hashReader({ rule, properties = {}, required = [] }: DescribedSchema, limits: Limits): Reader {
  const notHere: readonly string[] = (rule.kind === "hash" && rule.notHere) || [];
  const readers = new Map(Object.entries(properties).map(([key, schema]) => [key, compile(schema, limits)]));
  return (value, parent, key) => {
    const name = nameOf(parent, key);
    if (!isHash(value)) throw apiError("parameter_invalid_object", { param: shownName(name) });
    const result: Record<string, unknown> = {};
    for (const property of Object.keys(value)) {
      const read = readers.get(property);
      if (read === undefined) {
        const error = notHere.includes(property) ? "parameter_not_here" : "parameter_unknown";
        throw apiError(error, { param: shownName(nameOf(name, property)) });
      }
      result[property] = read(value[property], name, property);
    }
    for (const property of required) {
      if (result[property] === undefined) throw apiError("parameter_missing", { param: shownName(nameOf(name, property)) });
    }
    return result;
  };
}

function metadataReader({ metadataKeys, metadataKeyChars, metadataValueChars }: Limits): Reader {
  return (value, parent, key) => {
    if (isEmpty(value)) return null;
    const name = nameOf(parent, key);
    if (!isHash(value)) throw apiError("parameter_invalid_object", { param: shownName(name) });
    const keys = Object.keys(value);
    if (keys.length > metadataKeys) throw apiError("metadata_too_many_keys", { param: shownName(name), limit: metadataKeys });
    const result: Record<string, string | null> = {};
    for (const entry of keys) {
      if (entry === "" || isLonger(entry, metadataKeyChars) || /[[\]]/.test(entry)) {
        throw apiError("metadata_key_invalid", { param: shownName(name), key: shown(entry), limit: metadataKeyChars });
      }
      const given = value[entry];
      const text = given === null ? "" : asText(given);
      if (text === undefined) throw apiError("parameter_invalid_string", { param: shownName(nameOf(name, entry)), value: shown(given) });
      if (isLonger(text, metadataValueChars)) {
        throw apiError("metadata_value_too_long", { param: shownName(nameOf(name, entry)), key: entry, limit: metadataValueChars });
      }
      result[entry] = text === "" ? null : text;
    }
    return result;
  };
}

/** JSON unchanged; a form's hash becomes an array if its keys are 0, 1, 2 … without a gap. */
const readJson: Reader = (value) => (isFormHash(value) || (Array.isArray(value) && value.some(isFormHash)) ? fromForm(value) : value);

function fromForm(value: FormValue): Json {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(fromForm);
  const keys = Object.keys(value);
  if (keys.every((key, at) => key === String(at))) return keys.map((key) => fromForm(value[key] as FormValue));
  const object: JsonObject = {};
  for (const key of keys) object[key] = fromForm(value[key] as FormValue);
  return object;
}
