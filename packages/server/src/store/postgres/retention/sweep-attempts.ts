import { stateNumber } from "../../delivery-codes.ts";
import type { Session } from "../database/session.ts";
import { BEGIN, type Transactions } from "../transactions/transactions.ts";

/** The lock that makes nodes take turns: "CRBS". */
const LOCK = 0x43_52_42_53;

const POSITION = "SELECT position FROM sweeps WHERE name = $1";
const MOVE = "INSERT INTO sweeps VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET position = excluded.position";
const NEXT = "SELECT n, state, created FROM deliveries WHERE n > $1 ORDER BY n LIMIT $2";

/** What a sweep does to the attempts of deliveries. */
const DOES = {
  attempts: "DELETE FROM attempts WHERE delivery = ANY($1::bigint[])",
  attempt_bodies: `
    UPDATE attempts SET response_headers = '{}', response_body = ''
    WHERE delivery = ANY($1::bigint[]) AND (response_headers::text <> '{}' OR response_body <> '')`,
} as const;

/**
 * Continues a sweep through deliveries in the order in which they were made. It deletes or empties the attempts of
 * those that were made before a time and have ended: at most `limit` deliveries. One of several nodes does it. Returns
 * how many deliveries it passed plus how many attempts it changed; 0 when it has reached deliveries that are too young.
 */
export async function sweepAttempts(
  transactions: Transactions,
  name: keyof typeof DOES,
  before: number | undefined,
  limit: number,
): Promise<number> {
  return before === undefined ? 0 : transactions.run(BEGIN.committed, (session) => goOn(session, name, before, limit));
}

async function goOn(session: Session, name: keyof typeof DOES, before: number, limit: number): Promise<number> {
  if ((await session.get("SELECT pg_try_advisory_xact_lock($1) AS ours", LOCK))?.ours !== true) return 0;
  const start = ((await session.get(POSITION, name))?.position ?? 0) as number;
  const rows = await session.all(NEXT, start, limit);
  const young = rows.findIndex(({ created }) => (created as number) >= before);
  const old = young === -1 ? rows : rows.slice(0, young);
  const last = old.at(-1);
  if (last === undefined) return 0;
  const ended = old.filter(({ state }) => state !== stateNumber("pending")).map(({ n }) => n as number);
  const changed = await session.run(DOES[name], ended);
  await session.run(MOVE, name, last.n as number);
  return old.length + changed;
}
