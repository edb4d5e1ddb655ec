import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

/** A PostgreSQL database of a test's own. */
export interface TestDatabase {
  url: string;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
}

/** Makes an empty database on the server of this test run, and starts the server if it is the first. Throws with what to do when there is none. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const answer = await fetch(inject("postgresStarter"));
  const server = await answer.text();
  if (!answer.ok) throw new Error(server);
  const name = `carabiner_test_${randomBytes(6).toString("hex")}`;
  await onServer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
