import type { TakenOver } from "../../contract/taken-over.ts";
import { stateNumber } from "../../delivery-codes.ts";
import { type EndsMet, HELD, isQuarantined, meetEnd } from "../../unclean-end.ts";
import type { Session } from "../database/session.ts";
import type { AfterCommit } from "../transactions/after-commit.ts";
import { releaseLeasesOf } from "./release-leases.ts";

// Settled deliveries have another lease, or have ended; deliveries that were claimed since belong to another node.
const UNDER_WAY = `
  SELECT d.n, d.id, q.lease, q.lease_node AS node, met.ends, met.alone
  FROM (
      SELECT DISTINCT w.node, one.delivery, one.lease
      FROM under_way w, unnest(w.deliveries, w.leases) AS one (delivery, lease) WHERE w.node = ANY($1::text[])
    ) AS noted
    JOIN pending q ON q.n = noted.delivery AND q.lease = noted.lease AND q.lease_node = noted.node
    JOIN deliveries d ON d.n = q.n,
    LATERAL (
      SELECT count(*)::integer AS ends, (count(*) FILTER (WHERE u.under_way = 1))::integer AS alone
      FROM unclean_ends u WHERE u.delivery = noted.delivery
    ) AS met
  ORDER BY d.n FOR UPDATE OF q`;
const NOTE = `
  INSERT INTO unclean_ends (delivery, node, at, under_way)
  SELECT delivery, node, $4, under_way FROM unnest($1::bigint[], $2::text[], $3::integer[]) AS met (delivery, node, under_way)`;
const SUSPECT = `
  INSERT INTO suspects (delivery, lease, node, alone, ends)
  SELECT delivery, lease, $5, alone, ends FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::integer[]) AS s (delivery, lease, alone, ends)
  ON CONFLICT (delivery) DO UPDATE SET lease = excluded.lease, node = excluded.node, alone = excluded.alone, ends = excluded.ends`;
const HOLD = "UPDATE pending SET due_at = $2, lease_node = $3 WHERE n = ANY($1::bigint[])";
// The lease stays with the delivery, so that a delivery that is released from quarantine never gets an earlier token
// again.
const QUARANTINE = `
  WITH gone AS (DELETE FROM pending WHERE n = ANY($1::bigint[]) RETURNING n, lease)
  UPDATE deliveries d SET state = $2, gave_up = $2, settled_at = $3, lease = gone.lease + 1,
    troubled_account = (SELECT e.account_id FROM events e WHERE e.n = d.event)
  FROM gone WHERE d.n = gone.n`;
const ADOPT = "UPDATE suspects SET node = $2 WHERE node = ANY($1::text[]) RETURNING delivery";

/** The parameters of a take-over. */
export interface TakeOverRequest {
  now: number;
  /** The nodes that have ended. */
  nodes: readonly string[];
  /** The node that gets the suspects. */
  by: string;
}

/** A delivery that was under way. */
interface UnderWay extends EndsMet {
  n: number;
  id: string;
  lease: number;
  node: string;
}

/**
 * Takes over from nodes that have ended: ends their leases, and makes what they had under way suspect or quarantined. A
 * suspect keeps the number of its lease. If the node is alive after all, its settlement counts unless the suspect has
 * been claimed since.
 */
export async function takeOver(session: Session, after: AfterCommit, { now, nodes, by }: TakeOverRequest): Promise<TakenOver> {
  const underWay = (await session.all(UNDER_WAY, nodes)) as unknown as UnderWay[];
  const together = new Map<string, number>();
  for (const { node } of underWay) together.set(node, (together.get(node) ?? 0) + 1);
  const met = underWay.map((one) => ({ ...one, ...meetEnd(one, together.get(one.node) as number) }));
  const quarantined = met.filter(isQuarantined);
  const suspects = met.filter((one) => !isQuarantined(one));
  if (met.length > 0)
    await session.run(
      NOTE,
      met.map(({ n }) => n),
      met.map(({ node }) => node),
      met.map(({ node }) => together.get(node) as number),
      now,
    );
  if (quarantined.length > 0)
    await session.run(
      QUARANTINE,
      quarantined.map(({ n }) => n),
      stateNumber("quarantined"),
      now,
    );
  if (suspects.length > 0)
    await session.run(
      SUSPECT,
      suspects.map(({ n }) => n),
      suspects.map(({ lease }) => lease),
      suspects.map(({ alone }) => alone),
      suspects.map(({ ends }) => ends),
      by,
    );
  const adopted = (await session.all(ADOPT, nodes, by)).map(({ delivery }) => delivery as number);
  const held = [...new Set([...adopted, ...suspects.map(({ n }) => n)])];
  // Before the leases of their nodes end, which would make them due.
  if (held.length > 0) await session.run(HOLD, held, HELD, by);
  const released = await releaseLeasesOf(session, after, now, nodes);
  await session.run("DELETE FROM under_way WHERE node = ANY($1::text[])", nodes);
  const waiting = (await session.get("SELECT count(*)::integer AS count FROM suspects WHERE node = $1", by))?.count as number;
  return { released, underWay: met.length, suspects: waiting, quarantined: quarantined.map(({ id }) => id) };
}
