import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { ROOT } from "../house/repository-files.ts";

/** The database with a recipe's tables and its inbox, inspected from outside of the recipe. */
export interface RecipeDatabase {
  kind: "PostgreSQL" | "SQLite";
  /** The environment variables that tell the recipe about it. */
  environment: Readonly<Record<string, string>>;
  rows(statement: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** The recipes' own tables. */
const TABLES = readFileSync(join(ROOT, "examples/receiver/tables.sql"), "utf8");

/** A new database on a PostgreSQL server, which is given by its URL. */
export async function postgresDatabase(server: string): Promise<RecipeDatabase> {
  const name = `recipe_${randomBytes(6).toString("hex")}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query(TABLES);
  return {
    kind: "PostgreSQL",
    environment: { DATABASE_URL: url.href },
    rows: async (statement) => (await client.query<Record<string, unknown>>(statement)).rows,
    async close() {
      await client.end();
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}

/** A new SQLite file. */
export function sqliteDatabase(): RecipeDatabase {
  const folder = mkdtempSync(join(tmpdir(), "carabiner-recipe-"));
  const file = join(folder, "app.db");
  const db = new DatabaseSync(file, { timeout: 5_000 });
  db.exec(TABLES);
  return {
    kind: "SQLite",
    environment: { DATABASE: file },
    rows: async (statement) => db.prepare(statement).all(),
    async close() {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a Durable Object stores, read through the object itself: `tried-worker.mjs` adds that to the recipe. */
export function durableObjectDatabase(origin: string): RecipeDatabase {
  return {
    kind: "SQLite",
    environment: {},
    async rows(statement) {
      const response = await fetch(`${origin}/rows`, { method: "POST", body: statement });
      if (!response.ok) throw new Error(`${statement}: ${await response.text()}`);
      return (await response.json()) as Record<string, unknown>[];
    },
    close: async () => undefined,
  };
}
