import { API_ERRORS, type ApiErrorBody, type ApiErrorName } from "@carabiner/protocol";
import type { AnsweredRequest } from "../../http/answered-request.ts";
import { isLook } from "../../http/request-log.ts";
import type { RequestError, RequestRow } from "../../store/contract/rows.ts";
import { keptAnswer } from "./kept-answer.ts";
import { isSecretParam, keptParams, keptQuery } from "./kept-params.ts";
import { pathWithIds, wholePath } from "./kept-path.ts";
import { masked, withoutKeys } from "./masked.ts";

/** How much of a request is remembered. */
export interface Remembering {
  /** A parameter's name as it may be stored. */
  showParam(param: string): string;
  /**
   * On a `dev` server: paths, parameters, answers and messages are kept, and requests without a valid key count as this
   * account's.
   */
  dev: { account: string; pathChars: number; paramsChars: number; answerChars: number } | null;
}

/** When a request was answered, as a row of the log has it. */
export type RequestTimes = Pick<RequestRow, "at" | "machineAt">;

/** Replaces a value in a message that the client may have sent, because it could be anything. */
const LEFT_OUT = "…";

/**
 * What is remembered of a request. Null for requests that only read, and for those without an account. Without `dev`
 * the only values kept from the client are its idempotency key and the ids in the path. Pure.
 */
export function rememberedRequest(answered: AnsweredRequest, times: RequestTimes, { showParam, dev }: Remembering): RequestRow | null {
  const { method, path: route, caller, sent } = answered;
  const strange = caller === null;
  if (strange ? dev === null || !/^\/v\d\//.test(route) : isLook(answered, answered.fromPage)) return null;
  const error = errorOf(answered, dev === null ? showParam : masked, dev !== null);
  const callerId = caller?.id ?? dev?.account ?? "";
  return {
    id: answered.id,
    ...times,
    callerId,
    livemode: caller?.livemode ?? false,
    accountId: answered.account ?? callerId,
    keyHint: caller?.keyHint ?? null,
    method,
    route,
    path: dev === null ? pathWithIds(sent.path, route) : wholePath(sent.path, dev.pathChars),
    status: answered.status,
    durationMs: answered.durationMs,
    idempotencyKey: answered.idempotencyKey === null ? null : withoutKeys(answered.idempotencyKey),
    replayOf: answered.replayOf,
    error,
    query: dev === null ? null : keptQuery(sent.query, dev.paramsChars),
    params: dev === null ? null : keptParams(sent.body, dev.paramsChars),
    answer: dev === null || answered.answerBody === null ? null : keptAnswer(withMessage(answered.answerBody, error), dev.answerChars),
  };
}

/** What went wrong. For a replayed answer only the body shows this, and the name in the table is unknown. */
function errorOf(
  { status, error, answerBody }: AnsweredRequest,
  showParam: (param: string) => string,
  whole: boolean,
): RequestError | null {
  if (status < 400 || answerBody === null) return null;
  const { type, code, message, param } = bodyOf(answerBody);
  const form = error === null ? undefined : API_ERRORS[error as ApiErrorName];
  return {
    name: error ?? "",
    type,
    code: code ?? null,
    param: param === undefined ? null : showParam(param),
    message:
      whole && !isSecretParam(param ?? "")
        ? masked(message)
        : safeMessage(form?.message ?? "", message, param === undefined ? undefined : showParam(param)),
  };
}

/** The body of an answer with the remembered message, if that message leaves out a value that is masked elsewhere. */
function withMessage(body: string, error: RequestError | null): string {
  if (error === null || !isSecretParam(error.param ?? "")) return body;
  const answer = JSON.parse(body) as ApiErrorBody;
  return JSON.stringify({ ...answer, error: { ...answer.error, message: error.message } });
}

/** OAuth's errors are a word and a description. */
function bodyOf(body: string): ApiErrorBody["error"] {
  const { error, error_description } = JSON.parse(body) as Partial<ApiErrorBody> & { error_description?: string };
  if (typeof error === "object") return error;
  return { type: "invalid_request_error", message: error_description ?? "", ...(error === undefined ? {} : { code: String(error) }) };
}

/**
 * A message of the table without the values that a client can choose. The kind of a missing object is our own word and
 * stays.
 */
function safeMessage(form: string, message: string, param: string | undefined): string {
  const missing = /^No such ([a-z ]+): /.exec(message)?.[1];
  const known: Record<string, string | undefined> = { param, object: missing };
  return form.replace(/\{(\w+)\}/g, (_, name: string) => known[name] ?? LEFT_OUT);
}
