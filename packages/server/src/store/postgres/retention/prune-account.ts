import type { AccountPruneRequest } from "../../store.ts";
import type { Session } from "../database/session.ts";
import { OF_DELIVERIES, OF_EVENTS } from "./erase.ts";

const NEXT = "SELECT n, id, created FROM events WHERE account_id = $1 AND livemode = $2 AND n > $3 ORDER BY n LIMIT $4";
// Waits for transactions that add deliveries to them, which have locked the id.
const LOCK = "SELECT n FROM event_ids WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE";
const PENDING = "SELECT DISTINCT event FROM deliveries WHERE event = ANY($1::bigint[]) AND state = 0";
const DELIVERIES = "SELECT n FROM deliveries WHERE event = ANY($1::bigint[]) ORDER BY n LIMIT $2";

/** Deletes the old events of one account, from the oldest on. */
export async function pruneAccount(
  session: Session,
  { accountId, livemode, before, after, limit }: AccountPruneRequest,
): Promise<{ deleted: number; next: number | null }> {
  const rows = await session.all(NEXT, accountId, livemode, after, limit);
  const young = rows.findIndex(({ created }) => (created as number) >= before);
  const old = young === -1 ? rows : rows.slice(0, young);
  const last = old.at(-1);
  if (last === undefined) return { deleted: 0, next: null };
  await session.all(
    LOCK,
    old.map(({ id }) => id as string),
  );
  const numbers = old.map(({ n }) => n as number);
  const pending = new Set((await session.all(PENDING, numbers)).map(({ event }) => event));
  const ended = numbers.filter((n) => !pending.has(n));
  const owed = (await session.all(DELIVERIES, ended, limit)).map(({ n }) => n as number);
  let deleted = 0;
  for (const sql of OF_DELIVERIES) deleted += await session.run(sql, owed);
  // There may be more of these rows. The events themselves are deleted in a later call.
  if (owed.length === limit) return { deleted, next: after };
  for (const sql of OF_EVENTS) deleted += await session.run(sql, ended);
  return { deleted, next: young === -1 && rows.length === limit ? (last.n as number) : null };
}
