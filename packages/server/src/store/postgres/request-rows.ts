import type { RequestError, RequestRow } from "../contract/rows.ts";
import type { Page, PageOf, RequestFilter } from "../contract/transaction.ts";
import { COUNTED, chosenWay, type Way } from "../delivery-ways.ts";
import type { Pace } from "../pace.ts";
import { valuesOf, whereOf } from "../page-of.ts";
import { INDEXED_PATH_CHARS, pathRange } from "../path-range.ts";
import { Conflict } from "../store.ts";
import type { Session, SqlRow, SqlValue } from "./database/session.ts";
import { type Condition, inRange, numbered, readPage } from "./lists/read-page.ts";
import { walkPage } from "./lists/walk-page.ts";
import { isErased } from "./rows/is-erased.ts";
import { BEGIN, type Transactions } from "./transactions/transactions.ts";

// In the given order, which decides their numbers. Numbers are taken from their lists: see `held-writes.ts`.
const INSERT = `
  INSERT INTO requests (
    id, at, caller_id, livemode, account_id, key_hint, method, path, status, duration_ms, idempotency_key, replay_of, error_name, error_code,
    error, params, full_path, query, answer, machine_at
  )
  SELECT id, ($2::bigint[])[i], caller_id, ($4::boolean[])[i], account_id, key_hint, method, path, ($9::smallint[])[i],
    ($10::double precision[])[i], idempotency_key, replay_of, error_name, error_code, error, params, full_path, query, answer,
    ($20::bigint[])[i]
  FROM unnest(
      $1::text[], $3::text[], $5::text[], $6::text[], $7::text[], $8::text[], $11::text[], $12::text[], $13::text[], $14::text[],
      $15::json[], $16::json[], $17::text[], $18::json[], $19::text[]
    ) WITH ORDINALITY AS one (
      id, caller_id, account_id, key_hint, method, path, idempotency_key, replay_of, error_name, error_code, error, params, full_path,
      query, answer, i
    )
  WHERE NOT ${isErased("caller_id, one.account_id")}`;
const INSERT_THE_REST = `${INSERT} ON CONFLICT (id) DO NOTHING`;

/** The condition of the index of failed requests. */
const FAILED = "(status >= 400 OR error_name IS NOT NULL)";
/** The indexed part of a request's path: its beginning, with ids. */
const PATH = `substr(coalesce(full_path, path), 1, ${INDEXED_PATH_CHARS}) COLLATE "C"`;

/**
 * Writes requests. Skips those whose id already exists, which PostgreSQL checks only once it has found a conflict, and
 * those of erased accounts. Serializable, because an erasure that ends meanwhile, on any node, has not searched these
 * rows.
 */
export async function insertRequests(transactions: Transactions, rows: readonly RequestRow[]): Promise<void> {
  if (rows.length === 0) return;
  const values = insertedValues(rows);
  const insert = (sql: string) => transactions.run(BEGIN.serializable, async (session) => session.send(sql, values));
  try {
    await insert(INSERT);
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    await insert(INSERT_THE_REST);
  }
}

function insertedValues(rows: readonly RequestRow[]): SqlValue[] {
  return [
    rows.map(({ id }) => id),
    rows.map(({ at }) => at),
    rows.map(({ callerId }) => callerId),
    rows.map(({ livemode }) => livemode),
    rows.map(({ accountId }) => accountId),
    rows.map(({ keyHint }) => keyHint),
    rows.map(({ method }) => method),
    rows.map(({ route }) => route),
    rows.map(({ status }) => status),
    rows.map(({ durationMs }) => durationMs),
    rows.map(({ idempotencyKey }) => idempotencyKey),
    rows.map(({ replayOf }) => replayOf),
    rows.map(({ error }) => error?.name ?? null),
    rows.map(({ error }) => error?.code ?? null),
    rows.map(({ error }) => (error === null ? null : JSON.stringify(error))),
    rows.map(({ params }) => (params === null ? null : JSON.stringify(params))),
    rows.map(({ path, route }) => (path === route ? null : path)),
    rows.map(({ query }) => (query === null ? null : JSON.stringify(query))),
    rows.map(({ answer }) => answer),
    rows.map(({ machineAt }) => machineAt),
  ];
}

/** A way in PostgreSQL, and the conditions for its index. */
interface PostgresWay extends Way {
  conditions: readonly Condition[];
}

/** One page of a list of requests, found in the way that examines the fewest rows. */
export async function requestsPage(session: Session, pace: Pace | null, filter: RequestFilter, page: Page): Promise<PageOf<RequestRow>> {
  const owner: Condition[] = [
    ["caller_id = ?", filter.callerId],
    ["livemode = ?", filter.livemode],
  ];
  const ways = waysTo(filter, owner);
  const counts = new Map<PostgresWay, number>();
  if (ways.length > 1) for (const way of ways) if (!way.ordered) counts.set(way, await counted(session, way));
  const way = chosenWay(ways, (each) => counts.get(each) ?? COUNTED);
  const list = { order: "n", cursor: "(SELECT n FROM requests WHERE id = ?)", row: requestRow };
  const conditions = conditionsOf(filter);
  if (way.ordered)
    return walkPage(session, pace, { ...list, owner: filter.callerId, walked: "requests", searched: owner, fitting: conditions }, page);
  // Found first, because the planner might read all requests in their order instead. It assumes that an array has few
  // elements.
  const found: Condition = [`n = ANY(ARRAY(SELECT n FROM requests WHERE ${whereOf(way.conditions)}))`, ...valuesOf(way.conditions)];
  return readPage(session, { ...list, select: "SELECT * FROM requests", conditions: [found, ...owner, ...conditions] }, page);
}

/** The conditions on every row, for every way of finding it. */
function conditionsOf(filter: RequestFilter): Condition[] {
  const conditions: Condition[] = inRange("at", filter.at);
  if (filter.accountId !== undefined) conditions.push(["account_id = ?", filter.accountId]);
  if (filter.exceptAccountId !== undefined) conditions.push(["account_id <> ?", filter.exceptAccountId]);
  if (filter.methods !== undefined) conditions.push(["method = ANY(?::text[])", filter.methods]);
  if (filter.pathPrefix !== undefined)
    conditions.push(["(starts_with(path, ?) OR starts_with(full_path, ?))", filter.pathPrefix, filter.pathPrefix]);
  if (filter.statuses !== undefined) conditions.push(anyStatus(filter.statuses));
  if (filter.error !== undefined) conditions.push(withError(filter.error));
  return conditions;
}

/** Every way that serves the filter. The last one finds all requests of the caller. */
function waysTo(filter: RequestFilter, owner: readonly Condition[]): PostgresWay[] {
  const ways: PostgresWay[] = [];
  if (filter.statuses !== undefined && filter.statuses.length > 0 && filter.statuses.every(([from]) => from >= 400))
    ways.push({ ordered: false, conditions: [...owner, anyStatus(filter.statuses), [FAILED]] });
  if (filter.error !== undefined) ways.push({ ordered: false, conditions: [...owner, withError(filter.error), [FAILED]] });
  if (filter.pathPrefix !== undefined) {
    const [from, to] = pathRange(filter.pathPrefix);
    ways.push({ ordered: false, conditions: [...owner, [`${PATH} BETWEEN ? AND ?`, from, to]] });
  }
  ways.push({ ordered: true, conditions: owner });
  return ways;
}

/** How many rows a way examines, counted up to a bound. */
async function counted(session: Session, way: PostgresWay): Promise<number> {
  const sql = `SELECT count(*)::integer AS count FROM (SELECT FROM requests WHERE ${whereOf(way.conditions)} LIMIT ${COUNTED}) AS counted`;
  return (await session.get(numbered(sql), ...valuesOf(way.conditions)))?.count as number;
}

function anyStatus(ranges: readonly (readonly [from: number, to: number])[]): Condition {
  const sql = ranges.map(() => "status BETWEEN ? AND ?").join(" OR ");
  return [`(${sql === "" ? "false" : sql})`, ...ranges.flat()];
}

const withError = (error: string): Condition => ["(error_name = ? OR error_code = ?)", error, error];

export function requestRow(row: SqlRow): RequestRow {
  return {
    id: row.id as string,
    at: row.at as number,
    machineAt: row.machine_at as number | null,
    callerId: row.caller_id as string,
    livemode: row.livemode as boolean,
    accountId: row.account_id as string,
    keyHint: row.key_hint as string | null,
    method: row.method as string,
    route: row.path as string,
    path: (row.full_path ?? row.path) as string,
    status: row.status as number,
    durationMs: row.duration_ms as number,
    idempotencyKey: row.idempotency_key as string | null,
    replayOf: row.replay_of as string | null,
    error: row.error as RequestError | null,
    params: row.params as Record<string, string> | null,
    query: row.query as Record<string, string> | null,
    answer: row.answer as string | null,
  };
}
