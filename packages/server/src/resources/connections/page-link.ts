import type { ChangeContext } from "../../operations/operation.ts";
import type { ObjectRow } from "../../store/contract/rows.ts";
import type { Reads, Transaction } from "../../store/contract/transaction.ts";
import { insertUntil } from "../access/forget-task.ts";
import { bySecret, keeping, kept, newSecret } from "../access/secret-row.ts";

/** What the pages behind a link are for: to give what is due, to change what is known, or to look at the account. */
export type LinkPurpose = "account_onboarding" | "account_update" | "login";

/** What a link leads to. Its row's account is the one it is for, its parent the platform that made it. */
export interface LinkState {
  purpose: LinkPurpose;
  /** Unix milliseconds. */
  expiresAt: number;
  used: boolean;
  /** Where the user goes afterwards, and from a link that leads nowhere any more. Null for a login link. */
  returnUrl: string | null;
  refreshUrl: string | null;
  /** Which requirements are asked for. */
  fields: "currently_due" | "eventually_due";
  future: boolean;
}

/** A browser that came by a link: what the link was for, under a name that stands in its address. */
export interface SessionState extends LinkState {
  /** What the pages' addresses have in them; no secret. */
  name: string;
}

const LINK = "account_link";
const SESSION = "page_session";

/** Makes a link. Returns the secret its address ends in. */
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

/** The link an address ends in; null when there is none, or when it is not the account's. */
export async function linkBy(reads: Reads, accountId: string, secret: string): Promise<Followed<LinkState> | null> {
  const row = await bySecret(reads, LINK, secret);
  return row === null || row.accountId !== accountId ? null : { row, state: kept<LinkState>(row) };
}

/**
 * Uses a link up, and opens the pages to the browser that came by it. Null when it leads nowhere any more: it has been
 * used, has expired, or its account is no longer the platform's.
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

/** The session a browser has shown, if it is the one the address names and still open. */
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

/** Whether the account is there, and connected to the platform in the link's mode. */
async function isOpen(reads: Reads | Transaction, { accountId, parent, livemode }: ObjectRow): Promise<boolean> {
  const account = await reads.account(accountId);
  if (account === null || account.deleted || parent === null) return false;
  return (await reads.connections(parent, accountId)).some((connection) => connection.livemode || !livemode);
}

/** Random characters of a session's name. */
const NAME_CHARS = 20;
