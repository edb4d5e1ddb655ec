import { isUtf8 } from "node:buffer";
import { type ApiVersion, apiError, LATEST_API_VERSION } from "@carabiner/protocol";
import type { Limits } from "../limits.ts";
import type { Upload } from "../operations/operation.ts";
import type { JsonObject } from "../store/contract/rows.ts";
import { isV2 } from "./api-generation.ts";
import { requestedVersion } from "./api-version.ts";
import type { ApiRequest } from "./call.ts";
import { decodeForm, type FormText, shownName } from "./decode-form.ts";
import { decodeJson } from "./decode-json.ts";
import { decodeMultipart } from "./decode-multipart.ts";
import type { ParamsDecoder } from "./decode-params.ts";
import { idempotencyKeyOf } from "./idempotency.ts";

/** The content of a request, without its sender. */
export interface RequestContent {
  /** The version the request names; null when it names none. */
  apiVersion: ApiVersion | null;
  idempotencyKey: string | null;
  params: Record<string, unknown>;
  upload: Upload | null;
}

/** Why the content of a request is refused: an `ApiError`, or a bug. */
export interface Refusal {
  refusal: unknown;
}

/** What a multipart body contains. */
type Parts = Awaited<ReturnType<typeof decodeMultipart>>;

/** Parameters as sent, before they are checked against the operation's schema. */
interface SentParameters {
  sent: ReturnType<typeof decodeForm> | JsonObject;
  upload: Upload | null;
}

/** The call that a request makes. */
interface Called {
  method: string;
  path: string;
  upload?: string;
}

/**
 * Reads everything in a request except who sent it. A refusal is returned, not thrown: a caller without a valid key
 * must be told about the key first. The result is a promise only for a multipart body: nearly all requests are read at
 * once.
 */
export function readRequest(
  call: Called,
  request: ApiRequest,
  decodeParams: ParamsDecoder,
  limits: Limits,
): RequestContent | Refusal | Promise<RequestContent | Refusal> {
  const { body } = request;
  return body?.kind === "multipart"
    ? readInParts(body, call, request, decodeParams, limits)
    : readWith(null, call, request, decodeParams, limits);
}

async function readInParts(
  body: Parameters<typeof decodeMultipart>[0],
  call: Called,
  request: ApiRequest,
  decodeParams: ParamsDecoder,
  limits: Limits,
): Promise<RequestContent | Refusal> {
  try {
    refuseOtherTypes(call, request.body);
    return readWith(await decodeMultipart(body, limits), call, request, decodeParams, limits);
  } catch (refusal) {
    return { refusal };
  }
}

/** `parts`: those of a multipart body. */
function readWith(
  parts: Parts | null,
  call: Called,
  request: ApiRequest,
  decodeParams: ParamsDecoder,
  limits: Limits,
): RequestContent | Refusal {
  try {
    refuseOtherTypes(call, request.body);
    const inV2 = isV2(call.path);
    const query = inV2 ? withIndexes(request.query) : request.query;
    const { sent, upload } = readParameters(query, request.body, parts, call.upload, limits);
    const apiVersion = requestedVersion(request.stripeVersion);
    if (inV2 && apiVersion === null) throw apiError("api_version_missing", { version: LATEST_API_VERSION });
    return {
      apiVersion,
      idempotencyKey: idempotencyKeyOf(call, request.idempotencyKey, limits.idempotencyKeyChars),
      params: decodeParams(sent),
      upload,
    };
  } catch (refusal) {
    return { refusal };
  }
}

const CONTENT_TYPES = { form: "application/x-www-form-urlencoded", multipart: "multipart/form-data" };

/** The v2 API accepts only JSON bodies. */
function refuseOtherTypes({ path }: Called, body: ApiRequest["body"]): void {
  if (body !== null && body.kind !== "json" && isV2(path) && !isBlank(body))
    throw apiError("content_type_not_json", { type: CONTENT_TYPES[body.kind] });
}

/** Clients send the content type of a form even where they send no body. */
function isBlank(body: NonNullable<ApiRequest["body"]>): boolean {
  return body.kind !== "multipart" && body.text.trim() === "";
}

/**
 * A query of the v2 API with an index for each item of a list: older versions of the official SDKs repeat the bare
 * name, as in `include=identity&include=defaults`.
 */
function withIndexes(query: string): string {
  const pairs = query.split("&");
  const nameOf = (pair: string) => pair.split("=", 1)[0] ?? "";
  const times = new Map<string, number>();
  for (const pair of pairs) times.set(nameOf(pair), (times.get(nameOf(pair)) ?? 0) + 1);
  if (![...times].some(([name, count]) => count > 1 && /^\w+$/.test(name))) return query;
  const seen = new Map<string, number>();
  return pairs
    .map((pair) => {
      const name = nameOf(pair);
      if ((times.get(name) ?? 0) < 2 || !/^\w+$/.test(name)) return pair;
      const index = seen.get(name) ?? 0;
      seen.set(name, index + 1);
      return `${name}[${index}]${pair.slice(name.length)}`;
    })
    .join("&");
}

/** All parameters of a request, from its query and its body, and the uploaded file in the parameter `fileParam`. */
function readParameters(
  query: string,
  body: ApiRequest["body"],
  parts: Parts | null,
  fileParam: string | undefined,
  limits: Limits,
): SentParameters {
  const texts: FormText[] = [];
  if (query !== "") texts.push({ source: "query", text: queryText(query) });
  if (body?.kind === "form") texts.push({ source: "body", text: body.text });
  if (parts !== null && parts.form !== "") texts.push({ source: "body", text: parts.form });
  const form = decodeForm(texts, limits);
  const upload = parts?.uploads[0] ?? null;
  const second = parts?.uploads[1];
  if (upload !== null && upload.param !== fileParam) throw apiError("parameter_unknown", { param: shownName(upload.param) });
  if (upload !== null && (second !== undefined || Object.hasOwn(form, upload.param)))
    throw apiError("parameter_duplicate", { param: upload.param });
  if (body?.kind !== "json") return { sent: form, upload };
  const json = decodeJson(body.text, limits.jsonDepth);
  for (const [name, value] of Object.entries(form)) {
    if (Object.hasOwn(json, name)) throw apiError("parameter_duplicate", { param: name });
    (json as Record<string, unknown>)[name] = value;
  }
  return { sent: json, upload };
}

/** The query as text: Node.js returns each byte that is not ASCII as a separate character. */
function queryText(query: string): string {
  const bytes = Buffer.from(query, "latin1");
  if (!isUtf8(bytes)) throw apiError("request_malformed", { reason: "its query string is not valid UTF-8" });
  return bytes.toString("utf8");
}
