import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../scripts/test-database.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { databaseOption } from "./database-option.ts";
import { startCommand } from "./started-command.ts";

let database: TestDatabase;
let directory: string;
/** Names the database and the key for its secrets. */
let kept: string[];
beforeEach(async () => {
  database = await createTestDatabase();
  directory = mkdtempSync(join(tmpdir(), "carabiner-shared-"));
  const keyFile = join(directory, "secrets.key");
  expect((await runCommand(["secrets", "create-key", keyFile])).code).toBe(EXIT_CODES.ok);
  kept = [...databaseOption(database.url), "--key-file", keyFile];
});
afterEach(async () => {
  rmSync(directory, { recursive: true });
  await database.drop();
});

const ready = (first: string) => JSON.parse(first) as { url: string };

test("two servers on one PostgreSQL database: one answers the API, both say that they are well", async () => {
  const made = await runCommand(["platforms", "create", "--name", "Acme", ...kept, "--json"]);
  const { keys, account } = JSON.parse(made.out) as { keys: { test: { secret: string } }; account: string };
  const serve = ["serve", ...kept, "--port", "0", "--json", "--log-level", "silent", "--roles"];
  const api = await startCommand(...serve, "api");
  const deliveries = await startCommand(...serve, "send,work");
  const [apiUrl, deliveriesUrl] = [ready(api.first).url, ready(deliveries.first).url];

  const headers = { authorization: `Bearer ${keys.test.secret}` };
  expect(await (await fetch(`${apiUrl}/v1/account`, { headers })).json()).toMatchObject({ id: account });
  const refused = await fetch(`${deliveriesUrl}/v1/account`, { headers });
  expect([refused.status, await refused.json()]).toMatchObject([421, { error: { message: expect.stringContaining("api") } }]);
  for (const url of [apiUrl, deliveriesUrl]) expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: "ok" });

  for (const { terminal, ended } of [api, deliveries]) {
    terminal.askToStop();
    expect(await ended).toBe(EXIT_CODES.ok);
  }
});

test("a newer schema that this version can work with is no reason not to start; one that it cannot ends a server that runs", async () => {
  await runCommand(["platforms", "create", "--name", "Acme", ...kept]);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query("INSERT INTO migrations (version, applied_at, oldest) SELECT max(version) + 1, 0, max(oldest) FROM migrations");
    const { terminal, ended } = await startCommand("serve", ...kept, "--port", "0", "--log-level", "silent");
    await client.query("INSERT INTO migrations (version, applied_at, oldest) SELECT max(version) + 1, 0, max(version) + 1 FROM migrations");
    expect(await ended).toBe(EXIT_CODES.error);
    expect(terminal.told.join("\n")).toContain("was written by a newer Carabiner");
  } finally {
    await client.end();
  }
});

test("a server whose database goes away says so, runs on, and works again once it is back", async () => {
  const made = await runCommand(["platforms", "create", "--name", "Acme", ...kept, "--json"]);
  const { keys } = JSON.parse(made.out) as { keys: { test: { secret: string } } };
  const { first, terminal, ended } = await startCommand("serve", ...kept, "--port", "0", "--json", "--log-level", "silent");
  const { url } = ready(first);
  const name = new URL(database.url).pathname.slice(1);
  const client = new pg.Client({ connectionString: Object.assign(new URL(database.url), { pathname: "/postgres" }).href });
  await client.connect();
  const rename = async (from: string, to: string): Promise<void> => {
    // Nobody may come back in between.
    await client.query(`ALTER DATABASE ${from} ALLOW_CONNECTIONS false`);
    const ended = "SELECT count(pg_terminate_backend(pid))::int AS n FROM pg_stat_activity WHERE datname = $1";
    await expect.poll(async () => (await client.query(ended, [from])).rows, { timeout: 20_000 }).toEqual([{ n: 0 }]);
    await client.query(`ALTER DATABASE ${from} RENAME TO ${to}`);
    await client.query(`ALTER DATABASE ${to} ALLOW_CONNECTIONS true`);
  };
  const headers = { authorization: `Bearer ${keys.test.secret}` };
  const probe = async (): Promise<unknown> => (await fetch(`${url}/readyz`)).json();
  try {
    await rename(name, `${name}_away`);
    await expect.poll(probe).toEqual({ status: "unavailable", reason: "Nothing can be stored: there is no such database." });
    expect((await fetch(`${url}/v1/customers`, { method: "POST", headers })).status).toBe(503);
    await rename(`${name}_away`, name);
    await expect.poll(probe, { timeout: 20_000 }).toEqual({ status: "ok" });
    expect((await fetch(`${url}/v1/customers`, { method: "POST", headers })).status).toBe(200);
  } finally {
    await client.end();
  }
  terminal.askToStop();
  expect(await ended).toBe(EXIT_CODES.ok);
});

test("the ready message names the database without its password", async () => {
  await runCommand(["platforms", "create", "--name", "Acme", ...kept]);
  const { first, terminal, ended } = await startCommand("serve", ...kept, "--port", "0", "--log-level", "silent");
  const { host, pathname, password } = new URL(database.url);
  expect(first).toContain(`data in postgres://${host}${pathname}`);
  expect(first).not.toContain(password);
  terminal.askToStop();
  await ended;
});

test("a database that cannot be used is reported plainly, with what to do and without the password", async () => {
  const wrong = (parts: { password?: string; pathname?: string; port?: string }): string =>
    Object.assign(new URL(database.url), parts).href;
  const cases: [url: string, says: string][] = [
    [wrong({ password: "s3cret-that-nobody-may-read" }), "does not let this user in"],
    [wrong({ pathname: "/nowhere" }), "there is no such database"],
    [wrong({ port: "1" }), "cannot be reached"],
  ];
  for (const [url, says] of cases) {
    const { code, err } = await runCommand(["serve", ...kept.slice(2), "--port", "0"], { env: { CARABINER_DATABASE_URL: url } });
    expect([code, err]).toEqual([EXIT_CODES.error, expect.stringContaining(says)]);
    expect(err).not.toContain(new URL(url).password);
    expect(err).not.toContain("    at ");
  }
});

test("a database of a newer version, and one that would lose acknowledged writes, are refused", async () => {
  await runCommand(["platforms", "create", "--name", "Acme", ...kept]);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const name = new URL(database.url).pathname.slice(1);
    await client.query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
    expect((await runCommand(["serve", ...kept, "--port", "0"])).err).toContain("synchronous_commit = off, so it may lose");
    await client.query(`ALTER DATABASE ${name} RESET synchronous_commit`);
    await client.query("INSERT INTO migrations (version, applied_at, oldest) SELECT max(version) + 1, 0, max(version) + 1 FROM migrations");
  } finally {
    await client.end();
  }
  const { code, err } = await runCommand(["serve", ...kept, "--port", "0"]);
  expect([code, err]).toEqual([EXIT_CODES.error, expect.stringContaining("was written by a newer Carabiner")]);
});

test.each([
  [["--data", "here", "--database", "postgres://localhost/x"], {}, "exclude each other"],
  [[], {}, "--database (CARABINER_DATABASE_URL)"],
  [[], { CARABINER_DATA: "here", CARABINER_DATABASE_URL: "postgres://localhost/x" }, "both set"],
  [["--database", "mysql://localhost/x"], {}, "postgres://user@host:port/name"],
  [["--data", "here", "--roles", "api,cooking"], {}, "api, send or work"],
  [["--data", "here", "--roles", "api,send"], {}, "An SQLite file has one server"],
])("serve %j %j is wrong usage", async (args, env, says) => {
  const { code, err } = await runCommand(["serve", ...args], { env });
  expect([code, err]).toEqual([EXIT_CODES.usage, expect.stringContaining(says)]);
});
