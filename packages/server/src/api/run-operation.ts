import { isUtf8 } from "node:buffer";
import { ApiError, type ApiVersion, apiError, type IdSource } from "@carabiner/protocol";
import type { Clock } from "../clock/clock.ts";
import type { recordEvents } from "../events/record-event.ts";
import type { Limits } from "../limits.ts";
import type { Operation, OperationContext, Procedure, Settings, Upload } from "../operations/operation.ts";
import type { JsonObject, Reads, Store, Transaction } from "../store/store.ts";
import { defaultVersion, requestedVersion } from "./api-version.ts";
import { type Authentication, authenticate, keyOf } from "./authenticate.ts";
import { decodeForm, type FormText, shownName } from "./decode-form.ts";
import { decodeJson } from "./decode-json.ts";
import { decodeMultipart } from "./decode-multipart.ts";
import { compileParams, type ParamsDecoder } from "./decode-params.ts";
import { errorAnswer } from "./error-answer.ts";
import { type Expandables, expand } from "./expand.ts";
import { checkFingerprint, createKeysInUse, fingerprint, idempotencyKeyOf, idempotencyScope } from "./idempotency.ts";
import { readOnlyTransaction } from "./read-only-transaction.ts";
import { refuseActing } from "./refuse-acting.ts";
import { refuseReadOnly } from "./refuse-read-only.ts";
import { renderBody } from "./render-body.ts";

/** What the calls of the API work with. */
export interface ApiOptions {
  store: Store;
  clock: Clock;
  ids: IdSource;
  limits: Limits;
  settings: Settings;
  /** The one door for events: `events/record-event`. */
  recordEvents: typeof recordEvents;
  expandable: Expandables;
}

/** A request, as HTTP gave it. */
export interface ApiRequest {
  id: string;
  /** Without the query. */
  path: string;
  /** What stands in the path's `:name` places. */
  named: Readonly<Record<string, string>>;
  /** The query's text, in the characters of its bytes as Node gives them; empty when there is none. */
  query: string;
  body: { kind: "form" | "json"; text: string } | { kind: "multipart"; type: string; bytes: Uint8Array } | null;
  authorization: string | undefined;
  stripeAccount: string | undefined;
  stripeVersion: string | undefined;
  idempotencyKey: string | undefined;
  /** The address at the other end of the connection; null when it is gone. */
  clientIp: string | null;
}

/** What is answered, and what the log should know of it. */
export interface ApiAnswer {
  status: number;
  /** JSON. */
  body: string;
  /** The request this answers: another's when it is a replay. */
  requestId: string;
  replayed: boolean;
  /** The version the answer is rendered by; null when the request was refused before one was known. */
  apiVersion: ApiVersion | null;
  /** What `Stripe-Should-Retry` says; null leaves it out. */
  shouldRetry: boolean | null;
  /** What `Retry-After` says; null leaves it out. */
  retryAfterSeconds: number | null;
  /** For whom the request acted; null when that was not found out. */
  account: string | null;
  /** The error's name in the table, if it is one. */
  error: string | null;
  /** What was thrown and is no answer: for the log alone. */
  cause: unknown;
}

/** A call, ready to run: it never rejects, whatever happens becomes an answer. */
export type Call = (request: ApiRequest) => Promise<ApiAnswer>;

/** What can be said of a request without asking the store. */
interface Asked {
  apiVersion: ApiVersion | null;
  idempotencyKey: string | null;
  params: Record<string, unknown>;
  upload: Upload | null;
}

/** What a request gives, before it is compared with what the call takes. */
interface Read {
  given: ReturnType<typeof decodeForm> | JsonObject;
  upload: Upload | null;
}

/** What became of an operation that ran, or had run before. */
type Done = Pick<ApiAnswer, "status" | "body" | "requestId" | "replayed" | "error">;

/** An execution that has begun: from here on its answer is kept for its key. */
interface Begun {
  scope: string;
  key: string;
  fingerprint: string;
}

/**
 * Makes calls of operations. Each goes the same way: authenticate, check for whom the call is, decode, validate, look for a kept answer, operate,
 * expand, render, keep the answer. All that is asked of the store and told to it is one transaction, so an answer is
 * kept if and only if what it tells of happened.
 */
export function createCalls(options: ApiOptions): { ofOperation(operation: Operation): Call; ofProcedure(procedure: Procedure): Call } {
  const { store, clock, ids, limits, settings, expandable } = options;
  const keysInUse = createKeysInUse();

  return { ofOperation, ofProcedure };

  /** The call of a procedure: authenticate, decode, validate, perform. It is in no transaction, and no answer of it is kept. */
  function ofProcedure(procedure: Procedure): Call {
    const decodeParams = compileParams(procedure.params, limits);

    return async (request) => {
      const now = clock.now();
      let apiVersion: ApiVersion | null = null;
      let account: string | null = null;
      const told = { requestId: request.id, replayed: false };
      try {
        const key = keyOf(request.authorization);
        const authentication = await store.read((reads) => authenticate(reads, { key, stripeAccount: request.stripeAccount, now }));
        account = authentication.account.id;
        refuseActing(procedure, authentication);
        const asked = await ask(procedure, request, decodeParams);
        if ("refusal" in asked) throw asked.refusal;
        apiVersion = asked.apiVersion ?? defaultVersion(authentication.caller.apiVersion);
        const cause = { id: request.id, idempotencyKey: asked.idempotencyKey };
        const context = {
          ...authentication,
          now,
          apiVersion,
          request: cause,
          clientIp: request.clientIp,
          upload: null,
          ids,
          limits,
          settings,
        };
        const body = renderBody(await procedure.perform(context, asked.params, request.named));
        return { ...told, status: 200, body, apiVersion, account, shouldRetry: null, retryAfterSeconds: null, error: null, cause: null };
      } catch (thrown) {
        return { ...told, ...errorAnswer(thrown), apiVersion, account };
      }
    };
  }

  function ofOperation(operation: Operation): Call {
    const decodeParams = compileParams(operation.params, limits);

    return async (request) => {
      const now = clock.now();
      let authentication: Authentication | null = null;
      let apiVersion: ApiVersion | null = null;
      let begun: Begun | null = null;
      const asked = await ask(operation, request, decodeParams);

      /** Runs once or, when the store has to, again: what it assigns above it assigns anew. */
      async function work(tx: Transaction, key: string): Promise<Done> {
        begun = null;
        authentication = await authenticate(tx, { key, stripeAccount: request.stripeAccount, now, publishable: operation.publishable });
        refuseActing(operation, authentication);
        if (operation.method !== "GET") await refuseReadOnly(tx, authentication, request.named.account);
        if ("refusal" in asked) throw asked.refusal;
        apiVersion = asked.apiVersion ?? defaultVersion(authentication.caller.apiVersion);
        const { params, upload, idempotencyKey } = asked;
        if (idempotencyKey !== null) {
          const scope = idempotencyScope(authentication);
          keysInUse.take(scope, idempotencyKey, request.id);
          const wanted = fingerprint(
            operation.method,
            request.path,
            upload === null ? params : { ...params, [upload.param]: [upload.name, upload.sha256] },
          );
          begun = { scope, key: idempotencyKey, fingerprint: wanted };
          const kept = await tx.idempotentAnswer(scope, idempotencyKey, now - limits.idempotencyKeptMs);
          if (kept !== null) {
            begun = null;
            checkFingerprint(kept, wanted);
            return { status: kept.status, body: kept.body, requestId: kept.requestId, replayed: true, error: null };
          }
        }
        const cause = { id: request.id, idempotencyKey };
        const context: OperationContext = {
          tx,
          now,
          livemode: authentication.livemode,
          caller: authentication.caller,
          application: authentication.application,
          account: authentication.account,
          keyHint: authentication.keyHint,
          apiVersion,
          request: cause,
          clientIp: request.clientIp,
          upload,
          ids,
          limits,
          settings,
          record: (drafts) => options.recordEvents(tx, drafts, { now, ids, request: cause }),
        };
        const answer = await operation.run(context, params, request.named);
        if (answer instanceof ApiError) {
          const { status, body, error } = errorAnswer(answer);
          if (begun !== null) await keep(tx, begun, status, body);
          return { status, body, requestId: request.id, replayed: false, error };
        }
        const paths = params.expand as string[] | undefined;
        const body = renderBody(paths === undefined ? answer : await expand(answer, paths, expandable, context));
        if (begun !== null) await keep(tx, begun, 200, body);
        return { status: 200, body, requestId: request.id, replayed: false, error: null };
      }

      async function keep(tx: Transaction, { scope, key, fingerprint }: Begun, status: number, body: string): Promise<void> {
        await tx.insertIdempotentAnswer({ scope, key, fingerprint, status, body, requestId: request.id, created: now });
      }

      /** An answer that tells of an error. Kept if execution had begun, though what it had done is undone. */
      async function failed(thrown: unknown): Promise<ApiAnswer> {
        let answer = errorAnswer(thrown);
        const execution = begun as Begun | null;
        if (execution !== null && answer.status !== 503) {
          const { status, body } = answer;
          try {
            await store.transaction((tx) => keep(tx, execution, status, body));
          } catch (unkept) {
            answer = errorAnswer(unkept);
          }
        }
        const { status, body, shouldRetry, retryAfterSeconds, error, cause } = answer;
        return { ...about(), status, body, requestId: request.id, replayed: false, shouldRetry, retryAfterSeconds, error, cause };
      }

      function about() {
        const known = authentication as Authentication | null;
        return { apiVersion: apiVersion ?? ("refusal" in asked ? null : asked.apiVersion), account: known?.account.id ?? null };
      }

      try {
        const key = keyOf(request.authorization);
        const looksOnly = operation.method === "GET" || "refusal" in asked;
        const done = looksOnly
          ? await store.read((reads: Reads) => work(readOnlyTransaction(reads), key))
          : await store.transaction((tx) => work(tx, key));
        return { ...about(), ...done, shouldRetry: null, retryAfterSeconds: null, cause: null };
      } catch (thrown) {
        return await failed(thrown);
      } finally {
        release();
      }

      function release(): void {
        const known = authentication as Authentication | null;
        if ("refusal" in asked || asked.idempotencyKey === null || known === null) return;
        keysInUse.release(idempotencyScope(known), asked.idempotencyKey, request.id);
      }
    };
  }

  /**
   * Reads all of a request but who sent it. What is wrong with it is kept as a value: a caller without a good key is
   * told that first.
   */
  async function ask(
    operation: { method: string; upload?: string },
    request: ApiRequest,
    decodeParams: ParamsDecoder,
  ): Promise<Asked | { refusal: unknown }> {
    try {
      const { given, upload } = await read(request, operation.upload);
      return {
        apiVersion: requestedVersion(request.stripeVersion),
        idempotencyKey: idempotencyKeyOf(operation.method, request.idempotencyKey, limits.idempotencyKeyChars),
        params: decodeParams(given),
        upload,
      };
    } catch (refusal) {
      return { refusal };
    }
  }

  /** All parameters of a request, from its query and its body, and the file it brings in the parameter `takes`. */
  async function read({ query, body }: ApiRequest, takes: string | undefined): Promise<Read> {
    const texts: FormText[] = [];
    if (query !== "") texts.push({ source: "query", text: queryText(query) });
    if (body?.kind === "form") texts.push({ source: "body", text: body.text });
    const parts = body?.kind === "multipart" ? await decodeMultipart(body, limits) : { form: "", uploads: [] };
    if (parts.form !== "") texts.push({ source: "body", text: parts.form });
    const form = decodeForm(texts, limits);
    const [upload = null, second] = parts.uploads;
    if (upload !== null && upload.param !== takes) throw apiError("parameter_unknown", { param: shownName(upload.param) });
    if (upload !== null && (second !== undefined || Object.hasOwn(form, upload.param)))
      throw apiError("parameter_duplicate", { param: upload.param });
    if (body?.kind !== "json") return { given: form, upload };
    const json = decodeJson(body.text, limits.jsonDepth);
    for (const [name, value] of Object.entries(form)) {
      if (Object.hasOwn(json, name)) throw apiError("parameter_duplicate", { param: name });
      (json as Record<string, unknown>)[name] = value;
    }
    return { given: json, upload };
  }
}

/** The query as text: Node gives each byte that is not ASCII as a character of its own. */
function queryText(query: string): string {
  const bytes = Buffer.from(query, "latin1");
  if (!isUtf8(bytes)) throw apiError("request_malformed", { reason: "its query string is not valid UTF-8" });
  return bytes.toString("utf8");
}
