import type { AfterCommit } from "./after-commit.ts";
import type { Session } from "./session.ts";

// A lease is what makes `due_at` differ from `next_attempt_at`.
const RELEASE = `
  UPDATE deliveries SET due_at = next_attempt_at, lease_node = NULL
  WHERE state = 0 AND lease_node = $1 AND due_at > $2 AND due_at <> next_attempt_at
  RETURNING due_at`;

/** Ends every lease of this node that still runs: what was leased is due when it was before. Returns how many. Those of other nodes are theirs. */
export async function releaseLeases(session: Session, after: AfterCommit, now: number, node: string): Promise<number> {
  const released = await session.all(RELEASE, node, now);
  for (const { due_at } of released) after.due(due_at as number);
  return released.length;
}
