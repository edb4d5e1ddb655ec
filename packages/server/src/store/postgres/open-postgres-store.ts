import type { Limits } from "../../limits.ts";
import type { Store } from "../store.ts";
import { Line } from "./line.ts";
import { migrate } from "./migrate.ts";
import { openPool } from "./open-pool.ts";
import { createPostgresStore } from "./postgres-store.ts";

/** The limits of a PostgreSQL store. */
export type DatabaseLimits = Pick<
  Limits,
  "databaseConnections" | "databaseCallsWaiting" | "databaseConnectMs" | "databaseAnswerMs" | "databaseEndMs"
>;

/** What a PostgreSQL store is opened with. */
export interface PostgresOptions {
  /** `postgres://user:password@host:port/database` */
  url: string;
  /** Unix milliseconds; noted as the time of any change to the schema. */
  now: number;
  /** This node's name, of this run alone: no other has had it. */
  node: string;
  limits: DatabaseLimits;
}

/** Connects to a database and brings its schema up to date. Throws as `openStore` does. */
export async function openPostgresStore({ url, now, node, limits }: PostgresOptions): Promise<Store> {
  const {
    databaseCallsWaiting: waiting,
    databaseConnections: connections,
    databaseConnectMs: connectMs,
    databaseAnswerMs: answerMs,
    databaseEndMs: endMs,
  } = limits;
  // A step of the schema may take long, and so may waiting for another node that takes it.
  const migrating = await openPool({ url, connections: 1, connectMs, answerMs: 0, endMs });
  try {
    await migrate(migrating, now);
  } finally {
    await migrating.end();
  }
  const pool = await openPool({ url, connections, connectMs, answerMs, endMs });
  const store = createPostgresStore({
    pool,
    connections,
    waiting,
    node,
    lineTo: (onNews) => new Line({ url, node, connectMs, answerMs, endMs, onNews }),
  });
  // Also opens the line.
  await store.beat(now, 0);
  return store;
}
