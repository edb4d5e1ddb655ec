import type { Limits } from "../../../limits.ts";
import { KEY_MARKER, type KeyMarker } from "../../key-marker.ts";
import { nodeMark } from "../../node-mark.ts";
import { openPool } from "../database/open-pool.ts";
import { postgresFailure } from "../database/postgres-failure.ts";
import { MIGRATIONS } from "./migrations.ts";
import { checkMark, MARK, type SchemaMark } from "./schema-mark.ts";

/** The marks that a database has. */
export interface DatabaseMarks {
  engine: string;
  schema: number | null;
  knownSchema: number;
  clockAheadMs: number;
  running: (readonly string[] | null)[];
  marks: string[];
  marker: KeyMarker | null;
}

const EXISTS = `
  SELECT to_regclass('migrations') IS NOT NULL AS migrated, to_regclass('settings') IS NOT NULL AS settled,
    to_regclass('nodes') IS NOT NULL AS shared`;
// Read through JSON, because the column may not exist yet. Commands have no roles.
const RUNNING =
  "SELECT name, to_jsonb(nodes) ->> 'roles' AS roles FROM nodes WHERE seen_at > $1 AND to_jsonb(nodes) ->> 'roles' IS DISTINCT FROM ''";

/**
 * The least that one clock is ahead of another, negative when it is behind, in milliseconds. `told` is the first
 * clock's answer; `asked` and `answered` are the second clock's times of the question and of the answer. The first
 * clock may have been read at any moment in between.
 */
export function surelyAhead({ asked, told, answered }: { asked: number; told: number; answered: number }): number {
  if (told > answered) return Math.round(told - answered);
  return told < asked ? Math.round(told - asked) : 0;
}

/**
 * Reads which schema, which keys and what time a database has, without changing it. `now` returns Unix milliseconds.
 * Throws `StoreUnavailable` when it cannot be reached, and `UnfitDatabase` when it is newer or would lose acknowledged
 * writes.
 */
export async function readMarks(
  url: string,
  limits: Pick<Limits, "databaseConnectMs" | "databaseAnswerMs" | "databaseEndMs" | "nodeGoneMs">,
  now: () => number,
): Promise<DatabaseMarks> {
  const { databaseConnectMs: connectMs, databaseAnswerMs: answerMs, databaseEndMs: endMs } = limits;
  const pool = await openPool({ url, connections: 1, connectMs, answerMs, endMs });
  try {
    const first = async <Row>(sql: string, ...values: string[]): Promise<Row> => (await pool.query(sql, values)).rows[0] as Row;
    const { version } = await first<{ version: string }>("SELECT split_part(current_setting('server_version'), ' ', 1) AS version");
    const asked = now();
    const { time } = await first<{ time: number }>("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS time");
    const clockAheadMs = surelyAhead({ asked, told: time, answered: now() });
    const { migrated, settled, shared } = await first<{ migrated: boolean; settled: boolean; shared: boolean }>(EXISTS);
    const mark = migrated ? await first<SchemaMark>(MARK) : null;
    if (mark !== null) checkMark(mark, MIGRATIONS.length);
    const kept = settled
      ? await first<{ value: KeyMarker } | undefined>("SELECT value FROM settings WHERE name = $1", KEY_MARKER)
      : undefined;
    const nodes = shared ? (await pool.query(RUNNING, [time - limits.nodeGoneMs])).rows : [];
    return {
      engine: `PostgreSQL ${version}`,
      schema: mark?.version ?? null,
      knownSchema: MIGRATIONS.length,
      clockAheadMs,
      running: nodes.map(({ roles }) => (typeof roles === "string" ? roles.split(",") : null)),
      marks: nodes.map(({ name }) => nodeMark(name)),
      marker: kept?.value ?? null,
    };
  } catch (error) {
    throw postgresFailure(error);
  } finally {
    await pool.end();
  }
}
