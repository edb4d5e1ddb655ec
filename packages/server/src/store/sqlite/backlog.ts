import type { Backlog } from "../contract/backlog.ts";
import type { WorkScope } from "./scope.ts";

// CROSS JOIN: from the endpoints with due deliveries to their deliveries.
const DUE = `
  SELECT count(*) AS due, min(due_at) AS oldest FROM (
    SELECT d.due_at FROM lanes l INDEXED BY lanes_due CROSS JOIN endpoints p ON p.id = l.endpoint_id
      CROSS JOIN deliveries d INDEXED BY deliveries_due ON d.endpoint = p.n AND d.state = 0 AND d.due_at <= ?1
    WHERE l.due_at <= ?1 LIMIT ?2
  )`;
const ENDPOINTS = `
  SELECT count(*) FILTER (WHERE status = 'enabled' AND first_failure_at IS NOT NULL) AS failing,
    count(*) FILTER (WHERE status = 'disabled') AS disabled
  FROM endpoints WHERE deleted = 0`;

export function backlog(scope: WorkScope, now: number, countUpTo: number): Backlog {
  const waiting = scope.get(DUE, now, countUpTo);
  const endpoints = scope.get(ENDPOINTS);
  return {
    due: waiting?.due as number,
    oldestDueAt: (waiting?.oldest ?? null) as number | null,
    failingEndpoints: endpoints?.failing as number,
    disabledEndpoints: endpoints?.disabled as number,
  };
}
