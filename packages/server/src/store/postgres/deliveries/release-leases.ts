import { isListener } from "../../contract/is-listener.ts";
import type { Session } from "../database/session.ts";
import type { AfterCommit } from "../transactions/after-commit.ts";

// A lease is what makes `due_at` differ from `next_attempt_at`.
const RELEASE = `
  UPDATE pending q SET due_at = next_attempt_at, lease_node = NULL
  WHERE lease_node = ANY($1::text[]) AND due_at > $2 AND due_at <> next_attempt_at
  RETURNING due_at, (SELECT p.id FROM endpoints p WHERE p.n = q.endpoint) AS endpoint`;

/** Ends all current leases of these nodes: their deliveries are due as before. Returns how many. */
export async function releaseLeasesOf(session: Session, after: AfterCommit, now: number, nodes: readonly string[]): Promise<number> {
  const released = await session.all(RELEASE, nodes, now);
  for (const { due_at, endpoint } of released) {
    // Null: its account was erased.
    if (endpoint !== null && isListener(endpoint as string)) after.owedToListener(endpoint as string);
    else after.due(due_at as number);
  }
  return released.length;
}
