import type { DatabaseSync } from "node:sqlite";
import { UnfitDatabase } from "../../store.ts";
import { IRREVERSIBLE_STEPS, MIGRATIONS } from "./migrations.ts";
import { WHOLE_SCHEMA } from "./whole-schema.ts";

/** Marks a file as ours, in `PRAGMA application_id`: "CRBN". */
export const APPLICATION_ID = 0x43_52_42_4e;

/**
 * Takes the steps that a database still lacks, each in its own transaction. A new database takes them in one
 * transaction, so that its start waits for the disk once, and most of them in one go (`whole-schema.ts`). `now` (Unix
 * milliseconds) is recorded as the time. `copy` is called first if one of them cannot be undone, and may throw. Throws
 * `UnfitDatabase` when a newer Carabiner wrote the database, or when it is another program's.
 */
export function migrate(
  database: DatabaseSync,
  now: number,
  steps: readonly string[] = MIGRATIONS,
  copy: (() => void) | null = null,
): void {
  const version = pragma(database, "user_version");
  const application = pragma(database, "application_id");
  const tables = Number(database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.count);
  if (application !== APPLICATION_ID && (application !== 0 || version !== 0 || tables > 0))
    throw new UnfitDatabase("It is not a Carabiner database. Name another file.");
  if (version > steps.length)
    throw new UnfitDatabase(
      `This database was written by a newer Carabiner (schema ${version}; this one knows ${steps.length}). Start that version.`,
    );
  if (version > 0 && IRREVERSIBLE_STEPS.some((step) => step > version && step <= steps.length)) copy?.();
  const lacking = steps.slice(version);
  if (version > 0) for (const step of lacking) take(database, now, [alone(step)]);
  else if (steps.length < WHOLE_SCHEMA.steps) take(database, now, lacking.map(alone));
  else take(database, now, [WHOLE_SCHEMA, ...lacking.slice(WHOLE_SCHEMA.steps).map(alone)]);
}

/** One or more steps as SQL. */
interface Stride {
  sql: string;
  steps: number;
}

const alone = (sql: string): Stride => ({ sql, steps: 1 });

/** Takes the next steps in one transaction. */
function take(database: DatabaseSync, now: number, strides: readonly Stride[]): void {
  let version = pragma(database, "user_version");
  database.exec("BEGIN IMMEDIATE");
  try {
    for (const { sql, steps } of strides) {
      database.exec(sql);
      const taken = database.prepare("INSERT INTO migrations (version, applied_at) VALUES (?, ?)");
      for (const end = version + steps; version < end; ) taken.run(++version, now);
    }
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
