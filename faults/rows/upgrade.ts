import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { startChild } from "../../bench/child.ts";
import { MIGRATIONS } from "../../packages/server/src/store/postgres/migrations.ts";
import type { Row, Scale } from "../row.ts";
import { World } from "../world.ts";

const ROUNDS: Record<Scale, number> = { full: 20, quick: 2 };
const NODES = 3;
const EVENTS = 40;

/** Tables that number their rows. */
const NUMBERED = ["endpoints", "events", "deliveries", "tasks"];

/** A database of the version before, with deliveries pending, on which several nodes start at once while one of them is killed on the way: the step is taken once, nothing is lost. */
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
        const killed = startChild(new URL("../node-process.ts", import.meta.url), [start]).then(
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

/** Makes the database one of the version before, with all that is in it. */
async function stepBack(client: pg.Client): Promise<void> {
  await client.query("CREATE SCHEMA before");
  await client.query("SET search_path TO before");
  for (const step of MIGRATIONS.slice(0, -1)) await client.query(step);
  await client.query("CREATE TABLE migrations (LIKE public.migrations INCLUDING ALL)");
  await client.query("INSERT INTO migrations SELECT * FROM public.migrations WHERE version < $1", [MIGRATIONS.length]);
  // The columns that both versions have. Rows find their partitions by themselves.
  const { rows } = await client.query<{ name: string; columns: string }>(`
    SELECT c.relname AS name, string_agg(quote_ident(old.attname), ', ') AS columns
    FROM pg_class c
    JOIN pg_attribute old ON old.attrelid = c.oid AND old.attnum > 0 AND NOT old.attisdropped
    JOIN pg_class d ON d.relname = c.relname AND d.relnamespace = 'public'::regnamespace
    JOIN pg_attribute new ON new.attrelid = d.oid AND new.attname = old.attname AND NOT new.attisdropped
    WHERE c.relnamespace = 'before'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'migrations'
    GROUP BY c.relname`);
  for (const { name, columns } of rows) {
    await client.query(`DELETE FROM ${name}`);
    await client.query(`INSERT INTO ${name} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM public.${name}`);
  }
  for (const name of NUMBERED)
    await client.query(`SELECT setval(pg_get_serial_sequence('${name}', 'n'), (SELECT coalesce(max(n), 0) + 1 FROM ${name}))`);
  await client.query("DROP SCHEMA public CASCADE");
  await client.query("ALTER SCHEMA before RENAME TO public");
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
