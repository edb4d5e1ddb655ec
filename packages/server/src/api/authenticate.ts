import { apiError } from "@carabiner/protocol";
import type { Operation } from "../operations/operation.ts";
import { EPHEMERAL_PREFIX, ephemeralKeyBy } from "../resources/access/ephemeral-key.ts";
import { keyHash } from "../resources/platforms/issue-keys.ts";
import { maskKey } from "../resources/platforms/mask-key.ts";
import type { AccountRow, ApplicationRow, KeyPermissions, KeyRow } from "../store/contract/rows.ts";
import type { Reads } from "../store/contract/transaction.ts";
import { actingAccount } from "./acting-account.ts";
import type { ApiRequest } from "./call.ts";
import { refuseUnpermitted } from "./refuse-unpermitted.ts";
import { keyOfSession, type SessionCredential } from "./session-credential.ts";

/** Who makes a request, and on whose behalf. */
export interface Authentication {
  /** Whose key it is. */
  caller: AccountRow;
  /** The caller's application, if it is a platform. */
  application: ApplicationRow | null;
  /** The account it acts for: the caller, or a connected account. */
  account: AccountRow;
  livemode: boolean;
  /** The key, masked for display. */
  keyHint: string;
  /** Identifies the key without being usable as one: its SHA-256. */
  keyHash: string;
  /** Whether the key itself is read-only: an access token of that scope. */
  readOnly: boolean;
  /** What the key may do, if it is a restricted one: see `refuse-unpermitted.ts`. */
  permissions: KeyPermissions | null;
  /** The only customer that the key reaches, if it is an ephemeral one: see `refuse-ephemeral.ts`. */
  onlyCustomer: string | null;
  /** The hash of the operator's key, if an operator acts for the platform in a session of the dashboard. */
  operator?: string;
}

/** Who made a request, in the form that is recorded. */
export function callerOf(authentication: Authentication | null): { id: string; livemode: boolean; keyHint: string } | null {
  if (authentication === null) return null;
  const { caller, livemode, keyHint } = authentication;
  return { id: caller.id, livemode, keyHint };
}

/** The longest key that is looked up. */
const KEY_CHARS = 255;

/**
 * The API key of an `Authorization` header: Bearer, or Basic with the key as user; the password is ignored.
 * Throws `api_key_missing` or `api_key_invalid`. Source: https://docs.stripe.com/api/authentication
 */
export function keyOf(authorization: string | undefined): string {
  const given = /^(bearer|basic) +(\S.*)$/i.exec(authorization ?? "");
  if (given === null) throw apiError("api_key_missing");
  const [, scheme, credentials] = given as unknown as [string, string, string];
  const key = scheme.toLowerCase() === "bearer" ? credentials.trim() : userOf(credentials);
  if (key === "") throw apiError("api_key_missing");
  if (key.length > KEY_CHARS) throw apiError("api_key_invalid", { key: maskKey(key) });
  return key;
}

/** The user part of Basic credentials. Source: RFC 7617 */
function userOf(credentials: string): string {
  const pair = Buffer.from(credentials, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return colon === -1 ? pair : pair.slice(0, colon);
}

/**
 * What a request authenticates with: its key, or else the session of the dashboard's page. Throws `api_key_missing` or
 * `api_key_invalid`.
 */
export function credentialOf({ authorization, session }: Pick<ApiRequest, "authorization" | "session">): string | SessionCredential {
  return authorization === undefined && session !== undefined ? session : keyOf(authorization);
}

/** Whose turn a request takes where work queues: its key's, or its session's. */
export function turnOf(credential: string | SessionCredential): string {
  if (typeof credential === "string") return credential;
  return credential.kind === "stored" ? credential.hash : credential.account;
}

/**
 * Whose turn a request takes that has neither a key nor a session: all such requests from one address share one turn.
 */
export function turnOfAddress(address: string | null): string {
  return `address ${address}`;
}

/**
 * Who the key belongs to and which account it acts for. Keys are found by their SHA-256: they are random and long, so a
 * slow hash would protect nothing, and no comparison of secrets takes a time that an attacker could measure. A session
 * acts with the key that opened it, or for the platform that its operator has chosen; a read-only operator may only
 * make calls that read. An access token that a platform got through OAuth stands for that platform, acting for the
 * account that granted it and for no other. A publishable key is accepted, or required, where the call sets
 * `publishable`. An ephemeral key is accepted where the calling code checks what it may do. A restricted key is
 * accepted for a `call` that it has the permission for. Throws `api_key_invalid` (also for a deleted account's key),
 * `api_key_expired`, `platform_api_key_expired`, `secret_key_required`, `publishable_key_required`, `account_invalid`,
 * `permission_missing`, `restricted_key_refused`, and what `keyOfSession` throws or `session_read_only`.
 */
export async function authenticate(reads: Reads, request: AuthenticationRequest): Promise<Authentication> {
  const { key } = request;
  if (typeof key === "string" && request.ephemeral === true && key.startsWith(EPHEMERAL_PREFIX))
    return authenticateEphemeral(reads, { ...request, key });
  const opened = typeof key === "string" ? null : await keyOfSession(reads, key, request.now);
  const row = opened === null ? await reads.keyByHash(hashOf(key as string, request.connection)) : opened.row;
  if (row === null) throw apiError("api_key_invalid", { key: maskKey(key as string) });
  const operator = opened?.operator ?? null;
  if (operator?.readOnly === true && request.call?.method !== "GET") throw apiError("session_read_only", { key: operator.hint });
  if (row.expiresAt !== null && row.expiresAt <= request.now)
    throw apiError(row.grant === null ? "api_key_expired" : "platform_api_key_expired", { key: row.hint });
  if (row.kind === "publishable" && (request.publishable ?? false) === false) throw apiError("secret_key_required");
  if (row.kind !== "publishable" && row.livemode && request.publishable === "required_in_live_mode")
    throw apiError("publishable_key_required");
  const caller = await reads.account(row.grant?.platformId ?? row.accountId);
  if (caller === null || caller.deleted) throw apiError("api_key_invalid", { key: row.hint });
  const application = await reads.application(caller.id, row.livemode);
  const named = actingFor(row, request.stripeAccount);
  const account = named === undefined ? caller : await actingAccount(reads, caller, named, row.livemode, row.hint);
  const authentication: Authentication = {
    caller,
    application,
    account,
    livemode: row.livemode,
    keyHint: row.hint,
    keyHash: row.hash,
    readOnly: row.grant?.scope === "read_only",
    permissions: row.kind === "restricted" ? (row.permissions ?? { direct: [], connect: [] }) : null,
    onlyCustomer: null,
  };
  if (operator !== null) authentication.operator = operator.hash;
  refuseUnpermitted(request.call ?? null, authentication);
  return authentication;
}

interface AuthenticationRequest {
  key: string | SessionCredential;
  stripeAccount: string | undefined;
  now: number;
  publishable?: Operation["publishable"] | undefined;
  ephemeral?: true;
  /** The call, which decides what permission a restricted key needs. Without it, restricted keys are refused. */
  call?: Pick<Operation, "method" | "path">;
  /** Represents the connection that the request came through. */
  connection?: object | undefined;
}

/** The hashes of the keys that came through connections last: most clients send the same key again and again. */
const LAST_HASHES = new WeakMap<object, { key: string; hash: string }>();

function hashOf(key: string, connection: object | undefined): string {
  if (connection === undefined) return keyHash(key);
  const last = LAST_HASHES.get(connection);
  if (last?.key === key) return last.hash;
  const hash = keyHash(key);
  LAST_HASHES.set(connection, { key, hash });
  return hash;
}

/** The same for a key that reaches one customer: it acts as the account that made it. */
async function authenticateEphemeral(
  reads: Reads,
  { key, stripeAccount, now }: AuthenticationRequest & { key: string },
): Promise<Authentication> {
  const keyHint = maskKey(key);
  const found = await ephemeralKeyBy(reads, key);
  if (found === null) throw apiError("api_key_invalid", { key: keyHint });
  const { row, state } = found;
  if (state.expiresAt <= now) throw apiError("api_key_expired", { key: keyHint });
  const caller = await reads.account(state.callerId);
  if (caller === null || caller.deleted) throw apiError("api_key_invalid", { key: keyHint });
  if (stripeAccount !== undefined && stripeAccount !== row.accountId)
    throw apiError("account_invalid", { key: keyHint, account: stripeAccount.slice(0, 64) });
  const { livemode } = row;
  const application = await reads.application(caller.id, livemode);
  const account = await actingAccount(reads, caller, row.accountId, livemode, keyHint);
  return {
    caller,
    application,
    account,
    livemode,
    keyHint,
    keyHash: keyHash(key),
    readOnly: false,
    permissions: null,
    onlyCustomer: state.customer,
  };
}

/** The account that a request names to act for; an access token implies its account. */
function actingFor({ grant, accountId, hint }: KeyRow, named: string | undefined): string | undefined {
  if (grant === null) return named;
  if (named !== undefined && named !== accountId) throw apiError("account_invalid", { key: hint, account: named.slice(0, 64) });
  return accountId;
}
