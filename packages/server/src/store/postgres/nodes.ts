import type { AfterCommit } from "./after-commit.ts";
import { releaseLeasesOf } from "./release-leases.ts";
import type { Session } from "./session.ts";

const SEEN = "INSERT INTO nodes (name, seen_at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at";
// Two who look at once do not do it twice.
const GONE = "SELECT name FROM nodes WHERE seen_at < $1 ORDER BY name FOR UPDATE SKIP LOCKED";

/** A node that said it is leaving: not seen since the beginning of time. */
const LEFT = 0;

/** Notes that a node lives. */
export async function beSeen(session: Session, node: string, now: number): Promise<void> {
  await session.run(SEEN, node, now);
}

/** Notes that a node has ended: what it still has leased is anyone's. */
export async function leave(session: Session, node: string): Promise<void> {
  await session.run("UPDATE nodes SET seen_at = $2 WHERE name = $1", node, LEFT);
}

/** Ends the leases of nodes that were not seen since `goneBefore`, and forgets them. Returns how many leases. */
export async function releaseGone(
  session: Session,
  after: AfterCommit,
  { now, goneBefore }: { now: number; goneBefore: number },
): Promise<number> {
  const gone = (await session.all(GONE, goneBefore)).map(({ name }) => name as string);
  if (gone.length === 0) return 0;
  const released = await releaseLeasesOf(session, after, now, gone);
  await session.run("DELETE FROM nodes WHERE name = ANY($1::text[])", gone);
  return released;
}
