import { type ApiErrorName, apiError } from "@carabiner/protocol";

/**
 * A value of a form: text, a list made with `a[]`, or a hash. Lists made with `a[0]` are hashes of digits until a
 * schema decides.
 */
export type FormValue = string | FormValue[] | FormHash;

/** Without a prototype, so it inherits no keys. That also distinguishes a form's hash from a JSON object. */
export interface FormHash {
  [key: string]: FormValue;
}

/** A form's text and where it came from. */
export interface FormText {
  source: "query" | "body";
  text: string;
}

export interface FormLimits {
  /** Levels of nesting: `a[b][c]` has three. */
  parameterDepth: number;
  /** Values in all texts together. */
  parameterCount: number;
}

/** Names that mean something to JavaScript objects, in forms and in JSON. */
export const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

const NAME_CHARS_SHOWN = 120;

/** A parameter's name, and the keys that lead to its place: `a[b][]` as `a`, `b` and the empty string. */
interface Place {
  name: string;
  path: readonly string[];
}

/**
 * Places by names as sent: nearly all requests have the same few names, and parsing one takes longer than looking it
 * up.
 */
const KNOWN_PLACES = new Map<string, Place>();
const PLACES_KNOWN = 1_024;
const KNOWN_NAME_CHARS = 128;

/** A parameter's name, shortened for an error message. */
export const shownName = (name: string): string => (name.length > NAME_CHARS_SHOWN ? `${name.slice(0, NAME_CHARS_SHOWN)}…` : name);

/**
 * Decodes `application/x-www-form-urlencoded` texts, the query's and the body's, into one hash, with the brackets that
 * Stripe's SDKs and CLI use: `a[b]`, `a[]`, `a[0]`, `a[0][b]`, `a[][b]`, brackets percent-encoded or not.
 *
 * Written by hand because libraries guess at doubtful forms, which an API must refuse: `qs` drops what exceeds its
 * limits, merges `a=1&a[b]=2` into a hash with a key `1`, makes `a=1&a=2` a list, and passes bad percent-encoding
 * through unchanged. Dropping a parameter silently skips a change that the client requested.
 *
 * Throws `parameter_duplicate`, `parameter_conflict`, `parameter_depth`, `parameter_count`, `parameter_name_forbidden`,
 * and `body_malformed` or `request_malformed` for a text that is not a form.
 */
export function decodeForm(texts: readonly FormText[], limits: FormLimits): FormHash {
  const root: FormHash = Object.create(null);
  let count = 0;
  for (const { source, text } of texts) {
    const malformed: ApiErrorName = source === "body" ? "body_malformed" : "request_malformed";
    // A form can contain `%00` only as an escape, or after an invalid escape.
    if (text.includes("%00") || text.includes("\0")) throw apiError(malformed, { reason: "it holds a NUL character" });
    for (let start = 0; start < text.length; ) {
      let end = text.indexOf("&", start);
      if (end === -1) end = text.length;
      if (end > start) {
        if (++count > limits.parameterCount) throw apiError("parameter_count", { limit: limits.parameterCount });
        let equals = text.indexOf("=", start);
        if (equals === -1 || equals > end) equals = end;
        const at = placeOf(text.slice(start, equals), malformed, limits.parameterDepth);
        const value = equals === end ? "" : decodeText(text.slice(equals + 1, end), malformed);
        place(root, at, value, malformed);
      }
      start = end + 1;
    }
  }
  return root;
}

function decodeText(raw: string, malformed: ApiErrorName): string {
  const spaced = raw.includes("+") ? raw.replaceAll("+", " ") : raw;
  if (!spaced.includes("%")) return spaced;
  const text = unescaped(spaced);
  if (text === undefined) throw apiError(malformed, { reason: "a percent-encoded character is not valid UTF-8" });
  return text;
}

/** Undefined for an invalid escape and for bytes that are not UTF-8, surrogates and overlong forms included. */
function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The place that a name denotes. */
function placeOf(sent: string, malformed: ApiErrorName, depth: number): Place {
  const known = KNOWN_PLACES.get(sent);
  if (known !== undefined && known.path.length <= depth) return known;
  const name = decodeText(sent, malformed);
  const place = { name, path: pathOf(name, malformed, depth) };
  if (sent.length <= KNOWN_NAME_CHARS) {
    if (KNOWN_PLACES.size >= PLACES_KNOWN) KNOWN_PLACES.clear();
    KNOWN_PLACES.set(sent, place);
  }
  return place;
}

function pathOf(name: string, malformed: ApiErrorName, depth: number): string[] {
  const bracket = name.indexOf("[");
  if (bracket !== -1) return segments(name, bracket, malformed, depth);
  if (name === "") throw apiError(malformed, { reason: "a parameter has no name" });
  if (name.includes("]")) throw unbalanced(name, malformed);
  refuseForbidden(name, name);
  return [name];
}

function place(root: FormHash, { name, path }: Place, value: string, malformed: ApiErrorName): void {
  let container: FormHash | FormValue[] = root;
  const last = path.length - 1;
  for (let level = 0; level < last; level++) container = descend(container, path, level, name, malformed);
  const key = path[last] as string;
  if (Array.isArray(container)) container.push(value);
  else if (container[key] !== undefined) throw taken(container[key], name);
  else container[key] = value;
}

function segments(name: string, bracket: number, malformed: ApiErrorName, depth: number): string[] {
  const first = name.slice(0, bracket);
  if (first === "") throw apiError(malformed, { reason: "a parameter has no name" });
  if (first.includes("]")) throw unbalanced(name, malformed);
  refuseForbidden(first, name);
  const path = [first];
  for (let open = bracket; open < name.length; ) {
    const close = name.indexOf("]", open);
    if (close === -1 || name[open] !== "[") throw unbalanced(name, malformed);
    const segment = name.slice(open + 1, close);
    if (segment.includes("[")) throw unbalanced(name, malformed);
    refuseForbidden(segment, name);
    if (path.push(segment) > depth) throw apiError("parameter_depth", { limit: depth, param: shownName(name) });
    open = close + 1;
  }
  return path;
}

/** The container at `path[level]` of `parent`, created if missing. The next key decides whether it is a list. */
function descend(
  parent: FormHash | FormValue[],
  path: readonly string[],
  level: number,
  name: string,
  malformed: ApiErrorName,
): FormHash | FormValue[] {
  const wantsList = path[level + 1] === "";
  if (Array.isArray(parent)) {
    if (wantsList) throw apiError(malformed, { reason: `'${shownName(name)}' is a list without an index in another` });
    // `a[][x]=1&a[][y]=2&a[][x]=3` is two hashes: a repeated name begins the next one.
    const newest = parent.at(-1);
    if (newest !== undefined && isFormHash(newest) && !holds(newest, path, level + 1)) return newest;
    const next: FormHash = Object.create(null);
    parent.push(next);
    return next;
  }
  const key = path[level] as string;
  const there = parent[key];
  if (there === undefined) {
    const made: FormHash | FormValue[] = wantsList ? [] : Object.create(null);
    parent[key] = made;
    return made;
  }
  if (typeof there === "string" || Array.isArray(there) !== wantsList) throw apiError("parameter_conflict", { param: shownName(name) });
  return there;
}

function holds(from: FormHash, path: readonly string[], level: number): boolean {
  let value: FormValue = from;
  for (let at = level; at < path.length; at++) {
    const key = path[at] as string;
    if (key === "" || !isFormHash(value)) return false;
    const next: FormValue | undefined = value[key];
    if (next === undefined) return false;
    value = next;
  }
  return true;
}

/** Whether a value is a hash that came from a form: JSON objects have a prototype. */
export function isFormHash(value: unknown): value is FormHash {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
}

function refuseForbidden(segment: string, name: string): void {
  if (FORBIDDEN_NAMES.has(segment)) throw apiError("parameter_name_forbidden", { param: shownName(name) });
}

const taken = (there: FormValue, name: string) =>
  apiError(typeof there === "string" ? "parameter_duplicate" : "parameter_conflict", { param: shownName(name) });

const unbalanced = (name: string, malformed: ApiErrorName) =>
  apiError(malformed, { reason: `the brackets of '${shownName(name)}' do not match` });
