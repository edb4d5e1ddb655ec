import type { RequestBody } from "../../http/body-parsers.ts";
import { isSecretName, MASK, masked } from "./masked.ts";

/** Levels of a JSON body that are kept, a few more than a call may have. */
const DEPTH_KEPT = 40;

/**
 * The parameters of a query, for a developer to look at. Secrets and numbers that identify a person are masked; the
 * whole is cut off at `chars`.
 */
export function keptQuery(query: string, chars: number): Record<string, string> {
  return keptPairs([...new URLSearchParams(query)], chars);
}

/**
 * The parameters of a body, likewise. Files are left out. Never throws: a text that cannot be read has no parameters.
 */
export function keptParams(body: RequestBody | null, chars: number): Record<string, string> {
  const pairs: [name: string, value: string][] = body?.kind === "form" ? [...new URLSearchParams(body.text)] : [];
  if (body?.kind === "json") flatten(parsed(body.text), [], pairs);
  return keptPairs(pairs, chars);
}

function keptPairs(pairs: readonly (readonly [name: string, value: string])[], chars: number): Record<string, string> {
  const kept: Record<string, string> = {};
  let room = chars;
  for (const [name, value] of pairs) {
    if (room <= 0) break;
    const shownName = name.slice(0, room);
    const shown = isSecretParam(name) ? MASK : masked(value).slice(0, room);
    room -= shownName.length + shown.length;
    Object.defineProperty(kept, masked(shownName), { value: shown, enumerable: true, configurable: true });
  }
  return kept;
}

/** Whether a parameter, `individual[dob][day]`, has a value that is masked. */
export function isSecretParam(name: string): boolean {
  return name.split(/[[\].]+/).some(isSecretName);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The values of a JSON text, named as in a form. Deeper ones are left out: a client may nest a hundred thousand. */
function flatten(value: unknown, path: readonly string[], pairs: [string, string][]): void {
  if (typeof value === "object" && value !== null) {
    if (path.length === DEPTH_KEPT) return;
    for (const [key, inner] of Object.entries(value)) flatten(inner, [...path, key], pairs);
    return;
  }
  const [first, ...rest] = path;
  if (first !== undefined) pairs.push([first + rest.map((key) => `[${key}]`).join(""), value === null ? "" : String(value)]);
}
