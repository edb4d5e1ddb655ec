import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeEarlierDatabase } from "../../../scripts/earlier-database.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-upgrade-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ["platforms", "list"],
  ["platforms", "create", "--name", "Acme"],
  ["keys", "list", "--platform", "acct_none"],
  ["audit", "list"],
  ["secrets", "show"],
  ["secrets", "rotate"],
  ["endpoints", "disable", "we_none"],
])("%s %s says once where the database was copied before an upgrade", async (...args) => {
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  makeEarlierDatabase(join(data, "carabiner.db"));
  const first = await runCommand([...args, "--data", data, "--json"]);
  const copy = readdirSync(data).find((name) => name.includes(".before-upgrade-"));
  expect(first.err).toContain(
    `The database was copied to ${join(data, copy ?? "no copy")} before an upgrade that cannot be undone. Delete the copy when you no longer need it.`,
  );
  expect((await runCommand(["platforms", "list", "--data", data])).err).not.toContain("copied");
  expect((await runCommand(["platforms", "list", "--data", data])).code).toBe(EXIT_CODES.ok);
});
