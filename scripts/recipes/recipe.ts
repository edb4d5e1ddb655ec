/** A recipe for the receiver: a small app below `examples/receiver/` that somebody may copy. */
export interface Recipe {
  /** Its folder. */
  name: string;
  /**
   * Which database holds its tables; it is named by `DATABASE_URL`, or by `DATABASE` for a file. A Durable Object
   * brings its own.
   */
  database: "PostgreSQL" | "SQLite" | "Durable Object";
  /** Where its platform's cron job calls; null where it works by itself. */
  drainPath: string | null;
  /** What checks its types; null where its build does. */
  checkTypes: "tsc" | "deno" | null;
}

/** All of them, and what each must be given. */
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

/** What a cron job's request brings, where a recipe asks for it. */
export const CRON_SECRET = "cron_recipe";
