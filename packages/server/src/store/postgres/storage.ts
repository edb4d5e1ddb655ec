import type { Storage } from "../contract/storage.ts";
import type { Session } from "./session.ts";

const DATABASE = `
  SELECT pg_database_size(current_database())::bigint AS bytes, current_setting('server_version') AS version,
    (SELECT max(version) FROM migrations) AS schema`;
// The partitions of a table are parts of it.
const TABLES = `
  SELECT coalesce(parent.relname, c.relname)::text AS name, sum(pg_total_relation_size(c.oid))::bigint AS bytes
  FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class parent ON parent.oid = i.inhparent
  WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
  GROUP BY 1 ORDER BY 2 DESC, 1`;
// A node that left is not counted.
const NODES = "SELECT name, seen_at FROM nodes WHERE seen_at > 0 ORDER BY name";

/** What the database has. */
export async function storage(session: Session): Promise<Storage> {
  const row = (await session.get(DATABASE)) as { bytes: number; version: string; schema: number };
  const tables = await session.all(TABLES);
  const nodes = await session.all(NODES);
  return {
    engine: "postgresql",
    version: row.version,
    schema: row.schema,
    bytes: row.bytes,
    freeBytes: null,
    logBytes: null,
    tables: tables.map(({ name, bytes }) => ({ name: name as string, bytes: bytes as number })),
    nodes: nodes.map(({ name, seen_at }) => ({ name: name as string, seenAt: seen_at as number })),
  };
}
