import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { inject } from "vitest";

/** How long closing connections may take before they are terminated. Milliseconds. */
const LEAVING_MS = 500;
const LOOK_EVERY_MS = 5;

/** A PostgreSQL database for a single test. */
export interface TestDatabase {
  url: string;
  /** Removes it, even if clients are still connected. */
  drop(): Promise<void>;
}

/**
 * Makes an empty database on the server of this test run, and starts the server for the first one. When there is no
 * server, throws an error that says what to do.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const answer = await fetch(inject("postgresStarter"));
  const server = await answer.text();
  if (!answer.ok) throw new Error(server);
  const name = `carabiner_test_${randomBytes(6).toString("hex")}`;
  await onServer(server, (client) => client.query(`CREATE DATABASE ${name}`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, (client) => drop(client, name)) };
}

/**
 * A pool that has ended may still have connections, because it does not wait until the server has closed them. If they
 * were terminated here, they would report an error that nobody listens to any longer.
 */
async function drop(client: pg.Client, name: string): Promise<void> {
  for (let waited = 0; waited < LEAVING_MS && (await connected(client, name)); waited += LOOK_EVERY_MS) await pause(LOOK_EVERY_MS);
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
}

async function connected(client: pg.Client, name: string): Promise<boolean> {
  return (await client.query("SELECT FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'", [name])).rowCount !== 0;
}

async function onServer(url: string, does: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await does(client);
  } finally {
    await client.end();
  }
}
