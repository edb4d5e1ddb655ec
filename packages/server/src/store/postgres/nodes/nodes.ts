import type { TakenOver } from "../../contract/taken-over.ts";
import { HELD } from "../../unclean-end.ts";
import type { Session } from "../database/session.ts";
import { takeOver } from "../deliveries/take-over.ts";
import type { AfterCommit } from "../transactions/after-commit.ts";

// An inserted row has no `xmax`: the node was unknown.
const SEEN = `
  INSERT INTO nodes (name, seen_at, key_id, version, roles, started_at) VALUES ($1, $2, $3, $4, $5, $2)
  ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at, key_id = excluded.key_id
  RETURNING xmax = 0 AS unknown`;
// A node that was thought to be gone may get leases once more before the nodes that lease learn of it.
const UNKNOWN = `
  SELECT DISTINCT lease_node AS name FROM pending q
  WHERE handed IS NOT NULL AND handed >= 0 AND lease = 1 AND due_at + 0 < ${HELD} AND NOT EXISTS (SELECT FROM nodes WHERE name = q.lease_node)`;
// This prevents two nodes from doing it at the same time.
const GONE = "SELECT name FROM nodes WHERE seen_at < $1 ORDER BY name FOR UPDATE SKIP LOCKED";

/** What a node reports of itself. */
export interface Node {
  /** Unique to this run. */
  name: string;
  version: string;
  /** Its roles; empty for a command, which only looks. */
  roles: readonly string[];
}

/** A node that announced its departure: last seen at the beginning of time. */
const LEFT = 0;

const NOTHING: TakenOver = { released: 0, underWay: 0, suspects: 0, quarantined: [] };

/**
 * Records that a node is alive, and which key it seals secrets with. If others thought it had ended, their record of
 * that is undone.
 */
export async function beSeen(session: Session, { name, version, roles }: Node, now: number, keyId: string): Promise<void> {
  const seen = await session.get(SEEN, name, now, keyId, version, roles.join(","));
  if (seen?.unknown === true) await session.run("DELETE FROM unclean_ends WHERE node = $1", name);
}

/** Records that a node has ended: others may take its leases. */
export async function leave(session: Session, node: string): Promise<void> {
  await session.run("UPDATE nodes SET seen_at = $2 WHERE name = $1", node, LEFT);
}

/** Takes over from nodes that were not seen since `goneBefore`, and forgets them. `by` takes over. */
export async function takeOverGone(
  session: Session,
  after: AfterCommit,
  { now, goneBefore, by }: { now: number; goneBefore: number; by: string },
): Promise<TakenOver> {
  if (goneBefore <= 0) return NOTHING;
  const known = await session.all(GONE, goneBefore);
  const gone = [...known, ...(await session.all(UNKNOWN))].flatMap(({ name }) => (name === null ? [] : [name as string]));
  if (gone.length === 0) return NOTHING;
  const taken = await takeOver(session, after, { now, nodes: gone, by });
  await session.run("DELETE FROM nodes WHERE name = ANY($1::text[])", gone);
  return taken;
}
