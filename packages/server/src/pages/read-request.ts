import { isUtf8 } from "node:buffer";
import { apiError } from "@carabiner/protocol";
import type { FastifyRequest } from "fastify";
import type { ApiRequest } from "../api/call.ts";
import { decodeForm, type FormHash, type FormText } from "../api/decode-form.ts";
import { decodeJson } from "../api/decode-json.ts";
import type { Limits } from "../limits.ts";
import type { JsonObject } from "../store/contract/rows.ts";

/** The parameters of a request's query. Throws an `ApiError` for a query that cannot be read. */
export function queryOf(request: FastifyRequest, limits: Limits): FormHash {
  const { text } = request.query as { text: string };
  const bytes = Buffer.from(text, "latin1");
  return decodeForm([{ source: "query", text: isUtf8(bytes) ? bytes.toString("utf8") : text }], limits);
}

/** The parameters of a request's body, a form or JSON. Throws an `ApiError` for a body that cannot be read. */
export function bodyOf(request: FastifyRequest, limits: Limits): FormHash | JsonObject {
  const body = request.body as ApiRequest["body"] | undefined;
  if (body?.kind === "json") return decodeJson(body.text, limits.jsonDepth);
  if (body?.kind === "multipart") throw apiError("content_type_unsupported", { type: body.type });
  const texts: FormText[] = body === null || body === undefined ? [] : [{ source: "body", text: body.text }];
  return decodeForm(texts, limits);
}

/** A parameter's text; undefined when it is empty or not text. */
export function textOf(from: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = from[name];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
