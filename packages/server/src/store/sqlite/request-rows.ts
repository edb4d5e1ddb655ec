import type { RequestError, RequestRow } from "../contract/rows.ts";
import type { Page, PageOf, RequestFilter } from "../contract/transaction.ts";
import { COUNTED, chosenWay, type Way } from "../delivery-ways.ts";
import type { Pace } from "../pace.ts";
import { valuesOf, whereOf } from "../page-of.ts";
import { INDEXED_PATH_CHARS, pathRange } from "../path-range.ts";
import { BOUND_LIMIT } from "./database/bound-limit.ts";
import type { SqlRow, SqlValue } from "./database/connection.ts";
import { insertion, insertRows } from "./database/insert-rows.ts";
import type { WorkScope } from "./database/scope.ts";
import { type Condition, inRange, readPage } from "./lists/read-page.ts";
import { walkPage } from "./lists/walk-page.ts";
import { isErased } from "./rows/is-erased.ts";

const REQUESTS = insertion(
  "requests (id, at, caller_id, livemode, account_id, key_hint, method, path, status, duration_ms, idempotency_key, replay_of, error_name, error_code, error, params, full_path, query, answer, machine_at)",
  "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  "OR IGNORE",
);

/** The condition of the index of failed requests. */
const FAILED = "(status >= 400 OR error_name IS NOT NULL)";
/** The indexed part of a request's path: its beginning, with ids. */
const PATH = `substr(coalesce(full_path, path), 1, ${INDEXED_PATH_CHARS})`;

/** Writes requests. Skips those whose id already exists, and those of erased accounts. */
export function insertRequests(scope: Pick<WorkScope, "get" | "known" | "run">, rows: readonly RequestRow[]): void {
  const accounts = new Set(rows.flatMap(({ callerId, accountId }) => [callerId, accountId]));
  const erased = new Set([...accounts].filter((id) => isErased(scope, id)));
  const values: SqlValue[] = [];
  for (const row of rows) {
    if (erased.has(row.callerId) || erased.has(row.accountId)) continue;
    values.push(row.id, row.at, row.callerId, Number(row.livemode), row.accountId, row.keyHint, row.method, row.route, row.status);
    values.push(row.durationMs, row.idempotencyKey, row.replayOf, row.error?.name ?? null, row.error?.code ?? null);
    values.push(row.error === null ? null : JSON.stringify(row.error), row.params === null ? null : JSON.stringify(row.params));
    values.push(row.path === row.route ? null : row.path, row.query === null ? null : JSON.stringify(row.query), row.answer, row.machineAt);
  }
  insertRows(scope, REQUESTS, values);
}

/** A way in SQLite: its index, and the conditions for it. */
interface SqliteWay extends Way {
  index: string;
  conditions: readonly Condition[];
}

/** One page of a list of requests, found in the way that examines the fewest rows. */
export async function requestsPage(
  scope: Pick<WorkScope, "get" | "all">,
  pace: Pace | null,
  filter: RequestFilter,
  page: Page,
): Promise<PageOf<RequestRow>> {
  const owner: Condition[] = [
    ["caller_id = ?", filter.callerId],
    ["livemode = ?", Number(filter.livemode)],
  ];
  const conditions = conditionsOf(filter);
  const way = chosenWay(waysTo(filter, owner), (each) => counted(scope, each));
  const cursor = "(SELECT n FROM requests WHERE id = ?)";
  if (way.ordered) {
    const walked = `requests INDEXED BY ${way.index}`;
    return walkPage(
      scope,
      pace,
      { owner: filter.callerId, walked, order: "n", cursor, searched: owner, fitting: conditions, row: requestRow },
      page,
    );
  }
  const found: Condition = [
    `n IN (SELECT n FROM requests INDEXED BY ${way.index} WHERE ${whereOf(way.conditions)})`,
    ...valuesOf(way.conditions),
  ];
  const select = "SELECT * FROM requests NOT INDEXED";
  return readPage(scope, { select, order: "n", cursor, conditions: [found, ...owner, ...conditions], row: requestRow }, page);
}

/** The conditions on every row, for every way of finding it. */
function conditionsOf(filter: RequestFilter): Condition[] {
  const conditions: Condition[] = inRange("at", filter.at);
  if (filter.accountId !== undefined) conditions.push(["account_id = ?", filter.accountId]);
  if (filter.exceptAccountId !== undefined) conditions.push(["account_id <> ?", filter.exceptAccountId]);
  if (filter.methods !== undefined) conditions.push(["method IN (SELECT value FROM json_each(?))", JSON.stringify(filter.methods)]);
  if (filter.pathPrefix !== undefined) {
    const prefix = filter.pathPrefix;
    conditions.push(["(substr(path, 1, length(?)) = ? OR substr(full_path, 1, length(?)) = ?)", prefix, prefix, prefix, prefix]);
  }
  if (filter.statuses !== undefined) conditions.push(anyStatus(filter.statuses));
  if (filter.error !== undefined) conditions.push(withError(filter.error));
  return conditions;
}

/** Every way that serves the filter. The last one finds all requests of the caller. */
function waysTo(filter: RequestFilter, owner: readonly Condition[]): SqliteWay[] {
  const ways: SqliteWay[] = [];
  const failures = { ordered: false, index: "requests_failed" };
  if (filter.statuses !== undefined && filter.statuses.length > 0 && filter.statuses.every(([from]) => from >= 400))
    ways.push({ ...failures, conditions: [...owner, anyStatus(filter.statuses), [FAILED]] });
  if (filter.error !== undefined) ways.push({ ...failures, conditions: [...owner, withError(filter.error), [FAILED]] });
  if (filter.pathPrefix !== undefined) {
    const [from, to] = pathRange(filter.pathPrefix);
    ways.push({ ordered: false, index: "requests_of_path", conditions: [...owner, [`${PATH} BETWEEN ? AND ?`, from, to]] });
  }
  ways.push({ ordered: true, index: "requests_listed", conditions: owner });
  return ways;
}

/** How many rows a way examines, counted up to a bound. */
function counted(scope: Pick<WorkScope, "get">, { index, conditions }: SqliteWay): number {
  const where = conditions.map(([sql]) => sql).join(" AND ");
  const sql = `SELECT count(*) AS count FROM (SELECT 1 FROM requests INDEXED BY ${index} WHERE ${where} ${BOUND_LIMIT})`;
  return scope.get(sql, ...conditions.flatMap(([, ...values]) => values), COUNTED)?.count as number;
}

function anyStatus(ranges: readonly (readonly [from: number, to: number])[]): Condition {
  const sql = ranges.map(() => "status BETWEEN ? AND ?").join(" OR ");
  return [`(${sql === "" ? "0" : sql})`, ...ranges.flat()];
}

const withError = (error: string): Condition => ["(error_name = ? OR error_code = ?)", error, error];

export function requestRow(row: SqlRow): RequestRow {
  return {
    id: row.id as string,
    at: row.at as number,
    machineAt: row.machine_at as number | null,
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
