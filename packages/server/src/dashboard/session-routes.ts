import { apiError } from "@carabiner/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { compileParams, type ParamsDecoder } from "../api/decode-params.ts";
import { isEncrypted } from "../api/is-encrypted.ts";
import { chosenPlatform, openOperator, openSession, validOperator } from "../api/session-credential.ts";
import { listPlatforms } from "../console/operator-platforms.ts";
import { pageProperties, params } from "../operations/parameters.ts";
import { bodyOf, queryOf, textOf } from "../pages/read-request.ts";
import { keyHash } from "../resources/platforms/issue-keys.ts";
import { isOperatorKey } from "../resources/platforms/manage-operators.ts";
import { maskKey } from "../resources/platforms/mask-key.ts";
import type { AccountRow, JsonObject, KeyRow, OperatorRow } from "../store/contract/rows.ts";
import type { DashboardSessionRow } from "../store/contract/session-store.ts";
import type { Reads } from "../store/contract/transaction.ts";
import { type OperatorSessionOptions, onBehalfOfAddress, operatorOf, operatorSigningIn, recordSigning } from "./operator-sessions.ts";
import { isLoopbackName } from "./own-host.ts";
import { sessionCookie, setSessionCookie } from "./session-cookie.ts";
import { isOnThisMachine, liveSince, platformNamed, refuseOtherSites, type SessionRules, type SessionSource } from "./session-of.ts";
import type { SignIns } from "./sign-ins.ts";

/** What signing in and out needs. */
export interface SessionRoutesOptions extends OperatorSessionOptions {
  ids: { secret(length: number): string };
  signIns: SignIns;
  /** The page asked who is signed in. That counts as a use of the session, like any other request. */
  used(hash: string, request: FastifyRequest): void;
  /** Called when an operator signs in. */
  onOperator(operator: OperatorRow, now: number): void;
}

/** Random characters of a cookie: 190 bits. */
const COOKIE_CHARS = 32;

/** The path at which sessions are opened, shown and closed. */
const SESSION_PATH = "/console/session";

/** The path at which operators find the platforms that they can choose. */
const PLATFORMS_PATH = "/console/session/platforms";

/** The routes, for the document of all routes. */
export const SESSION_ROUTES = [
  ...(["GET", "POST", "DELETE"] as const).map((method) => ({ method, path: SESSION_PATH })),
  { method: "GET", path: PLATFORMS_PATH } as const,
];

/**
 * Adds the routes to sign in, to see who is signed in, and to sign out. They are for the dashboard's page and are not
 * operations: they take a cookie instead of a key.
 */
export function addSessionRoutes(app: FastifyInstance, options: SessionRoutesOptions): void {
  const of = (request: FastifyRequest) => onBehalfOfAddress(options, request);
  app.get(SESSION_PATH, (request, reply) => show(of(request), request, reply));
  app.post(SESSION_PATH, (request, reply) => signIn(of(request), request, reply));
  app.delete(SESSION_PATH, (request, reply) => signOut(of(request), request, reply));
  const pageOf = compileParams(params(pageProperties), options.limits);
  app.get(PLATFORMS_PATH, (request, reply) => platforms(of(request), request, reply, pageOf));
}

/** Who is signed in. On its own machine, a `dev` server does not require signing in. */
async function show(options: SessionRoutesOptions, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { store, settings, devAccount } = options;
  refuseOtherSites(settings, request);
  const cookie = sessionCookie(request, settings);
  const answer = await store.read(async (reads) => {
    const row = cookie === null ? null : await sessionNow(reads, options, cookie);
    if (row !== null && row.operatorKey !== null) await openOperator(reads, row, isEncrypted(request), options.clock.now());
    if (row !== null) {
      options.used(row.hash, request);
      return signedIn(reads, options, row, request);
    }
    return devAccount !== null && isOnThisMachine(settings, request) ? developmentAnswer(reads, devAccount) : null;
  });
  if (cookie !== null && (answer?.signed_in_with ?? null) === null) setSessionCookie(reply, settings, "");
  if (answer === null) throw apiError(cookie === null ? "session_missing" : "session_ended");
  return sendJson(reply, answer);
}

/** Opens a session with the key of the body. Each has a new cookie, so that nobody can know it in advance. */
async function signIn(options: SessionRoutesOptions, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { store, settings, limits, clock, ids, signIns, clientAddress } = options;
  refuseOtherSites(settings, request);
  const publicUrl = new URL(settings.publicUrl());
  if (publicUrl.protocol !== "https:" && !isLoopbackName(publicUrl.hostname))
    throw apiError("sign_in_insecure", { url: settings.publicUrl() });
  const key = textOf(bodyOf(request, limits) as JsonObject, "key");
  if (key === undefined) throw apiError("parameter_missing", { param: "key" });
  const now = Math.floor(clock.wallNow());
  signIns.admit(clientAddress(request), now);
  const cookie = sessionCookie(request, settings);
  const value = ids.secret(COOKIE_CHARS);
  const { row, answer, operator } = await store.read(async (reads) => {
    const operator = isOperatorKey(key) ? await operatorSigningIn(reads, request, key, clock.now()) : null;
    const before = cookie === null ? null : await sessionNow(reads, options, cookie);
    const opened: DashboardSessionRow = {
      hash: keyHash(value),
      ...(operator === null
        ? { ...(await withOtherMode(reads, await ownKey(reads, key, clock.now()), before)), operatorKey: null }
        : { testKey: null, liveKey: null, operatorKey: operator.hash }),
      created: now,
      seenAt: now,
    };
    return { row: opened, answer: await signedIn(reads, options, opened, request), operator };
  });
  if (operator !== null) {
    await recordSigning(options, request, "operator.signed_in", operator);
    options.onOperator(operator, clock.now());
  }
  const { createdSince: createdBefore, seenSince: seenBefore } = liveSince(options);
  await store.sessions.insert(row, { createdBefore, seenBefore });
  if (cookie !== null) await store.sessions.delete(keyHash(cookie));
  setSessionCookie(reply, settings, value);
  return sendJson(reply, answer);
}

async function signOut(options: SessionRoutesOptions, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { store, settings } = options;
  refuseOtherSites(settings, request);
  const cookie = sessionCookie(request, settings);
  const row = cookie === null ? null : await store.read((reads) => sessionNow(reads, options, cookie));
  const operator = row === null ? null : await store.read((reads) => validOperator(reads, row, options.clock.now()));
  if (operator !== null) await recordSigning(options, request, "operator.signed_out", operator);
  if (cookie !== null) await store.sessions.delete(keyHash(cookie));
  setSessionCookie(reply, settings, "");
  return sendJson(reply, { object: "session", deleted: true });
}

/** The platforms of the server, for an operator to choose one. */
async function platforms(
  options: SessionRoutesOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  pageOf: ParamsDecoder,
): Promise<FastifyReply> {
  const { store, settings, limits } = options;
  refuseOtherSites(settings, request);
  const page = pageOf(queryOf(request, limits));
  const answer = await store.read(async (reads) => {
    const operator = await operatorOf(reads, options, request);
    if (operator === null) throw apiError("session_missing");
    return listPlatforms(reads, PLATFORMS_PATH, page, limits);
  });
  return sendJson(reply, { ...answer });
}

/** The open session of a cookie; null if it has ended, or its keys have. */
async function sessionNow(reads: Reads, rules: SessionRules, cookie: string): Promise<DashboardSessionRow | null> {
  const row = await openSession(reads, { hash: keyHash(cookie), ...liveSince(rules) });
  if (row === null) return null;
  if (row.operatorKey !== null) return (await validOperator(reads, row, rules.clock.now())) === null ? null : row;
  return (await keysOf(reads, row, rules.clock.now())).length > 0 ? row : null;
}

/**
 * The secret key that was sent. It must belong to an account, and not to a connection. Throws what a call with it
 * would.
 */
async function ownKey(reads: Reads, key: string, now: number): Promise<KeyRow> {
  const row = await reads.keyByHash(keyHash(key));
  if (row === null || row.grant !== null) throw apiError("api_key_invalid", { key: maskKey(key) });
  if (row.kind === "publishable") throw apiError("secret_key_required");
  if (row.expiresAt !== null && row.expiresAt <= now) throw apiError("api_key_expired", { key: row.hint });
  const account = await reads.account(row.accountId);
  if (account === null || account.deleted) throw apiError("api_key_invalid", { key: row.hint });
  return row;
}

/** The keys of a new session: the one that was sent, and the key for the other mode that the browser already had. */
async function withOtherMode(
  reads: Reads,
  key: KeyRow,
  before: DashboardSessionRow | null,
): Promise<Pick<DashboardSessionRow, "testKey" | "liveKey">> {
  const known = key.livemode ? (before?.testKey ?? null) : (before?.liveKey ?? null);
  const other = known === null ? null : await reads.keyByHash(known);
  const kept = other?.accountId === key.accountId ? other.hash : null;
  return key.livemode ? { liveKey: key.hash, testKey: kept } : { testKey: key.hash, liveKey: kept };
}

/** The keys of a session that are still valid. */
async function keysOf(reads: Reads, { testKey, liveKey }: DashboardSessionRow, now: number): Promise<KeyRow[]> {
  const valid: KeyRow[] = [];
  for (const hash of [testKey, liveKey]) {
    const row = hash === null ? null : await reads.keyByHash(hash);
    if (row !== null && (row.expiresAt === null || row.expiresAt > now)) valid.push(row);
  }
  return valid;
}

/** Who has the session of a request. An operator sees the platform that the request names, or no platform yet. */
async function signedIn(
  reads: Reads,
  { limits, clock, devAccount }: SessionRoutesOptions,
  row: DashboardSessionRow,
  request: SessionSource,
): Promise<JsonObject> {
  const ends = {
    ends_at: Math.floor((row.created + limits.dashboardSessionMs) / 1_000),
    idle_seconds: Math.floor(limits.dashboardIdleMs / 1_000),
  };
  const operator = await validOperator(reads, row, clock.now());
  if (operator !== null) {
    const named = platformNamed(request);
    const chosen = named === null ? null : await chosenPlatform(reads, named);
    return {
      object: "session",
      signed_in_with: "operator_key",
      development: devAccount !== null,
      ...(chosen === null ? { account: null, name: null } : await accountOf(reads, chosen)),
      modes: ["test", "live"],
      keys: [operator.hint],
      operator: operator.name,
      read_only: operator.readOnly,
      ...ends,
    };
  }
  const valid = await keysOf(reads, row, clock.now());
  return {
    object: "session",
    signed_in_with: "key",
    development: devAccount !== null,
    ...(await accountOf(reads, valid[0]?.accountId ?? "")),
    modes: valid.map(({ livemode }) => (livemode ? "live" : "test")),
    keys: valid.map(({ hint }) => hint),
    operator: null,
    read_only: false,
    ...ends,
  };
}

async function developmentAnswer(reads: Reads, account: string): Promise<JsonObject> {
  return {
    object: "session",
    signed_in_with: null,
    development: true,
    ...(await accountOf(reads, account)),
    modes: ["test", "live"],
    keys: [],
    operator: null,
    read_only: false,
    ends_at: null,
    idle_seconds: null,
  };
}

/** The platform that the page shows, and the name of its application. */
async function accountOf(reads: Reads, id: string): Promise<JsonObject> {
  const row: AccountRow | null = await reads.account(id);
  const application = await reads.application(id, false);
  return { account: row?.id ?? id, name: application?.name ?? null };
}

function sendJson(reply: FastifyReply, answer: JsonObject): FastifyReply {
  return reply.headers({ "content-type": "application/json", "cache-control": "no-store" }).send(JSON.stringify(answer));
}
