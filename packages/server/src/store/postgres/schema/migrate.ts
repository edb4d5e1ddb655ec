import type { Pool } from "pg";
import { postgresFailure } from "../database/postgres-failure.ts";
import { MIGRATIONS, OLDEST_NODE } from "./migrations.ts";
import { checkMark, MARK, type SchemaMark } from "./schema-mark.ts";

/** The lock that makes nodes take turns when they start together: "CRBN". */
const LOCK = 0x43_52_42_4e;

/**
 * Takes the steps a database still lacks, each in its own transaction. The next node that starts repeats an interrupted
 * step. If nodes start together, one takes a step and the others wait for it. `now` (Unix milliseconds) is recorded as
 * the time. The database of a newer Carabiner stays as it is if this version can work with it: `oldest` is how many
 * steps a node must know once all are taken. Throws `UnfitDatabase` if it cannot, and `StoreUnavailable` if the
 * database cannot be reached.
 */
export async function migrate(pool: Pool, now: number, steps: readonly string[] = MIGRATIONS, oldest = OLDEST_NODE): Promise<void> {
  for (let reached = -1; reached < steps.length; ) reached = await takeStep(pool, now, steps, oldest);
}

/** Takes the next step, if there is one left. Returns how many have been taken now. */
async function takeStep(pool: Pool, now: number, steps: readonly string[], oldest: number): Promise<number> {
  const client = await pool.connect().catch((error: unknown) => {
    throw postgresFailure(error);
  });
  try {
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
    await client.query("CREATE TABLE IF NOT EXISTS migrations (version integer PRIMARY KEY, applied_at bigint NOT NULL)");
    await client.query("ALTER TABLE migrations ADD COLUMN IF NOT EXISTS oldest integer NOT NULL DEFAULT 1");
    const { rows } = await client.query<SchemaMark>(MARK);
    const mark = rows[0] as SchemaMark;
    const { version } = mark;
    checkMark(mark, steps.length);
    const step = steps[version];
    if (step !== undefined) {
      await client.query(step);
      const needed = Math.min(oldest, version + 1);
      await client.query("INSERT INTO migrations (version, applied_at, oldest) VALUES ($1, $2, $3)", [version + 1, now, needed]);
    }
    await client.query("COMMIT");
    client.release();
    return step === undefined ? steps.length : version + 1;
  } catch (error) {
    // The step is rolled back with its connection.
    client.release(true);
    throw postgresFailure(error);
  }
}
