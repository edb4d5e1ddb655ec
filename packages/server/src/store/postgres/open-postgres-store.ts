import type { Limits } from "../../limits.ts";
import type { Store } from "../store.ts";
import { migrate } from "./migrate.ts";
import { openPool } from "./open-pool.ts";
import { createPostgresStore } from "./postgres-store.ts";

/** What a PostgreSQL store is opened with. */
export interface PostgresOptions {
  /** `postgres://user:password@host:port/database` */
  url: string;
  /** Unix milliseconds; noted as the time of any change to the schema. */
  now: number;
  /** This node's name, of this run alone: no other has had it. */
  node: string;
  limits: Pick<Limits, "databaseConnections" | "databaseConnectMs">;
}

/** Connects to a database and brings its schema up to date. Throws as `openStore` does. */
export async function openPostgresStore({ url, now, node, limits }: PostgresOptions): Promise<Store> {
  const { databaseConnections: connections, databaseConnectMs: connectMs } = limits;
  const pool = await openPool({ url, connections, connectMs });
  try {
    await migrate(pool, now);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return createPostgresStore(pool, node);
}
