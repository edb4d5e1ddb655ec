import type { AnsweredRequest } from "../../http/answered-request.ts";

/** Names whose values are secrets, or numbers that identify a person. */
const SECRET_NAME =
  /(?:^|_)(?:number|cvc|cvv|ssn|pan|tax_id|vat_id|tax_id_registrar|secret|secrets|token|password|key|keys|id_number_secondary)(?:_|$)|^code$|^dob$/;

/** Values that are secrets in any parameter. */
const SECRET_VALUE = /(?:sk|rk|pk|ek)_(?:test|live)_\w+|whsec_\w+|op_\w{32}|\b\d{3}-?\d{2}-?\d{4}\b|\b\d{12,19}\b/g;

const MASK = "****";

/**
 * The parameters of a request, for a developer to look at. Secrets and numbers that identify a person are masked; the
 * whole is cut off at `chars`. Files are left out. Never throws: a text that cannot be read has no parameters.
 */
export function keptParams({ query, body }: AnsweredRequest["sent"], chars: number): Record<string, string> {
  const pairs: [name: string, value: string][] = [...new URLSearchParams(query)];
  if (body?.kind === "form") pairs.push(...new URLSearchParams(body.text));
  if (body?.kind === "json") flatten(parsed(body.text), "", pairs);
  const kept: Record<string, string> = {};
  let room = chars;
  for (const [name, value] of pairs) {
    if (room <= 0) break;
    const shownName = name.slice(0, room);
    const shown = isSecret(name) ? MASK : value.replace(SECRET_VALUE, MASK).slice(0, room);
    room -= shownName.length + shown.length;
    Object.defineProperty(kept, keptName(shownName), { value: shown, enumerable: true, configurable: true });
  }
  return kept;
}

/** The name of a parameter, for a developer to look at: what looks like a secret in it is masked. */
export function keptName(name: string): string {
  return name.replace(SECRET_VALUE, MASK);
}

function isSecret(name: string): boolean {
  return name.split(/[[\]]+/).some((part) => SECRET_NAME.test(part));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The values of a JSON text, named as in a form. */
function flatten(value: unknown, name: string, pairs: [string, string][]): void {
  if (typeof value !== "object" || value === null) {
    if (name !== "") pairs.push([name, value === null ? "" : String(value)]);
    return;
  }
  for (const [key, inner] of Object.entries(value)) flatten(inner, name === "" ? key : `${name}[${key}]`, pairs);
}
