import { adoptedNote, LOOKED_BACK } from "../adopted-note.ts";
import type { Adoption } from "../inbox.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** Moves work and marks from one handler to another. If both have a part in an event, the new one's counts. */
export function adoptWork(db: SqlDatabase, request: Adoption): number {
  const { from, to } = request;
  const events = [...heldOf(db, request)];
  const left = request.limit - events.length;
  if (left > 0) events.push(...settledOf(db, request, left));
  const remove = db.prepare(
    "DELETE FROM carabiner_work WHERE event = :event AND handler = :from AND EXISTS (SELECT 1 FROM carabiner_work WHERE event = :event AND handler = :to)",
  );
  const rename = db.prepare("UPDATE carabiner_work SET handler = :to, fence = fence + 1 WHERE event = :event AND handler = :from");
  for (const event of events) {
    const given = { event, from, to };
    if (remove.run(given).changes === 0) rename.run(given);
  }
  // The same rule as `raisedMark`.
  db.prepare(
    `INSERT INTO carabiner_marks (handler, order_key, created, ended)
     SELECT :to, order_key, created, ended FROM carabiner_marks WHERE handler = :from
     ON CONFLICT (handler, order_key) DO UPDATE SET
       ended = CASE WHEN excluded.created > created THEN excluded.ended WHEN excluded.created = created THEN max(ended, excluded.ended) ELSE ended END,
       created = max(created, excluded.created)`,
  ).run({ to, from });
  db.prepare("DELETE FROM carabiner_marks WHERE handler = ?").run(from);
  return events.length;
}

/** What is not settled for good, and not leased. The state is a literal, so that SQLite finds its partial index. */
function heldOf(db: SqlDatabase, { from, now, limit }: Adoption): number[] {
  return (["pending", "dead", "quarantined"] as const)
    .flatMap((state) =>
      db
        .prepare(`SELECT event FROM carabiner_work WHERE state = '${state}' AND handler = :from AND lease_until <= :now LIMIT :limit`)
        .all({ from, now, limit }),
    )
    .slice(0, limit)
    .map(({ event }) => Number(event));
}

/** What is settled for good. No index has it: all work is looked through once, and then what comes after. */
function settledOf(db: SqlDatabase, { from, to, now }: Adoption, limit: number): number[] {
  const note = adoptedNote(from, to);
  const noted = Number(db.prepare("SELECT value FROM carabiner_notes WHERE key = ?").get(note)?.value ?? 0);
  const found = db
    .prepare(
      `SELECT event FROM carabiner_work
       WHERE event > ? AND handler = ? AND state NOT IN ('pending', 'dead', 'quarantined') ORDER BY event LIMIT ?`,
    )
    .all(noted, from, limit)
    .map(({ event }) => Number(event));
  const last = db.prepare("SELECT coalesce(max(event), 0) AS last FROM carabiner_work").get()?.last;
  const leased = db
    .prepare("SELECT min(event) AS first FROM carabiner_work WHERE state = 'pending' AND handler = ? AND lease_until > ?")
    .get(from, now)?.first;
  const looked = found.length === limit ? (found.at(-1) ?? 0) : Number(last) - LOOKED_BACK;
  const upTo = Math.min(looked, leased === null || leased === undefined ? looked : Number(leased) - 1);
  if (upTo > noted) {
    db.prepare("INSERT INTO carabiner_notes (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value").run(
      note,
      String(upTo),
    );
  }
  return found;
}
