import { isSecretName, MASK, masked } from "./masked.ts";

/** Parts of the address of a page that let in whoever has them: the ends of account links and sessions. */
const OPENING = /(?<=\/)[\w-]{24,}/g;

/**
 * The body of an answer, for a developer to look at. Secrets, numbers that identify a person, and what opens a page are
 * masked. What is longer than `chars` is cut off. Never throws: a text that is not JSON is masked as it is.
 */
export function keptAnswer(body: string, chars: number): string {
  const kept = rewritten(body);
  return kept.length > chars ? `${kept.slice(0, chars)}…` : kept;
}

function rewritten(body: string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return masked(body);
  }
  return JSON.stringify(shown(value, ""), null, 2);
}

function shown(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.map((one) => shown(one, name));
  if (typeof value === "object" && value !== null && name !== "dob")
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shown(inner, key)]));
  // Whether something was provided is not a secret.
  if (value === null || value === "" || typeof value === "boolean") return value;
  // Errors and promotions have codes that are not secrets.
  if (name !== "code" && isSecretName(name)) return MASK;
  if (typeof value !== "string") return value;
  const text = masked(value);
  return /^https?:\/\//.test(text) && /(?:^|_)url$/.test(name) ? text.replace(OPENING, MASK) : text;
}
