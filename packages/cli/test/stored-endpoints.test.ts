import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPlatform, type StoreLocation, startCarabiner } from "@carabiner/server";
import { afterEach, expect, test } from "vitest";
import { createTestDatabase } from "../../../scripts/test-database.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { databaseOption } from "./database-option.ts";

const KEY = { CARABINER_KEY: "00".repeat(32) };

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-stored-"));
  cleanUp.push(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** A server that is relied on, with one endpoint. */
async function served(store: Exclude<StoreLocation, "memory">) {
  // The key of a database file is in a file beside it.
  const keyed = "url" in store ? { store, secretKeys: { keys: KEY.CARABINER_KEY } } : { store };
  const { keys } = await createPlatform({ ...keyed, name: "Acme" });
  const authorization = `Bearer ${keys.test.secret}`;
  const open = () => startCarabiner({ mode: "serve", ...keyed, allowLocalEndpoints: true });
  const server = await open();
  const created = await fetch(`${server.url}/v1/webhook_endpoints`, {
    method: "POST",
    headers: { authorization, "content-type": "application/x-www-form-urlencoded" },
    body: "url=http://127.0.0.1:9/hook&enabled_events[]=*",
  });
  const { id } = (await created.json()) as { id: string };
  return {
    id,
    server,
    open,
    async status(url: string): Promise<string> {
      const answer = await fetch(`${url}/v1/webhook_endpoints/${id}`, { headers: { authorization } });
      return ((await answer.json()) as { status: string }).status;
    },
  };
}

test("an endpoint is disabled, and enabled again, in what a stopped server keeps in a file", async () => {
  const data = folder();
  const { id, server, open, status } = await served({ file: join(data, "carabiner.db") });

  const inUse = await runCommand(["endpoints", "disable", id, "--data", data]);
  expect(inUse.code).toBe(EXIT_CODES.error);
  expect(inUse.err).toContain("in use");
  expect(inUse.err).toContain(`carabiner endpoints disable ${id}`);
  expect(await status(server.url)).toBe("enabled");
  await server.close();

  const disabled = await runCommand(["endpoints", "disable", id, "--data", data]);
  expect([disabled.code, disabled.err]).toEqual([EXIT_CODES.ok, ""]);
  expect(disabled.out).toMatch(/status +disabled/);
  const audit = await runCommand(["audit", "list", "--data", data]);
  expect(audit.out).toMatch(new RegExp(`endpoint\\.disabled +acct_\\w+ +${id} +operator, command`));
  const after = await open();
  expect(await status(after.url)).toBe("disabled");
  await after.close();

  const enabled = await runCommand(["endpoints", "enable", id, "--data", data, "--json"]);
  expect(JSON.parse(enabled.out)).toEqual({ id, url: "http://127.0.0.1:9/hook", status: "enabled", livemode: false });
  const again = await open();
  expect(await status(again.url)).toBe("enabled");
  await again.close();
});

test("and in a PostgreSQL database, whether servers use it or not", async () => {
  const database = await createTestDatabase();
  cleanUp.push(() => database.drop());
  const { id, server, open, status } = await served({ url: database.url });
  expect((await runCommand(["endpoints", "disable", id, ...databaseOption(database.url)], { env: KEY })).code).toBe(EXIT_CODES.ok);
  expect(await status(server.url)).toBe("disabled");
  await server.close();
  expect((await runCommand(["endpoints", "enable", id, ...databaseOption(database.url)], { env: KEY })).code).toBe(EXIT_CODES.ok);
  const after = await open();
  expect(await status(after.url)).toBe("enabled");
  await after.close();
});

test("a missing object is reported plainly, and nothing is created", async () => {
  const data = folder();
  const nothing = await runCommand(["endpoints", "disable", "we_1", "--data", join(data, "elsewhere")]);
  expect([nothing.code, nothing.err]).toEqual([EXIT_CODES.notFound, expect.stringContaining("There is no database in")]);
  await createPlatform({ store: { file: join(data, "carabiner.db") }, name: "Acme" });
  const unknown = await runCommand(["endpoints", "disable", "we_1", "--data", data]);
  expect([unknown.code, unknown.err]).toEqual([EXIT_CODES.notFound, expect.stringContaining("No such webhook endpoint: 'we_1'")]);
  const gone = await runCommand(["endpoints", "disable", "we_1", "--database", "postgres://127.0.0.1:1/none"], { env: KEY });
  expect([gone.code, gone.err]).toEqual([EXIT_CODES.error, expect.stringContaining("cannot be reached")]);
});

test.each([
  [["--data", "here", "--database", "postgres://localhost/x"], "exclude each other"],
  [["--data", "here", "--url", "http://127.0.0.1:1"], "--url asks a running server"],
  [["--database", "postgres://localhost/x", "--live"], "--live asks a running server"],
  [["--database", "mysql://localhost/x"], "postgres://user@host:port/name"],
])("%j is wrong usage", async (args, says) => {
  const { code, err } = await runCommand(["endpoints", "disable", "we_1", ...args]);
  expect([code, err]).toEqual([EXIT_CODES.usage, expect.stringContaining(says)]);
});
