import type { Pool } from "pg";
import type { Limits } from "../../limits.ts";
import type { SecretBox } from "../secret-box.ts";
import type { Store } from "../store.ts";
import { openPool } from "./database/open-pool.ts";
import { postgresFailure } from "./database/postgres-failure.ts";
import { UnderWayNotes } from "./deliveries/under-way-notes.ts";
import { NodeChannel } from "./nodes/node-channel.ts";
import type { Node } from "./nodes/nodes.ts";
import { createPostgresStore } from "./postgres-store.ts";
import { migrate } from "./schema/migrate.ts";
import { prepareSecrets } from "./secrets/stored-secrets.ts";

/** The limits of a PostgreSQL store. */
export type DatabaseLimits = Pick<
  Limits,
  | "databaseConnections"
  | "databaseConnectionsKept"
  | "databaseCallsWaiting"
  | "databaseConnectMs"
  | "databaseAnswerMs"
  | "databaseEndMs"
  | "partitionMs"
  | "partitionWaitMs"
  | "nodeBeatMs"
  | "nodeGoneMs"
>;

/** The options of a PostgreSQL store. */
export interface PostgresOptions {
  /** `postgres://user:password@host:port/database` */
  url: string;
  /** Unix milliseconds; recorded as the time of any change to the schema. */
  now: number;
  /** This node, as it reports itself. */
  self: Node;
  limits: DatabaseLimits;
  /** Seals the secrets. */
  box: SecretBox;
}

/**
 * Plans are made once for each connection. Planning at each use, over seven partitions, takes 1 to 4 ms, and for a long
 * list of deliveries such a plan reads all of them. A plan must still suit a partition that was empty when the plan was
 * made and is large now. So rows are found one by one through an index, and every statement has an index for its
 * search.
 */
const SETTINGS = {
  // The same setting for a statement that is a transaction itself.
  default_transaction_isolation: "read committed",
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  jit: "off",
} as const;

/** Connects to a database and brings its schema up to date. Throws as `openStore` does. */
export async function openPostgresStore({ url, now, self, limits, box }: PostgresOptions): Promise<Store> {
  const { name: node } = self;
  const {
    databaseCallsWaiting: waiting,
    databaseConnections: connections,
    databaseConnectionsKept: kept,
    databaseConnectMs: connectMs,
    databaseAnswerMs: answerMs,
    databaseEndMs: endMs,
    partitionMs,
    partitionWaitMs,
  } = limits;
  // A step of the schema may take long, and so may waiting for another node's step.
  const migrating = await openPool({ url, connections: 1, connectMs, answerMs: 0, endMs });
  try {
    await migrate(migrating, now);
    await prepare(migrating, box, limits.nodeGoneMs);
  } finally {
    await migrating.end();
  }
  // A node that is cut off within a transaction would hold its locks for as long as its connection seems to exist.
  const settings = { ...SETTINGS, idle_in_transaction_session_timeout: String(answerMs) };
  const pool = await openPool({ url, connections, kept, connectMs, answerMs, endMs, settings });
  const store = createPostgresStore({
    pool,
    connections,
    waiting,
    self,
    // A node that has not renewed its offer by then is late.
    takesMs: 1.5 * limits.nodeBeatMs,
    partitionTimes: {
      partitionMs,
      waitMs: partitionWaitMs,
      // Shorter than this node's wait for an answer.
      lookMs: answerMs / 2,
    },
    underWay: new UnderWayNotes({ url, node, connectMs, answerMs, endMs }),
    box,
    channelTo: (onMessage) => new NodeChannel({ url, node, connectMs, answerMs, endMs, onMessage }),
  });
  // Also opens the channel. Uses the database's time, because a node with a slow clock would count as gone.
  try {
    await store.beat((await store.sharedTime()) as number, 0);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Prepares the secrets, on a separate connection, which ends on any failure. */
async function prepare(pool: Pool, box: SecretBox, nodeGoneMs: number): Promise<void> {
  const client = await pool.connect().catch((error: unknown) => {
    throw postgresFailure(error);
  });
  try {
    await prepareSecrets(client, box, nodeGoneMs);
    client.release();
  } catch (error) {
    client.release(true);
    throw postgresFailure(error);
  }
}
