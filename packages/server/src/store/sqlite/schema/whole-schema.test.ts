import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { migrate } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";
import { WHOLE_SCHEMA } from "./whole-schema.ts";

const NOW = Date.UTC(2026, 0, 1);
const SPACES = /--[^\n]*|\s+/g;

/** All that a database is made of, and all that is in it. */
function contentsOf(database: DatabaseSync) {
  const rows = (sql: string) => database.prepare(sql).all();
  const tables = rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").map(({ name }) => String(name));
  return {
    others: rows("SELECT type, name FROM sqlite_schema WHERE type NOT IN ('table', 'index')"),
    version: rows("PRAGMA user_version"),
    application: rows("PRAGMA application_id"),
    tables: tables.map((name) => ({
      name,
      sql: rows(`SELECT sql FROM sqlite_schema WHERE name = '${name}'`).map(({ sql }) => String(sql).replace(SPACES, "")),
      columns: rows(`PRAGMA table_xinfo(${name})`),
      // Newest first, as SQLite looks at them.
      indexes: rows(`PRAGMA index_list(${name})`).map((index) => ({
        index,
        columns: rows(`PRAGMA index_xinfo(${String(index.name)})`),
        sql: rows(`SELECT sql FROM sqlite_schema WHERE name = '${index.name}'`).map(({ sql }) => String(sql).replace(SPACES, "")),
      })),
      rows: rows(`SELECT * FROM ${name}`),
    })),
  };
}

/** A database that came to be by all these steps, one after the other. */
function byStep(steps: readonly string[]): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  for (const [taken] of steps.entries()) migrate(database, NOW, steps.slice(0, taken + 1));
  return database;
}

test("a new database is what its steps make", () => {
  const atOnce = new DatabaseSync(":memory:");
  migrate(atOnce, NOW, MIGRATIONS.slice(0, WHOLE_SCHEMA.steps));
  const expected = contentsOf(byStep(MIGRATIONS.slice(0, WHOLE_SCHEMA.steps)));
  expect(expected.tables.length).toBeGreaterThan(25);
  expect(contentsOf(atOnce)).toEqual(expected);
});

test("steps that follow the whole schema are taken after it", () => {
  const steps = [...MIGRATIONS, "CREATE TABLE more (n INTEGER PRIMARY KEY) STRICT; INSERT INTO more SELECT n FROM late_events_known"];
  const atOnce = new DatabaseSync(":memory:");
  migrate(atOnce, NOW, steps);
  expect(atOnce.prepare("SELECT n FROM more").all()).toEqual([{ n: 1 }]);
  expect(contentsOf(atOnce)).toEqual(contentsOf(byStep(steps)));
});
