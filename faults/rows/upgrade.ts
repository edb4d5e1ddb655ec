import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { startChild } from "../../bench/child.ts";
import { KEY_MARKER } from "../../packages/server/src/store/key-marker.ts";
import { MIGRATIONS } from "../../packages/server/src/store/postgres/schema/migrations.ts";
import { SEALED_TABLES } from "../../packages/server/src/store/sealed-fields.ts";
import { placeOf, SecretBox } from "../../packages/server/src/store/secret-box.ts";
import { TEST_KEYS } from "../../packages/server/test/store/store-fixture.ts";
import { NODE_PROGRAM } from "../node-program.ts";
import type { Row, Scale } from "../row.ts";
import { World } from "../world.ts";

const ROUNDS: Record<Scale, number> = { full: 20, quick: 2 };
const NODES = 3;
const EVENTS = 40;

/**
 * A database of the previous version, with pending deliveries, on which several nodes start at once while one of them
 * is killed on the way: the step is taken once, and nothing is lost.
 */
export const upgrade: Row = {
  number: 22,
  name: "nodes bring an older database up to date",
  async run(context) {
    const world = await World.create("postgresql", context);
    if (!("url" in world.location)) throw new Error("a world on PostgreSQL has a URL");
    const { url } = world.location;
    try {
      const breaches: string[] = [];
      let longestMs = 0;
      const rounds = ROUNDS[context.scale];
      for (let round = 0; round < rounds; round++) {
        context.progress(`upgrade ${round + 1} of ${rounds}`);
        const api = await world.startNode({ roles: ["api"] });
        await world.publish(api, EVENTS);
        await world.endNode(api, "SIGTERM");
        await onDatabase(url, stepBack);
        const began = performance.now();
        const start = JSON.stringify({ store: { url }, limits: {} });
        const killed = startChild(NODE_PROGRAM, [start]).then(
          ({ child }) => child.end("SIGKILL"),
          () => null,
        );
        const nodes = await Promise.all(Array.from({ length: NODES }, () => pause(20 * round).then(() => world.startNode())));
        longestMs = Math.max(longestMs, performance.now() - began);
        await killed;
        await world.drained();
        const [first] = nodes;
        if (first !== undefined) await world.settled(first);
        for (const node of nodes) await world.endNode(node, "SIGTERM");
        const versions = await onDatabase(
          url,
          async (client) => (await client.query<{ version: number }>("SELECT version FROM migrations ORDER BY 1")).rows,
        );
        if (versions.length !== MIGRATIONS.length) breaches.push(`${versions.length} steps are noted of ${MIGRATIONS.length}`);
      }
      const verdict = await world.verdict({ faulty: true });
      return {
        breaches: [...breaches, ...verdict.breaches],
        figures: { ...verdict.figures, upgrades: rounds, nodesAtOnce: NODES + 1, longestStartMs: Math.round(longestMs) },
      };
    } finally {
      await world.close();
    }
  },
};

/** Tables that the previous version also knows: those that are not a partition of another. */
const TABLES = `
  SELECT c.table_name AS name, string_agg(quote_ident(c.column_name), ', ') AS columns
  FROM information_schema.columns c JOIN pg_class t ON t.oid = format('before.%I', c.table_name)::regclass
  WHERE c.table_schema = 'before' AND NOT t.relispartition AND c.table_name <> 'migrations' AND EXISTS (
    SELECT 1 FROM information_schema.columns n WHERE n.table_schema = 'public' AND n.table_name = c.table_name AND n.column_name = c.column_name
  )
  GROUP BY c.table_name`;
const SEQUENCES = `
  SELECT setval(format('before.%I', s.sequencename)::regclass, coalesce(p.last_value, 1), p.last_value IS NOT NULL)
  FROM pg_sequences s JOIN pg_sequences p ON p.schemaname = 'public' AND p.sequencename = s.sequencename WHERE s.schemaname = 'before'`;

/** Columns of the previous version that are now in another table, and how to read them from there. */
const MOVED: Readonly<Record<string, { from: string; columns: Readonly<Record<string, string>> }>> = {
  deliveries: {
    from: "LEFT JOIN public.pending q ON q.n = t.n",
    columns: {
      due_at: "coalesce(q.due_at, t.next_attempt_at, t.created)",
      lease: "coalesce(q.lease, t.lease)",
      lease_node: "q.lease_node",
    },
  },
};

/** Turns the database into one of the previous version, with all its data. */
async function stepBack(client: pg.Client): Promise<void> {
  await client.query("CREATE SCHEMA before");
  await client.query("SET search_path TO before");
  for (const step of MIGRATIONS.slice(0, -1)) await client.query(step);
  await client.query("CREATE TABLE migrations (LIKE public.migrations INCLUDING ALL)");
  await client.query("INSERT INTO migrations SELECT * FROM public.migrations WHERE version < $1", [MIGRATIONS.length]);
  const { rows } = await client.query<{ name: string; columns: string }>(TABLES);
  for (const { name, columns } of rows) {
    await client.query(`TRUNCATE ${name}`);
    const moved = MIGRATIONS.at(-1)?.includes("CREATE TABLE pending") === true ? MOVED[name] : undefined;
    const own = columns.split(", ").filter((column) => moved?.columns[column] === undefined);
    const values = [...own.map((column) => `t.${column}`), ...Object.values(moved?.columns ?? {})].join(", ");
    const into = [...own, ...Object.keys(moved?.columns ?? {})].join(", ");
    await client.query(`INSERT INTO ${name} (${into}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM public.${name} t ${moved?.from ?? ""}`);
  }
  await client.query(SEQUENCES);
  if (MIGRATIONS.at(-1)?.includes("endpoints_sealed") === true) await unseal(client);
  await client.query("DROP SCHEMA public CASCADE");
  await client.query("ALTER SCHEMA before RENAME TO public");
}

/** Secrets in clear, as they were before sealing existed. */
async function unseal(client: pg.Client): Promise<void> {
  const box = new SecretBox(TEST_KEYS, randomBytes);
  for (const { table, key, only, fields } of SEALED_TABLES)
    for (const { column, json } of fields) {
      const { rows } = await client.query<Record<string, string>>(
        `SELECT ${key.join(", ")}, ${json ? `${column} #>> '{}'` : column} AS sealed FROM ${table} ${
          only === undefined ? "" : `WHERE ${only.is === "in" ? "" : "NOT"} ${only.column} = ANY($1)`
        }`,
        only === undefined ? [] : [only.values],
      );
      for (const row of rows) {
        const names = key.map((name) => row[name] ?? "");
        const clear = box.open(placeOf({ table, column }, ...names), row.sealed);
        const where = key.map((name, nth) => `${name} = $${nth + 2}`).join(" AND ");
        await client.query(`UPDATE ${table} SET ${column} = $1 WHERE ${where}`, [clear, ...names]);
      }
    }
  await client.query("DELETE FROM settings WHERE name = $1", [KEY_MARKER]);
}

async function onDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
