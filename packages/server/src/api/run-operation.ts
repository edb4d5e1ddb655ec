import { ApiError, type ApiVersion } from "@carabiner/protocol";
import { checkFiles, ownersOfFiles } from "../operations/check-files.ts";
import { type FileFinder, fileFinder } from "../operations/named-files.ts";
import type { Operation, OperationContext } from "../operations/operation.ts";
import { WrittenAnswer } from "../operations/written-answer.ts";
import type { JsonObject } from "../store/contract/rows.ts";
import type { Transaction } from "../store/contract/transaction.ts";
import { isV2 } from "./api-generation.ts";
import { defaultVersion } from "./api-version.ts";
import { type Authentication, authenticate, callerOf, credentialOf, turnOf } from "./authenticate.ts";
import type { ApiAnswer, ApiOptions, ApiRequest, Call } from "./call.ts";
import { compileParams, type ParamsDecoder } from "./decode-params.ts";
import { errorAnswer } from "./error-answer.ts";
import { expand } from "./expand.ts";
import { checkFingerprint, fingerprint, idempotencyScope, type KeysInUse } from "./idempotency.ts";
import { readOnlyTransaction } from "./read-only-transaction.ts";
import { type Refusal, type RequestContent, readRequest } from "./read-request.ts";
import { refuseActing } from "./refuse-acting.ts";
import { refuseEphemeral } from "./refuse-ephemeral.ts";
import { connectedAccountOf, refuseReadOnly } from "./refuse-read-only.ts";
import { refuseExpanded, refuseUnpermitted } from "./refuse-unpermitted.ts";
import { renderBody } from "./render-body.ts";

/** The dependencies of every run of one operation. */
interface Runner {
  operation: Operation;
  options: ApiOptions;
  keysInUse: KeysInUse;
  decodeParams: ParamsDecoder;
  findFiles: FileFinder;
}

/** A key, or the session of the dashboard's page. */
type Credential = ReturnType<typeof credentialOf>;

/** The answer of an operation that ran now or earlier. */
type Outcome = Pick<ApiAnswer, "status" | "body" | "requestId" | "replayed" | "error">;

/** The idempotency key of an execution. Once it is set, the answer is kept. */
interface Execution {
  scope: string;
  key: string;
  fingerprint: string;
}

/**
 * The progress of one request. Each step below reads what earlier steps found and adds its own findings. After a
 * failure it shows how far the request got.
 */
interface Progress {
  readonly request: ApiRequest;
  /** Unix milliseconds. */
  readonly now: number;
  readonly content: RequestContent | Refusal;
  authentication: Authentication | null;
  apiVersion: ApiVersion | null;
  execution: Execution | null;
}

/**
 * The call of an operation: read the request, then in one transaction authenticate, check permissions, look for a kept
 * answer, run, expand, render, keep the answer. So an answer is kept exactly when its changes were committed.
 */
export function operationCall(operation: Operation, options: ApiOptions, keysInUse: KeysInUse): Call {
  const { store, clock, limits } = options;
  const runner: Runner = {
    operation,
    options,
    keysInUse,
    decodeParams: compileParams(operation.params, limits, { bareLists: isV2(operation.path) && operation.method === "GET" }),
    findFiles: fileFinder(operation.params),
  };

  return async (request) => {
    const now = clock.now();
    const read = readRequest(operation, request, runner.decodeParams, limits);
    const content = read instanceof Promise ? await read : read;
    const progress: Progress = { request, now, content, authentication: null, apiVersion: null, execution: null };
    try {
      const key = credentialOf(request);
      const onlyReads = callMade(operation, request).method === "GET" || "refusal" in content;
      const outcome = onlyReads
        ? await store.read((reads) => runSteps(runner, progress, readOnlyTransaction(reads), key), turnOf(key))
        : await store.transaction((tx) => runSteps(runner, progress, tx, key), turnOf(key));
      return answerOf(progress, outcome);
    } catch (thrown) {
      return await answerFailure(runner, progress, thrown);
    } finally {
      if (progress.authentication !== null && progress.authentication.operator === undefined)
        options.onKeyUsed?.(progress.authentication.keyHash, now);
      releaseKey(runner, progress);
    }
  };
}

/** All steps in a transaction. They restart from the beginning when the store reruns the transaction. */
async function runSteps(runner: Runner, progress: Progress, tx: Transaction, key: Credential): Promise<Outcome> {
  progress.execution = null;
  const { operation } = runner;
  const { request, now } = progress;
  const call = callMade(operation, request);
  const authentication = await authenticate(tx, {
    key,
    stripeAccount: request.stripeAccount,
    now,
    publishable: operation.publishable,
    ephemeral: true,
    call,
    connection: request.connection,
  });
  progress.authentication = authentication;
  refuseActing(operation, authentication);
  const connected = call.method === "GET" ? null : connectedAccountOf(authentication, request.named.account);
  if (connected !== null) await refuseReadOnly(tx, authentication, connected);
  const content = checkContent(progress, authentication);
  refuseEphemeral(operation, authentication, request.named, content.params);
  const known: KnownRequest = { authentication, content };
  const { idempotencyKey } = content;
  const replay = idempotencyKey === null ? null : await takeIdempotencyKey(runner, progress, tx, known, idempotencyKey);
  if (replay !== null) return replay;
  const outcome = await execute(runner, progress, tx, known);
  if (progress.execution !== null) await keepAnswer(progress, progress.execution, tx, outcome);
  return outcome;
}

/** The call whose permissions a request needs. */
const callMade = (operation: Operation, { named }: ApiRequest): Pick<Operation, "method" | "path"> =>
  operation.writes?.when(named) === true ? operation.writes.as : operation;

/** The content of the request, once its sender may learn about errors in it. */
function checkContent(progress: Progress, { caller }: Authentication): RequestContent {
  const { content } = progress;
  if ("refusal" in content) throw content.refusal;
  progress.apiVersion = content.apiVersion ?? defaultVersion(caller.apiVersion);
  return content;
}

interface KnownRequest {
  authentication: Authentication;
  content: RequestContent;
}

/** Takes the request's idempotency key. Returns the answer that is kept for it, or null. */
async function takeIdempotencyKey(
  { operation, options, keysInUse }: Runner,
  progress: Progress,
  tx: Transaction,
  { authentication, content: { params, upload } }: KnownRequest,
  key: string,
): Promise<Outcome | null> {
  const { request, now } = progress;
  const scope = idempotencyScope(authentication);
  keysInUse.take(scope, key, request.id);
  const compared = upload === null ? params : { ...params, [upload.param]: [upload.name, upload.sha256] };
  const wanted = fingerprint(operation.method, request.path, compared);
  const kept = await tx.idempotentAnswer(scope, key, now - options.limits.idempotencyKeptMs);
  if (kept === null) {
    progress.execution = { scope, key, fingerprint: wanted };
    return null;
  }
  checkFingerprint(kept, wanted);
  if (authentication.permissions !== null) refuseExpanded(JSON.parse(kept.body) as JsonObject, expandOf(params), authentication);
  return { status: kept.status, body: kept.body, requestId: kept.requestId, replayed: true, error: null };
}

/** Runs the operation, then expands and renders its answer. */
async function execute(
  { operation, options, findFiles }: Runner,
  progress: Progress,
  tx: Transaction,
  { authentication, content: { idempotencyKey, params, upload } }: KnownRequest,
): Promise<Outcome> {
  const { request, now } = progress;
  const { ids, limits, settings, expandable } = options;
  const cause = { id: request.id, idempotencyKey };
  const context: OperationContext = {
    tx,
    now,
    livemode: authentication.livemode,
    caller: authentication.caller,
    application: authentication.application,
    account: authentication.account,
    keyHint: authentication.keyHint,
    keyHash: authentication.keyHash,
    apiVersion: progress.apiVersion as ApiVersion,
    request: cause,
    byOperator: authentication.operator !== undefined,
    checkMay: (call) => {
      refuseEphemeral(call, authentication, request.named, params);
      refuseUnpermitted(call, authentication);
    },
    clientIp: request.clientIp,
    upload,
    ids,
    limits,
    settings,
    record: (drafts) => options.recordEvents(tx, drafts, { now, ids, request: cause }),
  };
  const files = findFiles(params);
  if (files.length > 0) await checkFiles(context, files, await ownersOfFiles(context, request.named.account));
  const answer = await operation.run(context, params, request.named);
  const requestId = request.id;
  if (answer instanceof ApiError) {
    const { status, body, error } = errorAnswer(answer, operation.path, params);
    return { status, body, requestId, replayed: false, error };
  }
  const paths = expandOf(params);
  if (paths.length === 0) {
    const body = answer instanceof WrittenAnswer ? answer.text : renderBody(answer);
    return { status: 200, body, requestId, replayed: false, error: null };
  }
  const named = answer instanceof WrittenAnswer ? answer.read() : answer;
  const shown = await expand(named, paths, expandable, context, operation);
  refuseExpanded(shown, paths, authentication);
  return { status: 200, body: renderBody(shown), requestId, replayed: false, error: null };
}

/** The paths that a request asks to expand. */
const expandOf = (params: RequestContent["params"]): readonly string[] => (params.expand as string[] | undefined) ?? [];

/** The account whose data an answer shows: the account in the path, or the account that the call made. */
function accountShown({ named }: ApiRequest, body: string): string | null {
  return named.account ?? /^\{\s*"id":\s*"(acct_\w+)"/.exec(body)?.[1] ?? null;
}

/** Keeps an answer for the key of its execution. */
async function keepAnswer(
  { request, now }: Progress,
  { scope, key, fingerprint }: Execution,
  tx: Transaction,
  { status, body }: Pick<Outcome, "status" | "body">,
): Promise<void> {
  const about = accountShown(request, body);
  await tx.insertIdempotentAnswer({ scope, key, fingerprint, status, body, requestId: request.id, created: now, about });
}

/** The answer to a failed request. It is kept if execution had begun, although its changes are undone. */
async function answerFailure({ operation, options: { store } }: Runner, progress: Progress, thrown: unknown): Promise<ApiAnswer> {
  const { content, execution } = progress;
  let answer = errorAnswer(thrown, operation.path, "refusal" in content ? {} : content.params);
  // The v2 API runs a failed request again. Source: https://docs.stripe.com/api-v2-overview
  if (execution !== null && answer.status !== 503 && !isV2(operation.path)) {
    const { status, body } = answer;
    try {
      await store.transaction((tx) => keepAnswer(progress, execution, tx, { status, body }), turnOf(credentialOf(progress.request)));
    } catch (notKept) {
      answer = errorAnswer(notKept, operation.path);
    }
  }
  const { status, body, shouldRetry, retryAfterSeconds, error, cause } = answer;
  const own = { requestId: progress.request.id, replayed: false };
  return { ...knownOf(progress), ...own, status, body, shouldRetry, retryAfterSeconds, error, cause };
}

/**
 * Written field by field, because every call makes one: spreading other objects into it takes several times as long.
 */
function answerOf(progress: Progress, { status, body, requestId, replayed, error }: Outcome): ApiAnswer {
  const { apiVersion, account, caller } = knownOf(progress);
  return { status, body, requestId, replayed, apiVersion, shouldRetry: null, retryAfterSeconds: null, account, caller, error, cause: null };
}

/** What any answer to a request reports about the request. */
function knownOf({ apiVersion, content, authentication }: Progress): Pick<ApiAnswer, "apiVersion" | "account" | "caller"> {
  return {
    apiVersion: apiVersion ?? ("refusal" in content ? null : content.apiVersion),
    account: authentication?.account.id ?? null,
    caller: callerOf(authentication),
  };
}

function releaseKey({ keysInUse }: Runner, { authentication, content, request }: Progress): void {
  if ("refusal" in content || content.idempotencyKey === null || authentication === null) return;
  keysInUse.release(idempotencyScope(authentication), content.idempotencyKey, request.id);
}
