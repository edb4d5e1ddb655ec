import type { Backlog, Waiting } from "../../contract/backlog.ts";
import type { Session } from "../database/session.ts";
import { NEVER_CLAIMED } from "./listeners.ts";
import { EARLIEST_OF_EACH } from "./next-due-at.ts";

const DUE = `${EARLIEST_OF_EACH}
  SELECT count(*)::integer AS due, min(due_at) AS oldest FROM (
    SELECT d.due_at FROM walk, LATERAL (
      SELECT due_at FROM pending WHERE endpoint = walk.endpoint AND due_at <= $1 ORDER BY due_at LIMIT $2
    ) AS d WHERE walk.due_at <= $1 AND walk.endpoint <> ALL (ARRAY(${NEVER_CLAIMED})) LIMIT $2
  ) AS waiting`;
// An endpoint with its own rate limit counts as delayed by it for as long as something of it is leased.
const WORKING = `${EARLIEST_OF_EACH}
  SELECT min(walk.due_at) AS oldest FROM walk JOIN endpoints ON endpoints.n = walk.endpoint
  WHERE walk.due_at <= $1 AND endpoints.first_failure_at IS NULL AND walk.endpoint <> ALL (ARRAY(${NEVER_CLAIMED}))
    AND (endpoints.rate_limit IS NULL OR NOT EXISTS (
      SELECT 1 FROM (
        SELECT lease_node FROM pending WHERE endpoint = walk.endpoint AND due_at > $1 ORDER BY due_at LIMIT $2
      ) AS next WHERE lease_node IS NOT NULL
    ))`;
const PENDING = `
  SELECT count(*)::integer AS pending FROM (SELECT 1 FROM pending LIMIT $1) AS found`;
const TASKS = "SELECT min(due_at) AS oldest FROM tasks WHERE due_at <= $1";
const ENDPOINTS = `
  SELECT (count(*) FILTER (WHERE status = 'enabled' AND first_failure_at IS NOT NULL))::integer AS failing,
    (count(*) FILTER (WHERE status = 'disabled'))::integer AS disabled
  FROM endpoints WHERE NOT deleted`;

export async function backlog(session: Session, now: number, countUpTo: number): Promise<Backlog> {
  const waiting = await session.get(DUE, now, countUpTo);
  const working = await session.get(WORKING, now, countUpTo);
  const found = await session.get(PENDING, countUpTo);
  const tasks = await session.get(TASKS, now);
  const endpoints = await session.get(ENDPOINTS);
  return {
    pending: found?.pending as number,
    due: waiting?.due as number,
    oldestDueAt: (waiting?.oldest ?? null) as number | null,
    oldestWorkingDueAt: (working?.oldest ?? null) as number | null,
    oldestTaskDueAt: (tasks?.oldest ?? null) as number | null,
    failingEndpoints: endpoints?.failing as number,
    disabledEndpoints: endpoints?.disabled as number,
  };
}

const WAITING = `
  SELECT count(*)::integer AS pending, (count(*) FILTER (WHERE due_at <= $1))::integer AS due,
    min(due_at) FILTER (WHERE due_at <= $1) AS oldest FROM (
    SELECT due_at FROM pending WHERE endpoint = (SELECT n FROM endpoints WHERE id = $2) ORDER BY due_at LIMIT $3
  ) AS found`;

/** What waits for one endpoint. */
export async function waiting(session: Session, endpointId: string, now: number, countUpTo: number): Promise<Waiting> {
  const row = await session.get(WAITING, now, endpointId, countUpTo);
  return { pending: row?.pending as number, due: row?.due as number, oldestDueAt: (row?.oldest ?? null) as number | null };
}
