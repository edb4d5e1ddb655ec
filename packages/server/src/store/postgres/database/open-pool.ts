import pg from "pg";
import { UnfitDatabase } from "../../store.ts";
import { clientThatGivesUp } from "./database-client.ts";
import { postgresFailure } from "./postgres-failure.ts";
import { STORED_TYPES } from "./session.ts";

/** The oldest supported server, as a `server_version_num`. */
const OLDEST_VERSION = 140_000;

/** Settings of the server that protect acknowledged writes, and the value that each must have. */
const DURABLE: Readonly<Record<string, readonly string[]>> = {
  fsync: ["on"],
  full_page_writes: ["on"],
  synchronous_commit: ["on", "remote_apply", "remote_write", "local"],
};

/** The options of a pool. */
export interface PoolOptions {
  /** `postgres://user:password@host:port/database` */
  url: string;
  /** The most simultaneous connections. */
  connections: number;
  /** How many of them stay open while nothing uses them; 0 when left out. */
  kept?: number;
  /** How long to wait for a connection, and for an answer on it, milliseconds; 0 for as long as it takes. */
  connectMs: number;
  answerMs: number;
  /** How long closing a connection may take, milliseconds. */
  endMs: number;
  /** Settings of each connection, by name. */
  settings?: Readonly<Record<string, string>>;
}

/**
 * Opens connections to a database and checks that its writes are durable. Throws `StoreUnavailable` if it cannot be
 * reached, and `UnfitDatabase`, which says what to change, if it would lose acknowledged writes or is too old.
 */
export async function openPool({ url, connections, kept = 0, connectMs, answerMs, endMs, settings = {} }: PoolOptions): Promise<pg.Pool> {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    min: Math.min(kept, connections),
    connectionTimeoutMillis: connectMs,
    // This also stops a firewall from forgetting a connection that stays open.
    keepAlive: true,
    keepAliveInitialDelayMillis: answerMs,
    // Statements are sent without waiting for the answers to earlier ones.
    pipeline: true,
    application_name: "carabiner",
    types: STORED_TYPES,
    Client: clientThatGivesUp({ answerMs, endMs }),
    onConnect: (client) => set(client, settings),
  });
  // An idle connection that dies is replaced when one is needed. Without a listener it would end the process.
  pool.on("error", () => undefined);
  // A connection that dies in use fails the current or next statement; between two statements only this listener
  // notices.
  pool.on("connect", (client) => client.on("error", () => undefined));
  try {
    await assertDurable(pool);
    return pool;
  } catch (error) {
    await pool.end();
    throw postgresFailure(error);
  }
}

async function set(client: pg.ClientBase, settings: Readonly<Record<string, string>>): Promise<void> {
  const names = Object.keys(settings);
  if (names.length === 0) return;
  await client.query("SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS s (name, value)", [
    names,
    Object.values(settings),
  ]);
}

async function assertDurable(pool: pg.Pool): Promise<void> {
  const names = ["server_version_num", ...Object.keys(DURABLE)];
  const { rows } = await pool.query<{ name: string; setting: string }>("SELECT name, setting FROM pg_settings WHERE name = ANY($1)", [
    names,
  ]);
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]));
  const version = Number(settings.get("server_version_num"));
  if (!(version >= OLDEST_VERSION)) throw new UnfitDatabase(`PostgreSQL ${version} is too old: 14 or newer is needed.`);
  for (const [name, wanted] of Object.entries(DURABLE)) {
    const actual = settings.get(name) ?? "";
    if (!wanted.includes(actual))
      throw new UnfitDatabase(
        `PostgreSQL has ${name} = ${actual}, so it may lose changes that it has acknowledged. Set it to ${wanted.join(" or ")}.`,
      );
  }
}
