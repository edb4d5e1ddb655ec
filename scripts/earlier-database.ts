import { DatabaseSync } from "node:sqlite";
import { migrate } from "../packages/server/src/store/sqlite/schema/migrate.ts";
import { MIGRATIONS } from "../packages/server/src/store/sqlite/schema/migrations.ts";

/** A step of the schema before ones that cannot be undone. */
const EARLIER = 3;

/** Makes an empty SQLite file as an earlier version left it, which a start copies before it upgrades it. */
export function makeEarlierDatabase(file: string): void {
  const database = new DatabaseSync(file);
  migrate(database, 1, MIGRATIONS.slice(0, EARLIER));
  database.close();
}
