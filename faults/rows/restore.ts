import { readdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { type ArchivedPostgres, startArchivedPostgres } from "../archived-postgres.ts";
import { startLoad } from "../load.ts";
import type { Row, Scale } from "../row.ts";
import { createDatabase, type Node, until, World } from "../world.ts";

/** How many events are acknowledged between one step and the next. */
const EVENTS: Record<Scale, number> = { full: 2_000, quick: 100 };

/**
 * A dump and a base backup, both taken under load, and a later point in time. The dump contains everything that was
 * acknowledged before it began. Recovery to the point in time contains everything that was acknowledged before it, and
 * nothing that was published after it. Nodes work on both.
 */
export const restore: Row = {
  number: 23,
  name: "a PostgreSQL database is restored from a dump, and to a moment",
  async run(context) {
    const server = await startArchivedPostgres();
    try {
      const world = await World.create("postgresql", { ...context, postgres: { url: server.url, stop: async () => undefined, own: null } });
      try {
        const { url } = world.location as { url: string };
        const node = await world.startNode();
        const load = startLoad(world, () => [node]);
        const more = async () => {
          const known = world.acknowledged.size;
          await until("more acknowledgements", () => world.acknowledged.size >= known + EVENTS[context.scale]);
        };
        await more();

        context.progress("dump and base backup, under load");
        const beforeDump = new Set(world.acknowledged);
        const dump = join(server.folder("dump"), "carabiner.dump");
        server.run("pg_dump", "--format=custom", `--file=${dump}`, url);
        const copy = server.folder("copy");
        server.run("pg_basebackup", "--pgdata", copy, "--wal-method=stream", "--checkpoint=fast", "--dbname", server.url);
        await more();
        await load.stop();
        const beforeMoment = new Set(world.acknowledged);
        const moment = await ask<string>(url, "SELECT clock_timestamp()::text AS value");
        await world.publish(node, 10);
        const afterMoment = [...world.acknowledged].filter((id) => !beforeMoment.has(id));
        await archiveLog(server);
        await world.drained();
        const verdict = await world.verdict({ faulty: false });
        await world.endNode(node, "SIGTERM");

        context.progress("restore of the dump");
        const restored = await createDatabase(server.url);
        server.run("pg_restore", "--no-owner", `--dbname=${restored.url}`, dump);
        const breaches = [
          ...verdict.breaches,
          ...(await lost("the dump", restored.url, beforeDump)),
          ...(await works(world, restored.url)),
        ];

        context.progress("recovery to the moment");
        const recovered = await server.recover(copy, {
          archive_mode: "off",
          restore_command: `cp ${server.archive}/%f %p`,
          recovery_target_time: moment,
          recovery_target_action: "promote",
        });
        const database = new URL(recovered.url);
        database.pathname = new URL(url).pathname;
        await until(
          "the end of the recovery",
          async () => (await ask<boolean>(database.href, "SELECT pg_is_in_recovery() AS value")) === false,
        );
        breaches.push(...(await lost("the recovery", database.href, beforeMoment)));
        const later = await idsIn(database.href, afterMoment);
        if (later.size > 0) breaches.push(`the recovery has ${later.size} events from after the moment`);
        breaches.push(...(await works(world, database.href)));
        return {
          breaches,
          figures: {
            ...verdict.figures,
            version: server.version,
            dumped: beforeDump.size,
            recovered: beforeMoment.size,
            afterMoment: afterMoment.length,
          },
        };
      } finally {
        await world.close();
      }
    } finally {
      server.stop();
    }
  },
};

/** Archives the log up to now, to the end of the current file, as happens when that file is full. */
async function archiveLog({ url, archive }: ArchivedPostgres): Promise<void> {
  const file = await ask<string>(url, "SELECT pg_walfile_name(pg_switch_wal()) AS value");
  await until("the log to be archived", () => readdirSync(archive).includes(file));
}

/** The acknowledged events that are missing from a database, in words. */
async function lost(what: string, url: string, acknowledged: ReadonlySet<string>): Promise<string[]> {
  const found = await idsIn(url, [...acknowledged]);
  const missing = acknowledged.size - found.size;
  return missing === 0 ? [] : [`${what} lacks ${missing} of ${acknowledged.size} events that were acknowledged before`];
}

async function idsIn(url: string, ids: readonly string[]): Promise<Set<string>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>("SELECT id FROM events WHERE id = ANY($1)", [ids]);
    return new Set(rows.map(({ id }) => id));
  } finally {
    await client.end();
  }
}

/**
 * Checks that a node on a restored database accepts an event and sends everything that is due. Returns why not, in
 * words.
 */
async function works(world: World, url: string): Promise<string[]> {
  const node: Node = await world.startNode({ store: { url } });
  try {
    if (!(await world.publish(node, 1))) return ["a node on the restored database refused an event"];
    await until("all that was due on the restored database", async () => (await ask<string>(url, DUE)) === "0");
    return [];
  } finally {
    await world.endNode(node, "SIGTERM");
  }
}

const DUE = "SELECT count(*) AS value FROM deliveries WHERE state = 0";

async function ask<Value>(url: string, sql: string): Promise<Value> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<{ value: Value }>(sql)).rows[0]?.value as Value;
  } finally {
    await client.end();
  }
}
