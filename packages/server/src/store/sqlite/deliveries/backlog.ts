import type { Backlog, Waiting } from "../../contract/backlog.ts";
import type { WorkScope } from "../database/scope.ts";

// CROSS JOIN: from the endpoints with due deliveries to their deliveries.
const DUE = `
  SELECT count(*) AS due, min(due_at) AS oldest FROM (
    SELECT d.due_at FROM lanes l INDEXED BY lanes_due CROSS JOIN endpoints p ON p.id = l.endpoint_id
      CROSS JOIN deliveries d INDEXED BY deliveries_due ON d.endpoint = p.n AND d.state = 0 AND d.due_at <= ?1
    WHERE l.due_at <= ?1 AND (p.paused_at IS NULL OR p.status <> 'enabled' OR p.deleted = 1) LIMIT ?2
  )`;
// An endpoint with its own rate limit counts as delayed by it for as long as something of it is leased.
const WORKING = `
  SELECT min(oldest) AS oldest FROM (
    SELECT (SELECT min(due_at) FROM deliveries INDEXED BY deliveries_due WHERE state = 0 AND endpoint = p.n) AS oldest
    FROM lanes l INDEXED BY lanes_due CROSS JOIN endpoints p ON p.id = l.endpoint_id
    WHERE l.due_at <= ?1 AND p.first_failure_at IS NULL AND (p.rate_limit IS NULL OR l.leased_until <= ?1)
      AND (p.paused_at IS NULL OR p.status <> 'enabled' OR p.deleted = 1) LIMIT ?2
  ) WHERE oldest <= ?1`;
const PENDING = "SELECT count(*) AS pending FROM (SELECT 1 FROM deliveries INDEXED BY deliveries_due WHERE state = 0 LIMIT ?)";
const TASKS = "SELECT min(due_at) AS oldest FROM tasks WHERE due_at <= ?";
const ENDPOINTS = `
  SELECT count(*) FILTER (WHERE status = 'enabled' AND first_failure_at IS NOT NULL) AS failing,
    count(*) FILTER (WHERE status = 'disabled') AS disabled
  FROM endpoints WHERE deleted = 0`;

export function backlog(scope: WorkScope, now: number, countUpTo: number): Backlog {
  const waiting = scope.get(DUE, now, countUpTo);
  const endpoints = scope.get(ENDPOINTS);
  return {
    pending: scope.get(PENDING, countUpTo)?.pending as number,
    due: waiting?.due as number,
    oldestDueAt: (waiting?.oldest ?? null) as number | null,
    oldestWorkingDueAt: (scope.get(WORKING, now, countUpTo)?.oldest ?? null) as number | null,
    oldestTaskDueAt: (scope.get(TASKS, now)?.oldest ?? null) as number | null,
    failingEndpoints: endpoints?.failing as number,
    disabledEndpoints: endpoints?.disabled as number,
  };
}

const WAITING = `
  SELECT count(*) AS pending, count(*) FILTER (WHERE due_at <= ?1) AS due,
    min(due_at) FILTER (WHERE due_at <= ?1) AS oldest FROM (
    SELECT due_at FROM deliveries INDEXED BY deliveries_due
    WHERE state = 0 AND endpoint = (SELECT n FROM endpoints WHERE id = ?2) ORDER BY due_at LIMIT ?3
  )`;

/** What waits for one endpoint. */
export function waiting(scope: Pick<WorkScope, "get">, endpointId: string, now: number, countUpTo: number): Waiting {
  const row = scope.get(WAITING, now, endpointId, countUpTo);
  return { pending: row?.pending as number, due: row?.due as number, oldestDueAt: (row?.oldest ?? null) as number | null };
}
