import { apiError } from "@carabiner/protocol";
import type { Json, JsonObject } from "../store/contract/rows.ts";
import { FORBIDDEN_NAMES, shownName } from "./decode-form.ts";

/**
 * Decodes a JSON body as strictly as a form: an object, not too deep, without NUL, half characters or names that mean
 * something to JavaScript. A repeated name cannot be detected: the last one wins, which RFC 8259 permits.
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
  // JSON writes a NUL, or half of a surrogate pair, as an escape: a body without escapes needs no check.
  checkObject(body, "", 0, { maxDepth, escapes: text.includes("\\u") });
  return body;
}

interface Strictness {
  maxDepth: number;
  /** Whether texts may contain characters that can only be written as an escape. */
  escapes: boolean;
}

/** Undefined for invalid JSON. The parser's message is dropped: it quotes the body, which may contain secrets. */
function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function checkObject(object: JsonObject, name: string, depth: number, strictness: Strictness): void {
  for (const key of Object.keys(object)) {
    const value = object[key] as Json;
    if (FORBIDDEN_NAMES.has(key)) throw apiError("parameter_name_forbidden", { param: shownName(nested(name, key)) });
    if (strictness.escapes) checkText(key);
    if (typeof value === "string") {
      if (strictness.escapes) checkText(value);
    } else if (typeof value === "object" && value !== null) checkContainer(value, nested(name, key), depth + 1, strictness);
  }
}

function checkContainer(value: Json[] | JsonObject, name: string, depth: number, strictness: Strictness): void {
  if (depth > strictness.maxDepth) throw apiError("parameter_depth", { limit: strictness.maxDepth, param: shownName(name) });
  if (!Array.isArray(value)) {
    checkObject(value, name, depth, strictness);
    return;
  }
  for (let index = 0; index < value.length; index++) {
    const item = value[index] as Json;
    if (typeof item === "string") {
      if (strictness.escapes) checkText(item);
    } else if (typeof item === "object" && item !== null) checkContainer(item, nested(name, String(index)), depth + 1, strictness);
  }
}

function checkText(text: string): void {
  if (text.includes("\0")) throw apiError("body_malformed", { reason: "it holds a NUL character" });
  if (!text.isWellFormed()) throw apiError("body_malformed", { reason: "it holds half of a surrogate pair" });
}

const nested = (name: string, key: string): string => (name === "" ? key : `${name}[${key}]`);
