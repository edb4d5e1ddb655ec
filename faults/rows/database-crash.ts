import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { startLoad } from "../load.ts";
import type { Row, RowContext, Scale } from "../row.ts";
import { createDatabase, until, World } from "../world.ts";

const CRASHES: Record<Scale, number> = { full: 20, quick: 1 };
const CONTROL_ROWS = 20_000;

/**
 * kill -9 of PostgreSQL with all its processes, under load: nothing acknowledged is lost, and the node continues on its
 * own.
 */
export const databaseCrash: Row = {
  number: 4,
  name: "PostgreSQL crashes",
  async run(context) {
    const { own } = context.postgres;
    if (own === null) throw new Error("this row needs a PostgreSQL server of its own: unset CARABINER_TEST_DATABASE_URL");
    const world = await World.create("postgresql", context);
    try {
      const node = await world.startNode();
      const load = startLoad(world, () => [node]);
      const crashes = CRASHES[context.scale];
      let longestMs = 0;
      for (let crash = 0; crash < crashes; crash++) {
        context.progress(`crash ${crash + 1} of ${crashes}`);
        const before = world.acknowledged.size;
        await until("some acknowledgements", () => world.acknowledged.size > before + 50 + 37 * (crash % 5));
        await own.crash();
        await pause(50);
        await own.startAgain();
        const began = performance.now();
        const known = world.acknowledged.size;
        await until("an acknowledgement after the crash", () => world.acknowledged.size > known);
        longestMs = Math.max(longestMs, performance.now() - began);
      }
      await load.stop();
      const drainS = await world.drained();
      await world.settled(node);
      const { breaches, figures } = await world.verdict({ faulty: true });
      const controlLost = await control(context);
      if (controlLost === 0) breaches.push("the control lost nothing: these crashes prove nothing");
      return {
        breaches,
        figures: { ...figures, crashes, longestBackMs: Math.round(longestMs), drainS: Math.round(drainS * 100) / 100, controlLost },
      };
    } finally {
      await world.close();
    }
  },
};

/** How many acknowledged rows a crash loses if they are written in the wrong way, with synchronous_commit off. */
async function control({ postgres, progress }: RowContext): Promise<number> {
  progress("control with synchronous_commit = off");
  const database = await createDatabase(postgres.url);
  try {
    const writer = new pg.Client({ connectionString: database.url });
    // The connection ends with the server.
    writer.on("error", () => undefined);
    await writer.connect();
    await writer.query("SET synchronous_commit = off; CREATE TABLE control (n integer)");
    await writer.query("CHECKPOINT");
    let acknowledged = 0;
    const writing = (async () => {
      for (; acknowledged < CONTROL_ROWS; acknowledged++) await writer.query("INSERT INTO control VALUES (1)");
    })().catch(() => undefined);
    await until("the control to write", () => acknowledged > 500);
    await postgres.own?.crash();
    await writing;
    await postgres.own?.startAgain();
    const reader = new pg.Client({ connectionString: database.url });
    await reader.connect();
    const { rows } = await reader.query<{ count: string }>("SELECT count(*) AS count FROM control");
    await reader.end();
    return acknowledged - Number(rows[0]?.count);
  } finally {
    await database.drop();
  }
}
