import { DatabaseSync } from "node:sqlite";
import { migrate } from "../packages/server/src/store/sqlite/schema/migrate.ts";
import { MIGRATIONS } from "../packages/server/src/store/sqlite/schema/migrations.ts";

/** A step of the schema before the steps that cannot be undone. */
const EARLIER = 3;

/**
 * Makes an empty SQLite file in the form of an earlier version. A server that starts on it copies it before the
 * upgrade.
 */
export function makeEarlierDatabase(file: string): void {
  const database = new DatabaseSync(file);
  migrate(database, 1, MIGRATIONS.slice(0, EARLIER));
  database.close();
}
