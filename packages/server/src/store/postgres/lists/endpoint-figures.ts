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
import type { Session } from "../database/session.ts";
import { deliveryRow, taskRow } from "../rows/rows.ts";
import { DELIVERY_COLUMNS, OF_DELIVERY, UNRECEIVED } from "./deliveries-page.ts";

const withLastAttempt = (deliveries: string) => `
  SELECT d.created, d.state, a.at, a.duration_ms, a.outcome FROM (${deliveries}) d
    LEFT JOIN attempts a ON a.delivery = d.n AND a.number = d.attempts ORDER BY d.n DESC`;
// A range of one endpoint and an order by endpoint, because for a single value the planner might read all deliveries in
// their order.
const RECENT = withLastAttempt(`
  SELECT n, created, state, attempts FROM deliveries
  WHERE endpoint BETWEEN (SELECT n FROM endpoints WHERE id = $1) AND (SELECT n FROM endpoints WHERE id = $1)
  ORDER BY endpoint DESC, n DESC LIMIT $2`);
/** A live endpoint receives events of both modes, so the newest of each are examined. */
const newestEvents = (livemode: boolean) =>
  `(SELECT n FROM events WHERE account_id = $1 AND livemode = ${livemode} ORDER BY n DESC LIMIT $2)`;
const RECENT_OF_ACCOUNT = withLastAttempt(`
  WITH newest AS MATERIALIZED (${newestEvents(false)} UNION ALL ${newestEvents(true)})
  SELECT d.n, d.created, d.state, d.attempts FROM newest JOIN deliveries d ON d.event = newest.n
  WHERE d.account_id = $3 AND d.livemode = $4 ORDER BY d.n DESC LIMIT $2`);

const QUEUE = `
  SELECT count(*)::integer AS pending, min(next_attempt_at) AS next FROM (
    SELECT next_attempt_at FROM pending WHERE endpoint = (SELECT n FROM endpoints WHERE id = $1) ORDER BY due_at LIMIT $2
  ) waiting`;

const newest = (where: string) => `
  SELECT count(*)::integer AS deliveries, (count(*) FILTER (WHERE state = ${stateNumber("succeeded")}))::integer AS succeeded,
    min(created) AS oldest
  FROM (SELECT state, created FROM deliveries ${where} ORDER BY n DESC LIMIT $1) made WHERE created >= $2`;
const NEWEST = newest("");
const NEWEST_OWNED = newest("WHERE account_id = $3 AND livemode = $4");

const GIVEN_UP = `
  SELECT p.id AS endpoint_id, (count(*) FILTER (WHERE ${UNRECEIVED}))::integer AS count, count(*)::integer AS looked FROM (
    SELECT n, event, endpoint FROM deliveries
    WHERE account_id = $1 AND livemode = $2 AND gave_up = ${stateNumber("exhausted")} ORDER BY n DESC LIMIT $3
  ) d JOIN endpoints p ON p.n = d.endpoint GROUP BY p.n, p.id ORDER BY p.n`;

const UPCOMING = `
  SELECT ${DELIVERY_COLUMNS} FROM (
    SELECT due.n, due.next_attempt_at, asked.position
    FROM unnest($1::text[]) WITH ORDINALITY AS asked (id, position) CROSS JOIN LATERAL (
      SELECT n, next_attempt_at FROM pending WHERE endpoint = (SELECT n FROM endpoints WHERE id = asked.id) ORDER BY due_at LIMIT $2
    ) due ORDER BY due.next_attempt_at, asked.position, due.n LIMIT $2
  ) first
    CROSS JOIN LATERAL (SELECT * FROM deliveries WHERE n = first.n OFFSET 0) d ${OF_DELIVERY}
  ORDER BY first.next_attempt_at, first.position, first.n`;

const TASKS = `
  SELECT * FROM tasks WHERE livemode = $1::boolean AND kind <> ALL($4::text[]) AND (
    account_id = $2 OR account_id IN (SELECT c.account_id FROM connections c WHERE c.platform_id = $2 AND (c.livemode OR NOT $1::boolean))
  ) ORDER BY due_at, n LIMIT $3`;

export async function recentOutcomes(session: Session, of: OutcomesOf, limit: number): Promise<RecentOutcome[]> {
  const rows = await ("endpointId" in of
    ? session.all(RECENT, of.endpointId, limit)
    : session.all(RECENT_OF_ACCOUNT, of.eventAccountId, limit, of.owner.accountId, of.owner.livemode));
  return rows.map((row) => ({
    created: row.created as number,
    state: stateOf(row.state),
    last: row.at === null ? null : { at: row.at as number, durationMs: row.duration_ms as number, succeeded: row.outcome === "succeeded" },
  }));
}

export async function endpointQueue(session: Session, endpointId: string, countUpTo: number): Promise<WaitingDeliveries> {
  const row = await session.get(QUEUE, endpointId, countUpTo);
  return { pending: row?.pending as number, nextAttemptAt: (row?.next ?? null) as number | null };
}

export async function givenUp(
  session: Session,
  { accountId, livemode }: { accountId: string; livemode: boolean },
  limit: number,
): Promise<GivenUp> {
  return givenUpOf(await session.all(GIVEN_UP, accountId, livemode, limit), limit);
}

export async function throughput(session: Session, { owner, since }: ThroughputFilter, limit: number): Promise<Throughput> {
  const row = await (owner === null
    ? session.get(NEWEST, limit, since)
    : session.get(NEWEST_OWNED, limit, since, owner.accountId, owner.livemode));
  return { deliveries: row?.deliveries as number, succeeded: row?.succeeded as number, oldestAt: (row?.oldest ?? null) as number | null };
}

export async function upcomingDeliveries(session: Session, endpointIds: readonly string[], limit: number): Promise<DeliveryRow[]> {
  return (await session.all(UPCOMING, endpointIds, limit)).map(deliveryRow);
}

export async function upcomingTasks(
  session: Session,
  { platformId, livemode, except }: UpcomingTasksFilter,
  limit: number,
): Promise<TaskRow[]> {
  return (await session.all(TASKS, livemode, platformId, limit, except)).map(taskRow);
}
