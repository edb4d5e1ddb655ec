import type { ClaimRequest } from "../../contract/claim-request.ts";
import type { Claim } from "../../contract/delivery-store.ts";
import { stateNumber } from "../../delivery-codes.ts";
import type { SecretBox } from "../../secret-box.ts";
import type { Session } from "../database/session.ts";
import { endpointRow } from "../rows/rows.ts";
import type { AfterCommit } from "../transactions/after-commit.ts";
import { CLAIMED, claimOf, LEASED, OF_LEASED } from "./claims-of-rows.ts";

const NEXT = "SELECT delivery, lease FROM suspects WHERE node = $1 ORDER BY alone DESC, ends DESC, delivery LIMIT 1 FOR UPDATE";
const FORGET = "DELETE FROM suspects WHERE delivery = $1";
// A delivery that its node has settled is no longer a suspect.
const LEASE = `
  WITH leased AS (
    UPDATE pending SET due_at = $3, lease = lease + 1, lease_node = $4 WHERE n = $1 AND lease = $2 RETURNING ${LEASED}
  )
  SELECT ${CLAIMED} FROM leased ${OF_LEASED}`;
const RELEASE = `
  UPDATE pending q SET due_at = q.next_attempt_at, lease_node = NULL
  FROM suspects s WHERE s.node = $1 AND q.n = s.delivery AND q.lease = s.lease
  RETURNING q.due_at`;

/** Leases a node's most suspicious suspect, which then is no longer a suspect. */
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
// A suspect that is settled may be dropped. The row is locked, so that no node can mark it as settled now.
const PARTITION = "SELECT k FROM partitions WHERE first <= $1 AND past > $1 FOR UPDATE";
const PENDING = `
  WITH freed AS (
    UPDATE deliveries SET state = 0, gave_up = NULL, troubled_account = CASE WHEN failed_with IS NOT NULL THEN troubled_account END,
      next_attempt_at = $2, settled_at = NULL
    WHERE n = $1 RETURNING n, endpoint, attempts, lease
  )
  INSERT INTO pending (n, endpoint, due_at, next_attempt_at, attempts, lease) SELECT n, endpoint, $2, $2, attempts, lease FROM freed`;

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
