import type { RequestBody } from "../../http/body-parsers.ts";
import { madeOfStart } from "./json-start.ts";
import { isSecretName, knownNames, MASK, masked, maskedStart } from "./masked.ts";

/** How many levels of a JSON body are kept: a few more than a call may have. */
const DEPTH_KEPT = 40;

/** How many characters of a form are decoded together. */
const FORM_PART_CHARS = 2_048;

/**
 * The parameters of a query, for a developer to read. Secrets and numbers that identify a person are masked; the whole
 * is cut off at `chars`.
 */
export function keptQuery(query: string, chars: number): Record<string, string> {
  const kept = new KeptPairs(chars);
  addForm(query, kept);
  return kept.all();
}

/**
 * The parameters of a body, in the same way. Little of what is cut off is read. Files are left out. Never throws: a
 * text that cannot be read has no parameters.
 */
export function keptParams(body: RequestBody | null, chars: number): Record<string, string> {
  if (body?.kind === "form") return keptQuery(body.text, chars);
  if (body?.kind !== "json") return {};
  const pairs = madeOfStart(body.text, chars, ({ value }) => {
    const kept = new KeptPairs(chars);
    addValues(value, "", 0, kept);
    return { made: kept, enough: kept.full };
  });
  return pairs?.all() ?? {};
}

/** Masked pairs, until their names and values use up the room. */
class KeptPairs {
  readonly #pairs: [name: string, value: string][] = [];
  #room: number;

  constructor(chars: number) {
    this.#room = chars;
  }

  get full(): boolean {
    return this.#room <= 0;
  }

  add(name: string, value: string): void {
    const { secret, shownName } = paramOf(name);
    const keptName = name.length <= this.#room ? shownName : masked(copied(name.slice(0, this.#room)));
    const shown = secret ? MASK : maskedStart(value, this.#room);
    this.#pairs.push([keptName, shown.length < value.length ? copied(shown) : shown]);
    this.#room -= Math.min(name.length, this.#room) + shown.length;
  }

  all(): Record<string, string> {
    return Object.fromEntries(this.#pairs);
  }
}

const paramOf = knownNames((name) => ({ secret: name.split(/[[\].]+/).some(isSecretName), shownName: masked(name) }));

/** A copy of a part of a text. Otherwise V8 would keep the whole text along with the part until it is stored. */
const copied = (part: string): string => JSON.parse(JSON.stringify(part)) as string;

/** Whether the value of a parameter, such as `individual[dob][day]`, is masked. */
export const isSecretParam = (name: string): boolean => paramOf(name).secret;

/** Adds the parameters of a form, one part of the form after another. */
function addForm(text: string, kept: KeptPairs): void {
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf("&", from + FORM_PART_CHARS);
    const to = end === -1 ? text.length : end;
    for (const [name, value] of new URLSearchParams(text.slice(from, to))) {
      if (kept.full) return;
      kept.add(name, value);
    }
    from = to;
  }
}

/**
 * Adds the values of a JSON value, named as in a form. Deeper values are left out: a client may nest a hundred thousand
 * levels.
 */
function addValues(value: unknown, name: string, depth: number, kept: KeptPairs): void {
  if (typeof value !== "object" || value === null) {
    if (depth > 0) kept.add(name, value === null ? "" : String(value));
    return;
  }
  if (depth === DEPTH_KEPT) return;
  for (const [key, inner] of Object.entries(value)) {
    if (kept.full) return;
    addValues(inner, depth === 0 ? key : `${name}[${key}]`, depth + 1, kept);
  }
}
