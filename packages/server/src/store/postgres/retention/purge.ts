import pg, { type Pool } from "pg";
import { StoreUnavailable } from "../../store.ts";

const TABLES =
  "SELECT quote_ident(relname) AS name FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace ORDER BY 1";

/**
 * Vacuums all tables of the schema, over a separate connection without a time limit for answers, because large tables
 * take long. Other transactions continue.
 */
export async function purge(pool: Pool): Promise<void> {
  const client = new pg.Client(pool.options);
  // The statement that fails reports the error.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string }>(TABLES);
    await client.query(`VACUUM ${rows.map(({ name }) => name).join(", ")}`);
  } catch (error) {
    throw new StoreUnavailable("The database could not be vacuumed.", { cause: error });
  } finally {
    await client.end();
  }
}
