import type { ChangeContext } from "../../operations/operation.ts";
import type { ObjectRow } from "../../store/contract/rows.ts";
import type { Reads, Transaction } from "../../store/contract/transaction.ts";
import { insertUntil } from "../access/forget-task.ts";
import { bySecret, keeping, kept, newSecret } from "../access/secret-row.ts";

/**
 * The purpose of the pages behind a link: to provide due information, to update known information, or to view the
 * account.
 */
export type LinkPurpose = "account_onboarding" | "account_update" | "login";

/** The target of a link. Its row holds the account, and the platform that created it as parent. */
export interface LinkState {
  purpose: LinkPurpose;
  /** Unix milliseconds. */
  expiresAt: number;
  used: boolean;
  /** Where the user goes afterwards, and where an unusable link leads. Null for a login link. */
  returnUrl: string | null;
  refreshUrl: string | null;
  /** The requirements to ask for. */
  fields: "currently_due" | "eventually_due";
  future: boolean;
  /** Set for a link that the v2 API made: the platform is notified when its user returns. */
  inV2?: LinkInV2 | undefined;
}

/** What a link of the v2 API is for. */
export interface LinkInV2 {
  /** The configurations that the call named; null means those that the account has when its user returns. */
  configurations: readonly string[] | null;
}

/** A browser session opened by a link, with the link's data, under a name that the pages' URLs contain. */
export interface SessionState extends LinkState {
  /** The session's name in the pages' URLs; not a secret. */
  name: string;
  /** Whether its user has returned to the platform, which is reported only once. */
  returned?: boolean;
}

const LINK = "account_link";
const SESSION = "page_session";

/** Creates a link. Returns the secret at the end of its URL. */
export async function makeLink(
  { tx, now, ids, livemode, limits }: Pick<ChangeContext, "tx" | "now" | "ids" | "livemode" | "limits">,
  { accountId, platformId, ...link }: Omit<LinkState, "used" | "expiresAt"> & { accountId: string; platformId: string },
): Promise<{ secret: string; expiresAt: number }> {
  const { secret, id } = newSecret(ids, "");
  const state: LinkState = { ...link, used: false, expiresAt: now + limits.pageLinkMs };
  const row: ObjectRow = { id, object: LINK, accountId, livemode, parent: platformId, created: now, data: keeping(state) };
  await insertUntil(tx, row, now + limits.pageLinkKeptMs);
  return { secret, expiresAt: state.expiresAt };
}

/** A link or a session with its row. */
export interface Followed<State> {
  row: ObjectRow;
  state: State;
}

/** The link for the secret in a URL; null when it does not exist or belongs to another account. */
export async function linkBy(reads: Reads, accountId: string, secret: string): Promise<Followed<LinkState> | null> {
  const row = await bySecret(reads, LINK, secret);
  return row === null || row.accountId !== accountId ? null : { row, state: kept<LinkState>(row) };
}

/**
 * Consumes a link, and opens the pages to the browser that followed it. Null when the link is unusable: it was used,
 * has expired, or its account no longer belongs to the platform.
 */
export async function followLink(
  { tx, now, ids, limits }: Pick<ChangeContext, "tx" | "now" | "ids" | "limits">,
  { row, state }: Followed<LinkState>,
): Promise<{ name: string; cookie: string } | null> {
  if (state.used || now >= state.expiresAt || !(await isOpen(tx, row))) return null;
  await tx.updateObject({ ...row, data: keeping({ ...state, used: true } satisfies LinkState) });
  const { secret: cookie, id } = newSecret(ids, "");
  const session: SessionState = { ...state, used: true, expiresAt: now + limits.pageSessionMs, name: ids.secret(NAME_CHARS) };
  const { accountId, livemode, parent } = row;
  await insertUntil(tx, { id, object: SESSION, accountId, livemode, parent, created: now, data: keeping(session) }, session.expiresAt);
  return { name: session.name, cookie };
}

/** The session a browser presents, if the URL names it and it is still open. */
export async function sessionBy(
  reads: Reads,
  name: string,
  cookie: string | undefined,
  now: number,
): Promise<Followed<SessionState> | null> {
  const row = cookie === undefined ? null : await bySecret(reads, SESSION, cookie);
  if (row === null) return null;
  const state = kept<SessionState>(row);
  return state.name === name && now < state.expiresAt && (await isOpen(reads, row)) ? { row, state } : null;
}

/** Whether the account exists, and is connected to the platform in the link's mode. */
async function isOpen(reads: Reads | Transaction, { accountId, parent, livemode }: ObjectRow): Promise<boolean> {
  const account = await reads.account(accountId);
  if (account === null || account.deleted || parent === null) return false;
  return (await reads.connections(parent, accountId)).some((connection) => connection.livemode || !livemode);
}

/** Random characters of a session's name. */
const NAME_CHARS = 20;
