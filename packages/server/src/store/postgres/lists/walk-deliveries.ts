import type { DeliveryWalk, WalkedDeliveries } from "../../contract/delivery-walk.ts";
import { LISTENER_PREFIX } from "../../contract/is-listener.ts";
import { stateNumber, statesAgainst } from "../../delivery-codes.ts";
import type { Session } from "../database/session.ts";
import { deliveryRow } from "../rows/rows.ts";
import { DELIVERIES } from "./deliveries-page.ts";
import { numberAt } from "./number-at.ts";
import { type Condition, inRange, likeOf, numbered } from "./read-page.ts";

/** One step of a walk; see `Reads.walkDeliveries`. */
export async function walkDeliveries(session: Session, walk: DeliveryWalk): Promise<WalkedDeliveries> {
  const after = walk.after === null ? (await numberAt(session, walk.created.gte)) - 1 : Number(walk.after);
  const last = "SELECT coalesce((SELECT n FROM deliveries ORDER BY n DESC LIMIT 1), 0) AS n";
  const upTo = walk.upTo === null ? ((await session.get(last))?.n as number) : Number(walk.upTo);
  const sql = walk.states.map((state) => `(${ofState(stateNumber(state))})`).join(" UNION ALL ");
  const looked = await session.all(
    `SELECT n, created FROM (${sql}) AS found ORDER BY n LIMIT $5`,
    walk.accountId,
    walk.livemode,
    after,
    upTo,
    walk.look,
  );
  const furthest = looked.at(-1);
  const conditions: Condition[] = [
    ["d.n = ANY(?::bigint[])", looked.map(({ n }) => n as number)],
    ["NOT p.deleted"],
    [`NOT starts_with(p.id, '${LISTENER_PREFIX}')`],
    ...inRange("d.created", walk.created),
    // The last delivery of its event to this endpoint, with no success and nothing under way. The sum limits the
    // planner to the event's few deliveries: without statistics on a large table, it would also read all deliveries of
    // the endpoint for each of them.
    [
      `NOT EXISTS (
        SELECT 1 FROM deliveries s
        WHERE s.event = d.event AND s.endpoint + 0 = d.endpoint AND (s.n > d.n OR s.n <> d.n AND s.state IN (${statesAgainst(walk.states).join(", ")}))
      )`,
    ],
  ];
  if (walk.endpointId !== undefined) conditions.push(["p.id = ?", walk.endpointId]);
  if (walk.eventAccountId !== undefined) conditions.push(["e.account_id = ?", walk.eventAccountId]);
  if (walk.eventTypePattern !== undefined) conditions.push(["e.type LIKE ?", likeOf(walk.eventTypePattern)]);
  const rows = await session.all(
    numbered(`${DELIVERIES} WHERE ${conditions.map(([condition]) => condition).join(" AND ")} ORDER BY d.n`),
    ...conditions.flatMap(([, ...values]) => values),
  );
  return {
    deliveries: rows.map(deliveryRow),
    looked: looked.length,
    reached: (furthest?.created ?? null) as number | null,
    next: furthest === undefined || looked.length < walk.look ? null : String(furthest.n),
    upTo: String(upTo),
  };
}

/** The next rows in a state. Deliveries that were given up have an index for that. */
function ofState(state: number): string {
  return `
    SELECT n, created FROM deliveries
    WHERE account_id = $1 AND livemode = $2 AND ${state >= 2 ? "gave_up" : "state"} = ${state} AND n > $3 AND n <= $4
    ORDER BY n LIMIT $5`;
}
