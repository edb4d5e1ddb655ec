import type { RequestError, RequestRow } from "../contract/rows.ts";
import type { Page, PageOf, RequestFilter } from "../contract/transaction.ts";
import { type Condition, inRange, readPage } from "./read-page.ts";
import type { Session, SqlRow } from "./session.ts";

const INSERT = `
  INSERT INTO requests (
    id, at, caller_id, livemode, account_id, key_hint, method, path, status, duration_ms, idempotency_key, replay_of, error_name, error_code,
    error, params, full_path, query, answer
  )
  SELECT id, at, caller_id, livemode, account_id, key_hint, method, path, status, duration_ms, idempotency_key, replay_of, error_name,
    error_code, error, params, full_path, query, answer
  FROM unnest(
      $1::text[], $2::bigint[], $3::text[], $4::boolean[], $5::text[], $6::text[], $7::text[], $8::text[], $9::smallint[],
      $10::double precision[], $11::text[], $12::text[], $13::text[], $14::text[], $15::json[], $16::json[],
      $17::text[], $18::json[], $19::text[]
    ) WITH ORDINALITY AS one (
      id, at, caller_id, livemode, account_id, key_hint, method, path, status, duration_ms, idempotency_key, replay_of, error_name,
      error_code, error, params, full_path, query, answer, position
    )
  ORDER BY position
  ON CONFLICT (id) DO NOTHING`;

/** Writes requests. Skips those whose id already exists. */
export async function insertRequests(session: Session, rows: readonly RequestRow[]): Promise<void> {
  if (rows.length === 0) return;
  await session.run(
    INSERT,
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
  );
}

/** One page of a list of requests. */
export function requestsPage(session: Session, filter: RequestFilter, page: Page): Promise<PageOf<RequestRow>> {
  const conditions: Condition[] = [["caller_id = ?", filter.callerId], ["livemode = ?", filter.livemode], ...inRange("at", filter.at)];
  if (filter.accountId !== undefined) conditions.push(["account_id = ?", filter.accountId]);
  if (filter.exceptAccountId !== undefined) conditions.push(["account_id <> ?", filter.exceptAccountId]);
  if (filter.methods !== undefined) conditions.push(["method = ANY(?::text[])", filter.methods]);
  if (filter.pathPrefix !== undefined)
    conditions.push(["(starts_with(path, ?) OR starts_with(full_path, ?))", filter.pathPrefix, filter.pathPrefix]);
  if (filter.statuses !== undefined) {
    const ranges = filter.statuses.map(() => "status BETWEEN ? AND ?").join(" OR ");
    conditions.push([`(${ranges === "" ? "false" : ranges})`, ...filter.statuses.flat()]);
  }
  if (filter.error !== undefined) conditions.push(["(error_name = ? OR error_code = ?)", filter.error, filter.error]);
  return readPage(
    session,
    { select: "SELECT * FROM requests", order: "n", cursor: "(SELECT n FROM requests WHERE id = ?)", conditions, row: requestRow },
    page,
  );
}

export function requestRow(row: SqlRow): RequestRow {
  return {
    id: row.id as string,
    at: row.at as number,
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
