import type { Pool } from "pg";
import { UnfitDatabase } from "../store.ts";
import { MIGRATIONS } from "./migrations.ts";
import { postgresFailure } from "./postgres-failure.ts";

/** The lock that nodes which start together take turns by: "CRBN". */
const LOCK = 0x43_52_42_4e;

/**
 * Takes the steps a database still lacks, each in a transaction of its own: one that is broken off is taken again by
 * whoever starts next. Of nodes that start together one takes a step and the others wait for it. `now` (Unix
 * milliseconds) is noted as the time. Throws `UnfitDatabase` when a newer Carabiner wrote the database, and `StoreUnavailable` when it
 * cannot be reached.
 */
export async function migrate(pool: Pool, now: number, steps: readonly string[] = MIGRATIONS): Promise<void> {
  for (let reached = -1; reached < steps.length; ) reached = await takeStep(pool, now, steps);
}

/** Takes the next step, if one is left. Returns how many are taken now. */
async function takeStep(pool: Pool, now: number, steps: readonly string[]): Promise<number> {
  const client = await pool.connect().catch((error: unknown) => {
    throw postgresFailure(error);
  });
  try {
    await client.query("BEGIN");
    await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
    await client.query("CREATE TABLE IF NOT EXISTS migrations (version integer PRIMARY KEY, applied_at bigint NOT NULL)");
    const { rows } = await client.query<{ version: number | null }>("SELECT max(version) AS version FROM migrations");
    const version = rows[0]?.version ?? 0;
    if (version > steps.length)
      throw new UnfitDatabase(
        `This database was written by a newer Carabiner (schema ${version}; this one knows ${steps.length}). Start that version.`,
      );
    const step = steps[version];
    if (step !== undefined) {
      await client.query(step);
      await client.query("INSERT INTO migrations (version, applied_at) VALUES ($1, $2)", [version + 1, now]);
    }
    await client.query("COMMIT");
    client.release();
    return step === undefined ? steps.length : version + 1;
  } catch (error) {
    // The step goes with its connection.
    client.release(true);
    throw postgresFailure(error);
  }
}
