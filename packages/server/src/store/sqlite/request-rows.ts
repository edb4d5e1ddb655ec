import type { RequestError, RequestRow } from "../contract/rows.ts";
import type { Page, PageOf, RequestFilter } from "../contract/transaction.ts";
import type { SqlRow, SqlValue } from "./connection.ts";
import { insertion, insertRows } from "./insert-rows.ts";
import { type Condition, inRange, readPage } from "./read-page.ts";
import type { WorkScope } from "./scope.ts";

const REQUESTS = insertion(
  "requests (id, at, caller_id, livemode, account_id, key_hint, method, path, status, duration_ms, idempotency_key, replay_of, error_name, error_code, error, params, full_path, query, answer)",
  "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  "OR IGNORE",
);

/** Writes requests. Skips those whose id already exists. */
export function insertRequests(scope: Pick<WorkScope, "run">, rows: readonly RequestRow[]): void {
  const values: SqlValue[] = [];
  for (const row of rows) {
    values.push(row.id, row.at, row.callerId, Number(row.livemode), row.accountId, row.keyHint, row.method, row.route, row.status);
    values.push(row.durationMs, row.idempotencyKey, row.replayOf, row.error?.name ?? null, row.error?.code ?? null);
    values.push(row.error === null ? null : JSON.stringify(row.error), row.params === null ? null : JSON.stringify(row.params));
    values.push(row.path === row.route ? null : row.path, row.query === null ? null : JSON.stringify(row.query), row.answer);
  }
  insertRows(scope, REQUESTS, values);
}

/** One page of a list of requests. */
export function requestsPage(scope: Pick<WorkScope, "all">, filter: RequestFilter, page: Page): PageOf<RequestRow> {
  const conditions: Condition[] = [
    ["caller_id = ?", filter.callerId],
    ["livemode = ?", Number(filter.livemode)],
    ...inRange("at", filter.at),
  ];
  if (filter.accountId !== undefined) conditions.push(["account_id = ?", filter.accountId]);
  if (filter.exceptAccountId !== undefined) conditions.push(["account_id <> ?", filter.exceptAccountId]);
  if (filter.methods !== undefined) conditions.push(["method IN (SELECT value FROM json_each(?))", JSON.stringify(filter.methods)]);
  if (filter.pathPrefix !== undefined) {
    const prefix = filter.pathPrefix;
    conditions.push(["(substr(path, 1, length(?)) = ? OR substr(full_path, 1, length(?)) = ?)", prefix, prefix, prefix, prefix]);
  }
  if (filter.statuses !== undefined) {
    const ranges = filter.statuses.map(() => "status BETWEEN ? AND ?").join(" OR ");
    conditions.push([`(${ranges === "" ? "0" : ranges})`, ...filter.statuses.flat()]);
  }
  if (filter.error !== undefined) conditions.push(["(error_name = ? OR error_code = ?)", filter.error, filter.error]);
  return readPage(
    scope,
    {
      select: "SELECT * FROM requests INDEXED BY requests_listed",
      order: "n",
      cursor: "(SELECT n FROM requests WHERE id = ?)",
      conditions,
      row: requestRow,
    },
    page,
  );
}

export function requestRow(row: SqlRow): RequestRow {
  return {
    id: row.id as string,
    at: row.at as number,
    callerId: row.caller_id as string,
    livemode: row.livemode === 1,
    accountId: row.account_id as string,
    keyHint: row.key_hint as string | null,
    method: row.method as string,
    route: row.path as string,
    path: (row.full_path ?? row.path) as string,
    status: row.status as number,
    durationMs: row.duration_ms as number,
    idempotencyKey: row.idempotency_key as string | null,
    replayOf: row.replay_of as string | null,
    error: row.error === null ? null : (JSON.parse(row.error as string) as RequestError),
    params: row.params === null ? null : (JSON.parse(row.params as string) as Record<string, string>),
    query: row.query === null ? null : (JSON.parse(row.query as string) as Record<string, string>),
    answer: row.answer as string | null,
  };
}
