import type { ClaimRequest } from "../contract/claim-request.ts";
import type { Claim } from "../contract/delivery-store.ts";
import { stateNumber } from "../delivery-codes.ts";
import type { SecretBox } from "../secret-box.ts";
import type { AfterCommit } from "./after-commit.ts";
import { claimOf } from "./claim-due.ts";
import { endpointRow } from "./rows.ts";
import type { Session } from "./session.ts";

const NEXT = "SELECT delivery, lease FROM suspects WHERE node = $1 ORDER BY alone DESC, ends DESC, delivery LIMIT 1 FOR UPDATE";
const FORGET = "DELETE FROM suspects WHERE delivery = $1";
// A delivery that its node has settled, or a node of the previous version has claimed, is no longer a suspect.
const LEASE = `
  UPDATE deliveries d SET due_at = $3, lease = d.lease + 1, lease_node = $4
  FROM events e WHERE d.n = $1 AND d.lease = $2 AND d.state < 1 AND e.n = d.event
  RETURNING d.n, d.id, d.kind, d.endpoint, d.attempts, d.lease, d.next_attempt_at, d.created, e.id AS event_id, e.type, e.livemode,
    CASE WHEN d.variant IS NULL THEN e.body
      ELSE (SELECT v.body FROM event_variants v WHERE v.event = d.event AND v.variant = d.variant) END AS body`;
const RELEASE = `
  UPDATE deliveries d SET due_at = d.next_attempt_at, lease_node = NULL
  FROM suspects s WHERE s.node = $1 AND d.n = s.delivery AND d.lease = s.lease AND d.state < 1
  RETURNING d.due_at`;

/** Leases the most suspicious of a node's suspects, which is then no longer one. */
export async function nextSuspect(
  session: Session,
  box: SecretBox,
  request: Pick<ClaimRequest, "now" | "leaseMs">,
  node: string,
): Promise<Claim | null> {
  const leaseUntil = request.now + request.leaseMs;
  for (;;) {
    const suspect = await session.get(NEXT, node);
    if (suspect === undefined) return null;
    await session.run(FORGET, suspect.delivery as number);
    const row = await session.get(LEASE, suspect.delivery as number, suspect.lease as number, leaseUntil, node);
    if (row === undefined) continue;
    const endpoint = await session.get("SELECT * FROM endpoints WHERE n = $1", row.endpoint as number);
    if (endpoint === undefined) throw new Error(`A delivery is owed to endpoint number ${row.endpoint}, which is not there.`);
    return claimOf(row, endpointRow(endpoint, box), leaseUntil);
  }
}

/** Makes a node's suspects due at their earlier times. Returns how many there were. */
export async function releaseSuspects(session: Session, after: AfterCommit, node: string): Promise<number> {
  const released = await session.all(RELEASE, node);
  for (const { due_at } of released) after.due(due_at as number);
  await session.run("DELETE FROM suspects WHERE node = $1", node);
  return released.length;
}

const QUARANTINED = "SELECT n FROM deliveries WHERE id = $1 AND state = $2";
// Claims skip a settled partition. The row is locked, so that no node marks it as settled now.
const PARTITION = "SELECT k FROM partitions WHERE first <= $1 AND past > $1 FOR UPDATE";
const PENDING = "UPDATE deliveries SET state = 0, due_at = $2, next_attempt_at = $2, settled_at = NULL, lease_node = NULL WHERE n = $1";

/** Makes a quarantined delivery pending again, and forgets its ends. Returns false if it is not quarantined. */
export async function releaseQuarantined(session: Session, after: AfterCommit, deliveryId: string, dueAt: number): Promise<boolean> {
  const n = (await session.get(QUARANTINED, deliveryId, stateNumber("quarantined")))?.n as number | undefined;
  if (n === undefined) return false;
  const k = (await session.get(PARTITION, n))?.k as number;
  await session.run("UPDATE partitions SET settled = false WHERE k = $1 AND settled", k);
  await session.run(PENDING, n, dueAt);
  await session.run("DELETE FROM unclean_ends WHERE delivery = $1", n);
  after.due(dueAt);
  return true;
}
