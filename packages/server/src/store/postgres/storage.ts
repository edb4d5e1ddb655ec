import type { Storage } from "../contract/storage.ts";
import type { Session } from "./database/session.ts";

const DATABASE = `
  SELECT pg_database_size(current_database())::bigint AS bytes, current_setting('server_version') AS version,
    (SELECT max(version) FROM migrations) AS schema`;
// The partitions of a table count as parts of it.
const TABLES = `
  SELECT coalesce(parent.relname, c.relname)::text AS name, sum(pg_total_relation_size(c.oid))::bigint AS bytes
  FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class parent ON parent.oid = i.inhparent
  WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
  GROUP BY 1 ORDER BY 2 DESC, 1`;
// Nodes that have left are not counted. The operator's commands have no roles, because they only look.
const NODES = "SELECT * FROM nodes WHERE seen_at > 0 AND roles IS DISTINCT FROM '' ORDER BY name";
// Source: https://www.postgresql.org/docs/18/runtime-config.html
const SETTINGS = `
  SELECT name, setting || coalesce(' ' || unit, '') AS value FROM pg_settings WHERE name IN (
    'fsync', 'full_page_writes', 'synchronous_commit', 'synchronous_standby_names', 'wal_level', 'max_connections', 'shared_buffers',
    'max_wal_size', 'TimeZone', 'server_encoding'
  ) ORDER BY name COLLATE "C"`;

/** The settings and sizes that the database reports. */
export async function storage(session: Session): Promise<Storage> {
  const row = (await session.get(DATABASE)) as { bytes: number; version: string; schema: number };
  const tables = await session.all(TABLES);
  const settings = await session.all(SETTINGS);
  const nodes = await session.all(NODES);
  return {
    engine: "postgresql",
    version: row.version,
    schema: row.schema,
    bytes: row.bytes,
    freeBytes: null,
    logBytes: null,
    tables: tables.map(({ name, bytes }) => ({ name: name as string, bytes: bytes as number })),
    settings: Object.fromEntries(settings.map(({ name, value }) => [name as string, value as string])),
    nodes: nodes.map((row) => ({
      name: row.name as string,
      seenAt: row.seen_at as number,
      startedAt: row.started_at as number | null,
      version: row.version as string | null,
      roles: row.roles === null ? null : (row.roles as string).split(","),
    })),
  };
}
