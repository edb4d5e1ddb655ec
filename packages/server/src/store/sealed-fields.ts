import { KEY_MARKER } from "./key-marker.ts";
import { keyIdOf, placeOf, type SealedColumn, type SecretBox, sealedPrefix } from "./secret-box.ts";

/** A column whose values are sealed. */
export interface SealedField extends SealedColumn {
  /** The columns that identify a row. A sealed value is bound to them. */
  key: readonly string[];
  /** Whether the column contains JSON: the sealed value is a JSON string there. */
  json: boolean;
  /** Limits it to rows whose column has, or does not have, one of these values. All rows if left out. */
  only?: { column: string; is: "in" | "not in"; values: readonly string[] };
  /** Its content, for people. */
  holds: string;
}

/**
 * Everything that can contain a secret and is needed in clear. Secrets that are only looked up are stored as hashes.
 * `SECURITY.md` has the same list.
 */
export const SEALED = {
  endpointUrl: {
    table: "endpoints",
    column: "url",
    key: ["id"],
    json: false,
    holds: "where events are sent: a URL may hold a token",
  },
  endpointSecrets: {
    table: "endpoints",
    column: "secrets",
    key: ["id"],
    json: true,
    holds: "signing secrets, the current one and those rolled that still sign",
  },
  redirectUris: {
    table: "applications",
    column: "redirect_uris",
    key: ["id"],
    json: true,
    holds: "where users are sent back to after consenting",
  },
  linkData: {
    table: "objects",
    column: "data",
    key: ["id"],
    json: true,
    only: { column: "object", is: "in", values: ["account_link", "page_session"] },
    holds: "`return_url` and `refresh_url` of account links, and of the pages they have opened",
  },
  answerBody: {
    table: "idempotent_answers",
    column: "body",
    key: ["scope", "key"],
    json: false,
    holds: "answers kept for idempotency keys: some show a secret, once",
  },
  settingValue: {
    table: "settings",
    column: "value",
    key: ["name"],
    json: true,
    // A setting in clear must be listed here, and in PostgreSQL's check.
    only: { column: "name", is: "not in", values: ["purpose", "clock", "dev_platform", KEY_MARKER] },
    holds: "the keys that fingerprints of bank accounts and cards, and the pages' forms and cookies, are made with",
  },
} as const satisfies Readonly<Record<string, SealedField>>;

/** A table with sealed fields. */
export interface SealedTable extends Pick<SealedField, "table" | "key" | "only"> {
  fields: readonly SealedField[];
}

/** The same, grouped by table: all fields of a row are resealed together. */
export const SEALED_TABLES: readonly SealedTable[] = [
  ...Map.groupBy<string, SealedField>(Object.values(SEALED), ({ table }) => table),
].flatMap(([table, fields]) => {
  const [first] = fields;
  return first === undefined ? [] : [{ table, key: first.key, ...(first.only === undefined ? {} : { only: first.only }), fields }];
});

const KINDS: ReadonlySet<string> = new Set(SEALED.linkData.only.values);
const CLEAR_SETTINGS: ReadonlySet<string> = new Set(SEALED.settingValue.only.values);

/** Whether the data of this kind of object is sealed. */
export const isSealedKind = (object: string): boolean => KINDS.has(object);
/** Whether the value of a setting is sealed. */
export const isSealedSetting = (name: string): boolean => !CLEAR_SETTINGS.has(name);

/** What a JSON column contains once a value is sealed: a JSON string. */
export function sealJson(box: SecretBox, place: string, value: unknown): string {
  return JSON.stringify(box.seal(place, JSON.stringify(value)));
}

/** The SQL condition, to append to another, for the rows of a table that have something to seal. */
export function onlyThose({ only }: SealedTable): string {
  return only === undefined ? "" : `AND ${only.column} ${only.is} (${only.values.map((value) => `'${value}'`).join(", ")})`;
}

/** An SQL query that returns a row unless the database is empty. It also works on a database of an earlier version. */
export const ANYTHING = `SELECT 1 WHERE ${["accounts", ...SEALED_TABLES.map(({ table }) => table)]
  .filter((table) => table !== SEALED.settingValue.table)
  .map((table) => `EXISTS (SELECT 1 FROM ${table})`)
  .join(" OR ")}`;

/** The prefix of a column whose value was sealed with a key. */
export function beginningUnder({ json }: SealedField, keyId: string): string {
  return (json ? '"' : "") + sealedPrefix(keyId);
}

/**
 * Reseals a column's value, which is in clear or sealed under any of our keys, under the current one. Null if the
 * current key already seals it.
 */
export function sealedAnew(field: SealedField, box: SecretBox, key: readonly string[], value: string): string | null {
  if (value.startsWith(beginningUnder(field, box.current))) return null;
  const place = placeOf(field, ...key);
  const text = field.json && value.startsWith('"') ? (JSON.parse(value) as string) : value;
  const sealed = box.seal(place, keyIdOf(text) === null ? value : box.open(place, text));
  return field.json ? JSON.stringify(sealed) : sealed;
}
