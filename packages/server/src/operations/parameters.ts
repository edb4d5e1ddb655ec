import Type, { type Static, type TObject, type TOptional, type TProperties, type TSchema, type TUnsafe } from "typebox";
import type { Limits } from "../limits.ts";
import type { Json, JsonObject } from "../store/contract/rows.ts";
import type { TextFormat } from "./text-format.ts";

/** A maximum: a number, or the name of the server's limit. */
export type Most = number | keyof Limits;

/**
 * Functions that describe parameters. Each makes a TypeBox schema, so `Static` gives the type that an operation
 * receives. `rule` tells `api/decode-params` how to read a value, from form text or from JSON. An empty string (or JSON
 * null) unsets a value that can be unset, and arrives as null.
 */
export type Rule =
  | { kind: "text"; clearable: boolean; maxChars: number | null; allowEmpty: boolean; purposes?: readonly string[]; format?: TextFormat }
  | { kind: "choice"; values: readonly string[]; clearable: boolean; notHere?: readonly string[] }
  | { kind: "integer"; min: number; max: Most; clearable: boolean }
  | { kind: "decimal"; clearable: boolean }
  | { kind: "boolean"; words?: readonly string[]; offOnly?: boolean }
  | { kind: "list"; item: TSchema; maxItems: Most | null; clearable: boolean }
  | { kind: "hash"; clearable: boolean; notHere?: readonly string[] }
  | { kind: "metadata" }
  | { kind: "either"; text: TSchema; hash: TSchema }
  | { kind: "json" };

/** A schema made by one of the functions below. */
export interface Described {
  rule: Rule;
}

const described = <T>(json: Record<string, unknown>, rule: Rule): TUnsafe<T> => Type.Unsafe<T>({ ...json, rule });

/**
 * Wraps a function that makes schemas from numbers and words, so that it makes each schema only once: many parameters
 * are alike, and schemas never change. That saves a twentieth of an idle server's memory.
 */
function once<Given extends readonly unknown[], Schema>(make: (...given: Given) => Schema): (...given: Given) => Schema {
  const made = new Map<string, Schema>();
  return (...given) => {
    const key = given.map(String).join(" ");
    const known = made.get(key);
    if (known !== undefined) return known;
    const schema = make(...given);
    made.set(key, schema);
    return schema;
  };
}

/** Text that is not empty. */
export const text = once(
  (maxChars: number | null = 5_000): TUnsafe<string> =>
    described({ type: "string" }, { kind: "text", clearable: false, maxChars, allowEmpty: false }),
);

/** Text, or the empty string to unset it. */
export const clearableText = once(
  (maxChars: number | null = 5_000): TUnsafe<string | null> =>
    described({ type: "string" }, { kind: "text", clearable: true, maxChars, allowEmpty: false }),
);

/** Text of a format, such as a URL. It arrives in the form that is stored. */
export const formatted = (format: TextFormat, maxChars: number | null = 5_000): TUnsafe<string> =>
  described({ type: "string" }, { kind: "text", clearable: false, maxChars, allowEmpty: false, format });

/** Text of a format, or the empty string to unset it. */
export const clearableFormatted = (format: TextFormat, maxChars: number | null = 5_000): TUnsafe<string | null> =>
  described({ type: "string" }, { kind: "text", clearable: true, maxChars, allowEmpty: false, format });

/**
 * The id of a file that was uploaded for one of several purposes, or the empty string to unset it. `check-files.ts`
 * checks that the file exists.
 */
export const clearableFile = (purposes: readonly string[]): TUnsafe<string | null> =>
  described({ type: "string" }, { kind: "text", clearable: true, maxChars: FILE_ID_CHARS, allowEmpty: false, purposes });

/** The id of a file that was uploaded for one of several purposes. */
export const file = (purposes: readonly string[]): TUnsafe<string> =>
  described({ type: "string" }, { kind: "text", clearable: false, maxChars: FILE_ID_CHARS, allowEmpty: false, purposes });

const FILE_ID_CHARS = 500;

/** One of several words. The error for a word in `notHere` says that Stripe has it and this server does not. */
export const choice = <const Values extends readonly string[]>(values: Values, notHere: readonly string[] = []): TUnsafe<Values[number]> =>
  described({ type: "string", enum: values }, { kind: "choice", values, clearable: false, ...(notHere.length === 0 ? {} : { notHere }) });

/** One of several words, or the empty string to unset it. */
export const clearableChoice = <const Values extends readonly string[]>(values: Values): TUnsafe<Values[number] | null> =>
  described({ type: "string", enum: values }, { kind: "choice", values, clearable: true });

/** A whole number. */
export const integer = once(
  (min: number = Number.MIN_SAFE_INTEGER, max: Most = Number.MAX_SAFE_INTEGER): TUnsafe<number> =>
    described(
      { type: "integer", minimum: min, ...(typeof max === "number" ? { maximum: max } : {}) },
      { kind: "integer", min, max, clearable: false },
    ),
);

/** A whole number, or the empty string to unset it. */
export const clearableInteger = (min: number = Number.MIN_SAFE_INTEGER, max: number = Number.MAX_SAFE_INTEGER): TUnsafe<number | null> =>
  described({ type: "integer", minimum: min, maximum: max }, { kind: "integer", min, max, clearable: true });

/** A number that may have a fraction, such as a percentage; or the empty string to unset it. */
export const clearableDecimal = (): TUnsafe<number | null> => described({ type: "number" }, { kind: "decimal", clearable: true });

/** A number that may have a fraction, such as a percentage. */
export const decimal = (): TUnsafe<number> => described({ type: "number" }, { kind: "decimal", clearable: false });

/** The end of the year 9999, after which times are written differently. */
export const LATEST_SECOND = 253_402_300_799;

/** Unix seconds. */
export const timestamp = (): TUnsafe<number> => integer(0, LATEST_SECOND);

/** Seconds from now until a key expires: a hundred years at most, so that the time it gives can be stored and read. */
export const lifetime = (): TUnsafe<number> => integer(1, 3_155_760_000);

/** `true` or `false`. */
export const flag = once((): TUnsafe<boolean> => described({ type: "boolean" }, { kind: "boolean" }));

/** `true` or `false`, or one of several words. */
export const flagOr = <const Words extends readonly string[]>(words: Words): TUnsafe<boolean | Words[number]> =>
  described({ type: ["boolean", "string"], enum: [true, false, ...words] }, { kind: "boolean", words });

/**
 * `false`, which turns off a feature that this server lacks. The error for `true` says that Stripe has it and this
 * server does not.
 */
export const off = once((): TUnsafe<false> => described({ type: "boolean", enum: [false] }, { kind: "boolean", offOnly: true }));

/** Several values of one kind, in order. */
export const list = <Item extends TSchema>(item: Item, maxItems: Most | null = null): TUnsafe<Static<Item>[]> =>
  described({ type: "array", items: item }, { kind: "list", item, maxItems, clearable: false });

/** Several values of one kind, or the empty string for none. */
export const clearableList = <Item extends TSchema>(item: Item, maxItems: Most | null = null): TUnsafe<Static<Item>[] | null> =>
  described({ type: "array", items: item }, { kind: "list", item, maxItems, clearable: true });

/** A hash of known keys. Keys that are not marked `optional` are required. */
export const hash = <Properties extends TProperties>(properties: Properties): TObject<Properties> =>
  Type.Object(properties, { additionalProperties: false, rule: { kind: "hash", clearable: false } satisfies Rule });

/** The same hash. The error for a key in `notHere` says that Stripe has it and this server does not. */
export const lacking = <Properties extends TProperties>(schema: TObject<Properties>, notHere: readonly string[]): TObject<Properties> =>
  Type.Object(schema.properties, { additionalProperties: false, rule: { kind: "hash", clearable: false, notHere } satisfies Rule });

/** The same hash, or the empty string to unset it. */
export const clearable = <Properties extends TProperties>(schema: TObject<Properties>): TUnsafe<Static<TObject<Properties>> | null> => {
  const { rule, ...form } = schema as unknown as Described & Record<string, unknown>;
  return described({ ...form }, { ...(rule as Extract<Rule, { kind: "hash" }>), clearable: true });
};

/** A hash of known keys, or the empty string to unset it. */
export const clearableHash = <Properties extends TProperties>(properties: Properties): TUnsafe<Static<TObject<Properties>> | null> =>
  clearable(hash(properties));

const optionals = new WeakMap<TSchema, TSchema>();

/** May be left out. */
export const optional = <Schema extends TSchema>(schema: Schema): TOptional<Schema> => {
  const made = optionals.get(schema) ?? Type.Optional(schema);
  optionals.set(schema, made);
  return made as TOptional<Schema>;
};

/**
 * Metadata as given: null removes a key, null in place of the hash removes all keys. Limits are checked while decoding.
 * Source: https://docs.stripe.com/api/metadata
 */
export const metadata = (): TUnsafe<Record<string, string | null> | null> => described({ type: "object" }, { kind: "metadata" });

/** A token or an object: text in one form of the call, a hash in the other. */
export const either = <Text extends TSchema, Hash extends TSchema>(textForm: Text, hashForm: Hash): TUnsafe<Static<Text> | Static<Hash>> =>
  described({ anyOf: [textForm, hashForm] }, { kind: "either", text: textForm, hash: hashForm });

/** Any value. Numbers and booleans keep their type only in JSON. */
export const json = (): TUnsafe<Json> => described({}, { kind: "json" });

/** A number, or bounds: `created=1`, `created[gte]=1`. Unix seconds. */
export const timeFilter = () =>
  either(
    timestamp(),
    hash({ gt: optional(timestamp()), gte: optional(timestamp()), lt: optional(timestamp()), lte: optional(timestamp()) }),
  );

/** The properties every list call takes. */
export const pageProperties = {
  limit: optional(integer(1, "listItems")),
  starting_after: optional(text()),
  ending_before: optional(text()),
} as const;

/** `expand`, which every call takes. The API reads it, never an operation. */
const expandProperty = { expand: optional(list(text())) } as const;

/** The parameters of a call. */
export const params = <Properties extends TProperties>(properties: Properties) => hash({ ...properties, ...expandProperty });

/** Metadata after a change: given keys are set, null removes a key; null for the hash removes all. */
export function mergeMetadata(
  before: Record<string, string>,
  change: Record<string, string | null> | null | undefined,
): Record<string, string> {
  if (change === undefined) return before;
  if (change === null) return {};
  const after = { ...before };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete after[key];
    else after[key] = value;
  }
  return after;
}

/** A list answer. Source: https://docs.stripe.com/api/pagination */
export function listAnswer(url: string, data: JsonObject[], hasMore: boolean): JsonObject {
  return { object: "list", data, has_more: hasMore, url };
}
