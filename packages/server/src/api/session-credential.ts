import { apiError } from "@carabiner/protocol";
import { keyHash } from "../resources/platforms/issue-keys.ts";
import type { KeyRow } from "../store/contract/rows.ts";
import type { DashboardSessionRow } from "../store/contract/session-store.ts";
import type { Reads } from "../store/contract/transaction.ts";

/** What the dashboard's page authenticates with in place of a key, and the mode it asks for. */
export type SessionCredential = StoredSession | DevelopmentSession;

/** The session of a browser that has signed in. */
export interface StoredSession {
  kind: "stored";
  /** SHA-256 of its cookie, in hex. */
  hash: string;
  livemode: boolean;
  /** Sessions that were opened before this, or last used before that, have ended. Unix milliseconds. */
  createdSince: number;
  seenSince: number;
}

/** A browser on the machine of a `dev` server, whose platform it may use without signing in. */
export interface DevelopmentSession {
  kind: "development";
  account: string;
  livemode: boolean;
}

/** How requests of a page without a session of its own show in the request log. */
const DEVELOPMENT_HINT = "dashboard";

/**
 * The key that a session acts with in the mode it asks for. Throws `session_ended` and `session_mode_missing`.
 */
export async function keyOfSession(reads: Pick<Reads, "dashboardSession" | "keyByHash">, asked: SessionCredential): Promise<KeyRow> {
  if (asked.kind === "development") return developmentKey(asked);
  const session = await openSession(reads, asked);
  if (session === null) throw apiError("session_ended");
  const hash = asked.livemode ? session.liveKey : session.testKey;
  if (hash === null) throw apiError("session_mode_missing", { mode: asked.livemode ? "live" : "test" });
  const key = await reads.keyByHash(hash);
  if (key === null) throw apiError("session_ended");
  return key;
}

/** The session of a browser; null if there is none that is still open. */
export async function openSession(
  reads: Pick<Reads, "dashboardSession">,
  { hash, createdSince, seenSince }: Pick<StoredSession, "hash" | "createdSince" | "seenSince">,
): Promise<DashboardSessionRow | null> {
  const session = await reads.dashboardSession(hash);
  return session === null || session.created < createdSince || session.seenAt < seenSince ? null : session;
}

/** Stands for a key: it is in no store, and nothing else has its hash. */
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
