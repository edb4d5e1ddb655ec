import { apiError } from "@carabiner/protocol";
import type { Json, JsonObject } from "../store/store.ts";
import { FORBIDDEN_NAMES, shownName } from "./decode-form.ts";

/**
 * Decodes a JSON body as strictly as a form: an object, not too deep, no NUL, no half characters, no name that means
 * something to JavaScript. A name given twice cannot be seen: the last one counts, as RFC 8259 leaves open.
 *
 * @param maxDepth levels of nesting, the body itself not counted.
 * Throws `body_malformed`, `parameter_depth` or `parameter_name_forbidden`.
 */
export function decodeJson(text: string, maxDepth: number): JsonObject {
  const body = parse(text);
  if (body === undefined) throw apiError("body_malformed", { reason: "it is not valid JSON" });
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw apiError("body_malformed", { reason: "it is not a JSON object" });
  }
  checkObject(body, "", 0, maxDepth);
  return body;
}

/** Undefined for what is not JSON. What the parser says of it quotes the body, which may hold secrets. */
function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkObject(object: JsonObject, name: string, depth: number, maxDepth: number): void {
  for (const key of Object.keys(object)) {
    const value = object[key] as Json;
    if (FORBIDDEN_NAMES.has(key)) throw apiError("parameter_name_forbidden", { param: shownName(nested(name, key)) });
    checkText(key);
    if (typeof value === "string") checkText(value);
    else if (typeof value === "object" && value !== null) checkContainer(value, nested(name, key), depth + 1, maxDepth);
  }
}

function checkContainer(value: Json[] | JsonObject, name: string, depth: number, maxDepth: number): void {
  if (depth > maxDepth) throw apiError("parameter_depth", { limit: maxDepth, param: shownName(name) });
  if (!Array.isArray(value)) {
    checkObject(value, name, depth, maxDepth);
    return;
  }
  for (let index = 0; index < value.length; index++) {
    const item = value[index] as Json;
    if (typeof item === "string") checkText(item);
    else if (typeof item === "object" && item !== null) checkContainer(item, nested(name, String(index)), depth + 1, maxDepth);
  }
}

function checkText(text: string): void {
  if (text.includes("\0")) throw apiError("body_malformed", { reason: "it holds a NUL character" });
  if (!text.isWellFormed()) throw apiError("body_malformed", { reason: "it holds half of a surrogate pair" });
}

const nested = (name: string, key: string): string => (name === "" ? key : `${name}[${key}]`);
