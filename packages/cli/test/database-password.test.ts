import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase } from "../../../scripts/test-database.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";

const BIN = fileURLToPath(new URL("../src/bin.mjs", import.meta.url));

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let directory: string;
beforeAll(async () => {
  database = await createTestDatabase();
  directory = mkdtempSync(join(tmpdir(), "carabiner-pgpass-"));
});
afterAll(async () => {
  rmSync(directory, { recursive: true });
  await database.drop();
});

/** Makes a platform in the database, in a separate process; its URL contains no password. */
function create(env: Record<string, string>) {
  const url = new URL(database.url);
  url.password = "";
  const args = [BIN, "platforms", "create", "--name", "Acme", "--database", url.href, "--json"];
  return spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: directory, CARABINER_KEY: "ab".repeat(32), ...env },
  });
}

test("a password that is not in the database's URL comes out of ~/.pgpass or PGPASSWORD", { timeout: 60_000 }, () => {
  const { hostname, port, pathname, username, password } = new URL(database.url);
  expect(create({})).toMatchObject({ status: EXIT_CODES.error, stdout: "" });
  const file = join(directory, ".pgpass");
  writeFileSync(file, `${hostname}:${port}:${pathname.slice(1)}:${username}:${password}\n`, { mode: 0o600 });
  expect(create({})).toMatchObject({ status: EXIT_CODES.ok });
  rmSync(file);
  expect(create({ PGPASSWORD: password })).toMatchObject({ status: EXIT_CODES.ok });
});
