import { apiError } from "@carabiner/protocol";
import { keyHash } from "../resources/platforms/issue-keys.ts";
import type { KeyRow, OperatorRow } from "../store/contract/rows.ts";
import type { DashboardSessionRow } from "../store/contract/session-store.ts";
import type { Reads } from "../store/contract/transaction.ts";

/** What the dashboard's page uses to authenticate instead of a key, and the mode it asks for. */
export type SessionCredential = StoredSession | DevelopmentSession;

/** The session of a browser that has signed in. */
export interface StoredSession {
  kind: "stored";
  /** SHA-256 of its cookie, in hex. */
  hash: string;
  livemode: boolean;
  /**
   * The platform that an operator's request is for; null when it names no platform. Other sessions already have a
   * platform.
   */
  platform: string | null;
  /** Whether the request arrived encrypted, or from this machine: otherwise no operator is accepted. */
  encrypted: boolean;
  /** Sessions that were opened or last used before these times have ended. Unix milliseconds. */
  createdSince: number;
  seenSince: number;
}

/** A browser on the machine of a `dev` server. It may use the server's platform without signing in. */
export interface DevelopmentSession {
  kind: "development";
  account: string;
  livemode: boolean;
}

/** How the request log shows requests of a page without its own session. */
const DEVELOPMENT_HINT = "dashboard";

/** The longest id of a platform that is looked up. */
const PLATFORM_CHARS = 64;

/** What a session acts with: a key, and the operator who signed in, if any. */
interface SessionKey {
  row: KeyRow;
  operator: OperatorRow | null;
}

/**
 * What a session acts with in the mode it asks for. Throws `session_ended`, `session_mode_missing`, and for operators
 * `sign_in_not_encrypted`, `session_platform_missing` and `resource_missing`.
 */
export async function keyOfSession(reads: Reads, asked: SessionCredential, now: number): Promise<SessionKey> {
  if (asked.kind === "development") return { row: developmentKey(asked), operator: null };
  const session = await openSession(reads, asked);
  if (session === null) throw apiError("session_ended");
  if (session.operatorKey !== null) return keyForOperator(reads, await openOperator(reads, session, asked.encrypted, now), asked);
  const hash = asked.livemode ? session.liveKey : session.testKey;
  if (hash === null) throw apiError("session_mode_missing", { mode: asked.livemode ? "live" : "test" });
  const key = await reads.keyByHash(hash);
  if (key === null) throw apiError("session_ended");
  return { row: key, operator: null };
}

/**
 * The operator of an operator's session, which ends with the operator's key. Throws `session_ended` or
 * `sign_in_not_encrypted`.
 */
export async function openOperator(
  reads: Pick<Reads, "operatorByHash">,
  session: Pick<DashboardSessionRow, "operatorKey">,
  encrypted: boolean,
  now: number,
): Promise<OperatorRow> {
  const operator = await validOperator(reads, session, now);
  if (operator === null) throw apiError("session_ended");
  if (!encrypted) throw apiError("sign_in_not_encrypted");
  return operator;
}

/** The operator of a session; null if it is not an operator's, or their key has ended. */
export async function validOperator(
  reads: Pick<Reads, "operatorByHash">,
  { operatorKey }: Pick<DashboardSessionRow, "operatorKey">,
  now: number,
): Promise<OperatorRow | null> {
  const operator = operatorKey === null ? null : await reads.operatorByHash(operatorKey);
  return operator === null || (operator.expiresAt !== null && operator.expiresAt <= now) ? null : operator;
}

/** The platform that an operator has chosen; null if no platform has this id. */
export async function chosenPlatform(reads: Pick<Reads, "account" | "application">, id: string): Promise<string | null> {
  if (id.length > PLATFORM_CHARS) return null;
  const row = await reads.account(id);
  return row === null || row.deleted || (await reads.application(id, false)) === null ? null : row.id;
}

/** The session of a browser; null if the browser has no open session. */
export async function openSession(
  reads: Pick<Reads, "dashboardSession">,
  { hash, createdSince, seenSince }: Pick<StoredSession, "hash" | "createdSince" | "seenSince">,
): Promise<DashboardSessionRow | null> {
  const session = await reads.dashboardSession(hash);
  return session === null || session.created < createdSince || session.seenAt < seenSince ? null : session;
}

/**
 * Takes the place of a secret key of the platform that an operator has chosen. No store contains it, and nothing else
 * has its hash.
 */
async function keyForOperator(reads: Reads, operator: OperatorRow, { platform, livemode }: StoredSession): Promise<SessionKey> {
  if (platform === null) throw apiError("session_platform_missing");
  const accountId = await chosenPlatform(reads, platform);
  if (accountId === null)
    throw apiError("resource_missing", { object: "platform", id: platform.slice(0, PLATFORM_CHARS), param: "Carabiner-Platform" });
  const hash = keyHash(`operator ${operator.hash} ${accountId} ${livemode}`);
  const { hint, created, expiresAt } = operator;
  return {
    row: { hash, accountId, livemode, kind: "secret", hint, created, expiresAt, grant: null, permissions: null },
    operator,
  };
}

/** Takes the place of a key. No store contains it, and nothing else has its hash. */
function developmentKey({ account, livemode }: DevelopmentSession): KeyRow {
  return {
    hash: keyHash(`${DEVELOPMENT_HINT} ${account} ${livemode}`),
    accountId: account,
    livemode,
    kind: "secret",
    hint: DEVELOPMENT_HINT,
    created: 0,
    expiresAt: null,
    grant: null,
    permissions: null,
  };
}
