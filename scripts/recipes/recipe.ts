/** A recipe for the receiver: a small app below `examples/receiver/` that users may copy. */
export interface Recipe {
  /** Its folder. */
  name: string;
  /**
   * Which database holds its tables; it is named by `DATABASE_URL`, or by `DATABASE` for a file. A Durable Object
   * brings its own.
   */
  database: "PostgreSQL" | "SQLite" | "Durable Object";
  /** The path that its platform's cron job calls; null if it works without one. */
  drainPath: string | null;
  /** The command that checks its types; null if its build does. */
  checkTypes: "tsc" | "deno" | null;
}

/** All recipes, and what each of them needs. */
export const RECIPES: readonly Recipe[] = [
  { name: "drizzle", database: "PostgreSQL", drainPath: null, checkTypes: "tsc" },
  { name: "kysely", database: "PostgreSQL", drainPath: null, checkTypes: "tsc" },
  { name: "prisma", database: "PostgreSQL", drainPath: null, checkTypes: "tsc" },
  { name: "nestjs", database: "PostgreSQL", drainPath: null, checkTypes: null },
  { name: "nextjs", database: "PostgreSQL", drainPath: "/drain", checkTypes: null },
  { name: "workers", database: "Durable Object", drainPath: null, checkTypes: "tsc" },
  { name: "bun", database: "PostgreSQL", drainPath: null, checkTypes: "tsc" },
  { name: "deno", database: "SQLite", drainPath: null, checkTypes: "deno" },
];

/** The secret that a cron job's request brings, if a recipe requires one. */
export const CRON_SECRET = "cron_recipe";
