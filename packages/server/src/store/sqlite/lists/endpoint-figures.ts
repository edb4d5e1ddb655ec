import type {
  GivenUp,
  OutcomesOf,
  RecentOutcome,
  Throughput,
  ThroughputFilter,
  UpcomingTasksFilter,
  WaitingDeliveries,
} from "../../contract/figure-reads.ts";
import type { DeliveryRow, TaskRow } from "../../contract/rows.ts";
import { stateNumber, stateOf } from "../../delivery-codes.ts";
import { givenUpOf } from "../../given-up-of.ts";
import type { Pace } from "../../pace.ts";
import { BOUND_LIMIT } from "../database/bound-limit.ts";
import type { SqlRow } from "../database/connection.ts";
import type { WorkScope } from "../database/scope.ts";
import { withinDelivery } from "../rows/delivery-number.ts";
import { deliveryRow, taskRow } from "../rows/rows.ts";
import { DELIVERY_COLUMNS, UNRECEIVED } from "./deliveries-page.ts";

const ENDPOINT = "(SELECT n FROM endpoints WHERE id = ?)";

const withLastAttempt = (deliveries: string) => `
  SELECT d.n, d.created, d.state, a.at, a.duration_ms, a.outcome FROM (${deliveries}) d
    LEFT JOIN attempts a ON a.key = d.n * ${withinDelivery(1, 0)} + d.attempts`;
const RECENT = withLastAttempt(`
  SELECT n, created, state, attempts FROM deliveries INDEXED BY deliveries_of_endpoint WHERE endpoint = ${ENDPOINT} AND n < ?
  ORDER BY n DESC ${BOUND_LIMIT}`);
/** A live endpoint receives events of both modes, so the newest of each are examined. */
const newestEvents = (livemode: 0 | 1) =>
  `SELECT n FROM (SELECT n FROM events INDEXED BY events_listed WHERE account_id = ? AND livemode = ${livemode} ORDER BY n DESC ${BOUND_LIMIT})`;
const RECENT_OF_ACCOUNT = withLastAttempt(`
  SELECT d.n, d.created, d.state, d.attempts
  FROM (${newestEvents(0)} UNION ALL ${newestEvents(1)}) e CROSS JOIN deliveries d INDEXED BY deliveries_of_event ON d.event = e.n
  WHERE d.owner = (SELECT n FROM owners WHERE account_id = ? AND livemode = ?) ORDER BY d.n DESC ${BOUND_LIMIT}`);

const QUEUE = `
  SELECT count(*) AS pending, min(next_attempt_at) AS next FROM (
    SELECT next_attempt_at FROM deliveries INDEXED BY deliveries_due WHERE endpoint = ${ENDPOINT} AND state = 0 ORDER BY due_at ${BOUND_LIMIT}
  )`;

const newest = (where: string) => `
  SELECT count(*) AS deliveries, count(*) FILTER (WHERE state = ${stateNumber("succeeded")}) AS succeeded, min(created) AS oldest FROM (
    SELECT state, created FROM deliveries ${where} ORDER BY n DESC ${BOUND_LIMIT}
  ) WHERE created >= ?`;
const NEWEST = newest("NOT INDEXED");
const NEWEST_OWNED = newest("INDEXED BY deliveries_listed WHERE owner = (SELECT n FROM owners WHERE account_id = ? AND livemode = ?)");

const GIVEN_UP = `
  SELECT p.id AS endpoint_id, count(*) FILTER (WHERE ${UNRECEIVED}) AS count, count(*) AS looked FROM (
    SELECT n, event, endpoint FROM deliveries INDEXED BY deliveries_given_up
    WHERE owner = (SELECT n FROM owners WHERE account_id = ? AND livemode = ?) AND state = ${stateNumber("exhausted")} AND state >= 2
    ORDER BY n DESC ${BOUND_LIMIT}
  ) d CROSS JOIN endpoints p ON p.n = d.endpoint GROUP BY p.n ORDER BY p.n`;

const UPCOMING = `
  SELECT ${DELIVERY_COLUMNS} FROM deliveries d INDEXED BY deliveries_due CROSS JOIN events e ON e.n = d.event
    CROSS JOIN endpoints p ON p.n = d.endpoint
  WHERE d.endpoint = ${ENDPOINT} AND d.state = 0 ORDER BY d.due_at ${BOUND_LIMIT}`;

const TASKS = `
  SELECT * FROM tasks INDEXED BY tasks_due WHERE livemode = ? AND kind NOT IN (SELECT value FROM json_each(?)) AND (
    account_id = ? OR account_id IN (SELECT c.account_id FROM connections c WHERE c.platform_id = ? AND (c.livemode = 1 OR ? = 0))
  ) ORDER BY due_at ${BOUND_LIMIT}`;

/** Looking up a delivery with its last attempt takes as long as this many rows of a search. */
const ROWS_OF_OUTCOME = 5;

const OWNER = "SELECT account_id FROM endpoints WHERE id = ?";

/** In slices, because a page of many endpoints asks for this for each. */
export async function recentOutcomes(
  scope: Pick<WorkScope, "get" | "all">,
  pace: Pace | null,
  of: OutcomesOf,
  limit: number,
): Promise<RecentOutcome[]> {
  if ("eventAccountId" in of) {
    const { eventAccountId, owner } = of;
    const read = () =>
      scope.all(RECENT_OF_ACCOUNT, eventAccountId, limit, eventAccountId, limit, owner.accountId, Number(owner.livemode), limit);
    return (await (pace === null ? read() : pace.slice(owner.accountId, read))).map(recentOutcome);
  }
  const owner = pace === null ? "" : ((scope.get(OWNER, of.endpointId)?.account_id ?? "") as string);
  const atOnce = pace === null ? limit : Math.ceil(pace.rows / ROWS_OF_OUTCOME);
  const outcomes: RecentOutcome[] = [];
  for (let past = Number.MAX_SAFE_INTEGER; ; ) {
    const asked = Math.min(limit - outcomes.length, atOnce);
    const read = () => scope.all(RECENT, of.endpointId, past, asked);
    const rows = await (pace === null ? read() : pace.slice(owner, read));
    outcomes.push(...rows.map(recentOutcome));
    if (rows.length < asked || outcomes.length >= limit) return outcomes;
    past = rows.at(-1)?.n as number;
  }
}

function recentOutcome(row: SqlRow): RecentOutcome {
  return {
    created: row.created as number,
    state: stateOf(row.state),
    last: row.at === null ? null : { at: row.at as number, durationMs: row.duration_ms as number, succeeded: row.outcome === "succeeded" },
  };
}

export function endpointQueue(scope: Pick<WorkScope, "get">, endpointId: string, countUpTo: number): WaitingDeliveries {
  const row = scope.get(QUEUE, endpointId, countUpTo);
  return { pending: row?.pending as number, nextAttemptAt: (row?.next ?? null) as number | null };
}

export function givenUp(
  scope: Pick<WorkScope, "all">,
  { accountId, livemode }: { accountId: string; livemode: boolean },
  limit: number,
): GivenUp {
  return givenUpOf(scope.all(GIVEN_UP, accountId, Number(livemode), limit), limit);
}

export function throughput(scope: Pick<WorkScope, "get">, { owner, since }: ThroughputFilter, limit: number): Throughput {
  const row =
    owner === null ? scope.get(NEWEST, limit, since) : scope.get(NEWEST_OWNED, owner.accountId, Number(owner.livemode), limit, since);
  return { deliveries: row?.deliveries as number, succeeded: row?.succeeded as number, oldestAt: (row?.oldest ?? null) as number | null };
}

export function upcomingDeliveries(scope: Pick<WorkScope, "all">, endpointIds: readonly string[], limit: number): DeliveryRow[] {
  return endpointIds
    .flatMap((id) => scope.all(UPCOMING, id, limit).map(deliveryRow))
    .sort((one, other) => (one.nextAttemptAt ?? 0) - (other.nextAttemptAt ?? 0))
    .slice(0, limit);
}

export function upcomingTasks(
  scope: Pick<WorkScope, "all">,
  { platformId, livemode, except }: UpcomingTasksFilter,
  limit: number,
): TaskRow[] {
  return scope.all(TASKS, Number(livemode), JSON.stringify(except), platformId, platformId, Number(livemode), limit).map(taskRow);
}
