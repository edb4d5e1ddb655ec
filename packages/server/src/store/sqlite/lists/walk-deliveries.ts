import type { DeliveryWalk, WalkedDeliveries } from "../../contract/delivery-walk.ts";
import { LISTENER_PREFIX } from "../../contract/is-listener.ts";
import { stateNumber, statesAgainst } from "../../delivery-codes.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { WorkScope } from "../database/scope.ts";
import { deliveryRow } from "../rows/rows.ts";
import { DELIVERY_COLUMNS, DELIVERY_JOINS } from "./deliveries-page.ts";
import { numberAt } from "./number-at.ts";
import { type Condition, globOf, inRange } from "./read-page.ts";

const OWNER = "(SELECT n FROM owners WHERE account_id = ? AND livemode = ?)";

/** One step of a walk; see `Reads.walkDeliveries`. */
export function walkDeliveries(scope: Pick<WorkScope, "get" | "all">, walk: DeliveryWalk): WalkedDeliveries {
  const after = walk.after === null ? numberAt(scope, walk.created.gte) - 1 : Number(walk.after);
  const upTo = walk.upTo === null ? ((scope.get("SELECT max(n) AS n FROM deliveries")?.n ?? 0) as number) : Number(walk.upTo);
  const owner = [walk.accountId, Number(walk.livemode)];
  const looked = scope.all(
    `SELECT n FROM (${walk.states.map((state) => `SELECT n FROM (${ofState(stateNumber(state))})`).join(" UNION ALL ")}) ORDER BY n ${BOUND_LIMIT}`,
    ...walk.states.flatMap(() => [...owner, after, upTo, walk.look]),
    walk.look,
  );
  const last = looked.at(-1)?.n as number | undefined;
  const next = last === undefined || looked.length < walk.look ? null : String(last);
  const reached = last === undefined ? null : (scope.get("SELECT created FROM deliveries WHERE n = ?", last)?.created as number);
  const conditions: Condition[] = [
    ["d.n IN (SELECT value FROM json_each(?))", JSON.stringify(looked.map(({ n }) => n))],
    ["p.deleted = 0"],
    [`substr(p.id, 1, ${LISTENER_PREFIX.length}) <> '${LISTENER_PREFIX}'`],
    ...inRange("d.created", walk.created),
    // The last delivery of its event to this endpoint, with no success and nothing under way.
    [
      `NOT EXISTS (
        SELECT 1 FROM deliveries s INDEXED BY deliveries_of_event
        WHERE s.event = d.event AND s.endpoint = d.endpoint AND (s.n > d.n OR s.n <> d.n AND s.state IN (${statesAgainst(walk.states).join(", ")}))
      )`,
    ],
  ];
  if (walk.endpointId !== undefined) conditions.push(["p.id = ?", walk.endpointId]);
  if (walk.eventAccountId !== undefined) conditions.push(["e.account_id = ?", walk.eventAccountId]);
  if (walk.eventTypePattern !== undefined) conditions.push(["e.type GLOB ?", globOf(walk.eventTypePattern)]);
  const rows = scope.all(
    `SELECT ${DELIVERY_COLUMNS} FROM deliveries d ${DELIVERY_JOINS} WHERE ${conditions.map(([sql]) => sql).join(" AND ")} ORDER BY d.n`,
    ...conditions.flatMap(([, ...values]) => values),
  );
  return { deliveries: rows.map(deliveryRow), looked: looked.length, reached, next, upTo: String(upTo) };
}

/**
 * The next rows in a state, in the order of an index. The state is written out, because only then can SQLite use the
 * partial index.
 */
function ofState(state: number): string {
  const listed = state >= 2 ? "deliveries_given_up" : "deliveries_listed";
  return `
    SELECT n FROM deliveries INDEXED BY ${listed}
    WHERE owner = ${OWNER} AND state = ${state}${state >= 2 ? " AND state >= 2" : ""} AND n > ? AND n <= ? ORDER BY n ${BOUND_LIMIT}`;
}
