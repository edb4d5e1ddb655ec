import { converse, SECRET } from "./conversation.ts";
import { CRON_SECRET, type Recipe } from "./recipe.ts";
import { durableObjectDatabase, postgresDatabase, type RecipeDatabase, sqliteDatabase } from "./recipe-database.ts";
import { freePort, RecipeProcess } from "./recipe-process.ts";

/** Where and how to test a recipe. */
export interface Place {
  /** The folder in which it is installed. */
  folder: string;
  /** The URL of a PostgreSQL server. */
  postgres(): Promise<string>;
  /** What to do before its start: `run` starts a program in the folder and waits for its end. */
  prepare?(run: (...command: string[]) => Promise<void>): Promise<void>;
  /** The command that starts it; `npm run start` by default. */
  start?: readonly string[];
  /** What to test before the conversation, at the address at which the recipe listens. */
  first?(origin: string): Promise<void>;
}

/**
 * Starts a recipe and holds the conversation with it. Throws an error with its output when something is wrong.
 */
export async function tryStarted(recipe: Recipe, place: Place): Promise<void> {
  const { folder, start = ["npm", "run", "start"] } = place;
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const database = await databaseFor(recipe, place, origin);
  const environment = {
    ...database.environment,
    PORT: String(port),
    WHSEC_CONNECT: SECRET,
    CRON_SECRET,
    // Generating Prisma's client does not need a schema engine. If none is named, one is downloaded from a source other
    // than npm.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    NEXT_TELEMETRY_DISABLED: "1",
    WRANGLER_SEND_METRICS: "false",
    CI: "1",
  };
  try {
    await place.prepare?.((...command) => new RecipeProcess(folder, command, environment).finish());
    const started = new RecipeProcess(folder, start, environment);
    try {
      await started.listens(port);
      await place.first?.(origin);
      await converse({ url: `${origin}/stripe`, drainUrl: recipe.drainPath === null ? null : origin + recipe.drainPath, database });
    } catch (error) {
      const says = error instanceof Error ? error.message : String(error);
      throw new Error(`${says}\nIt printed:\n${started.output}`, { cause: error });
    } finally {
      await started.stop();
    }
  } finally {
    await database.close();
  }
}

async function databaseFor({ database }: Recipe, place: Place, origin: string): Promise<RecipeDatabase> {
  if (database === "SQLite") return sqliteDatabase();
  return database === "PostgreSQL" ? postgresDatabase(await place.postgres()) : durableObjectDatabase(origin);
}
