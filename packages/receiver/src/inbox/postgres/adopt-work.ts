import { adoptedNote, LOOKED_BACK } from "../adopted-note.ts";
import type { Adoption } from "../inbox.ts";
import { HELD, type Tables } from "./schema.ts";
import { raised } from "./settle-work.ts";
import type { Queryable } from "./transaction.ts";

/**
 * Moves work and marks from one handler to another, within a transaction. If both have a part in an event, the new
 * one's counts.
 */
export async function adoptWork(client: Queryable, tables: Tables, request: Adoption): Promise<number> {
  const { work, marks } = tables;
  const { from, to } = request;
  const events = await heldOf(client, tables, request);
  const left = request.limit - events.length;
  if (left > 0) events.push(...(await settledOf(client, tables, request, left)));
  await client.query(
    `DELETE FROM ${work} old WHERE handler = $1 AND event = ANY($3::bigint[]) AND EXISTS (
       SELECT 1 FROM ${work} known WHERE known.event = old.event AND known.handler = $2)`,
    [from, to, events],
  );
  await client.query(`UPDATE ${work} SET handler = $2, fence = fence + 1 WHERE handler = $1 AND event = ANY($3::bigint[])`, [
    from,
    to,
    events,
  ]);
  await client.query(
    `WITH old AS (DELETE FROM ${marks} WHERE handler = $1 RETURNING order_key, created, ended)
     INSERT INTO ${marks} AS known (handler, order_key, created, ended) SELECT $2, order_key, created, ended FROM old
     ON CONFLICT (handler, order_key) DO UPDATE SET ${raised("known")}`,
    [from, to],
  );
  return events.length;
}

/** What is not settled for good, and not leased. */
async function heldOf(client: Queryable, { work }: Tables, { from, now, limit }: Adoption): Promise<string[]> {
  const events: string[] = [];
  for (const condition of HELD) {
    const { rows } = await client.query<{ event: string }>(
      `SELECT event FROM ${work} WHERE ${condition} AND handler = $1 AND lease_until <= $2 LIMIT $3 FOR UPDATE SKIP LOCKED`,
      [from, now, limit - events.length],
    );
    events.push(...rows.map(({ event }) => event));
  }
  return events;
}

/** What is settled for good. No index has it: all work is looked through once, and then what comes after. */
async function settledOf(client: Queryable, { work, notes }: Tables, { from, to, now }: Adoption, limit: number): Promise<string[]> {
  const note = adoptedNote(from, to);
  const { rows: known } = await client.query<{ value: string }>(`SELECT value FROM ${notes} WHERE key = $1`, [note]);
  const noted = Number(known[0]?.value ?? 0);
  const { rows: found } = await client.query<{ event: string }>(
    `SELECT event FROM ${work} WHERE event > $1 AND handler = $2 AND state NOT IN ('pending', 'dead', 'quarantined')
     ORDER BY event LIMIT $3 FOR UPDATE SKIP LOCKED`,
    [noted, from, limit],
  );
  const { rows: ends } = await client.query<{ last: string | null; leased: string | null }>(
    `SELECT (SELECT max(event) FROM ${work}) AS last, least(${HELD.map(
      (condition) => `(SELECT min(event) FROM ${work} WHERE ${condition} AND handler = $1 AND lease_until > $2)`,
    ).join(", ")}) AS leased`,
    [from, now],
  );
  const { last, leased } = ends[0] ?? { last: null, leased: null };
  const looked = found.length === limit ? Number(found.at(-1)?.event) : Number(last ?? 0) - LOOKED_BACK;
  const upTo = Math.min(looked, leased === null ? looked : Number(leased) - 1);
  if (upTo > noted) {
    await client.query(
      `INSERT INTO ${notes} AS known (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      [note, String(upTo)],
    );
  }
  return found.map(({ event }) => event);
}
