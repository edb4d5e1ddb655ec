import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase } from "../../../scripts/test-database.ts";
import { spaceLeft, syncSpeed } from "../src/doctor/check-disk.ts";
import { checkNode } from "../src/doctor/check-node.ts";
import { databaseFindings } from "../src/doctor/check-store.ts";
import type { Finding } from "../src/doctor/finding.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { databaseOption } from "./database-option.ts";
import { startCommand } from "./started-command.ts";

let folder: string;
let data: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-doctor-"));
  data = join(folder, "data");
  expect((await runCommand(["platforms", "create", "--name", "Acme", "--data", data])).code).toBe(EXIT_CODES.ok);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the doctor on the clock of this machine, and returns what it found. */
async function doctor(...args: string[]): Promise<{ code: number; findings: Finding[]; of(check: string): Finding | undefined }> {
  const run = await runCommand(["doctor", "--json", "--port", "0", ...args], { now: Date.now() });
  const { ok, findings } = JSON.parse(run.out) as { ok: boolean; findings: Finding[] };
  expect(run.code).toBe(ok ? EXIT_CODES.ok : EXIT_CODES.error);
  return { code: run.code, findings, of: (check) => findings.findLast((finding) => finding.check === check) };
}

test("a healthy folder is fine, and stays as it is", async () => {
  const before = readdirSync(data).sort();
  const { code, findings, of } = await doctor("--data", data);
  expect(code).toBe(EXIT_CODES.ok);
  expect(findings.map(({ check }) => check)).toEqual([
    "node",
    "database",
    "keys",
    "permissions",
    "disk sync",
    "clock",
    "space",
    "port",
    "egress",
  ]);
  expect(of("database")?.found).toMatch(/^SQLite 3\.\d+\.\d+, schema \d+$/);
  expect(of("disk sync")?.found).toMatch(/^[\d,]+ syncs a second$/);
  expect(of("keys")?.status).toBe("ok");
  expect(readdirSync(data).sort()).toEqual(before);
});

test("beside a running server it says so, and disturbs nothing", async () => {
  const { first, terminal, ended } = await startCommand("serve", "--data", data, "--port", "0", "--json", "--log-level", "silent");
  const { url } = JSON.parse(first) as { url: string };
  const { of } = await doctor("--data", data, "--port", new URL(url).port);
  expect(of("database")).toMatchObject({ status: "ok", found: expect.stringContaining("a server has it open") });
  expect(of("port")).toMatchObject({ status: "ok", found: expect.stringContaining("a server runs on this data") });
  expect((await fetch(`${url}/health`)).status).toBe(200);
  terminal.askToStop();
  expect(await ended).toBe(EXIT_CODES.ok);
});

test("a missing database, a key file of another database and a port in use fail, each with what to do", async () => {
  const none = await doctor("--data", join(folder, "none"));
  expect(none.of("database")).toMatchObject({ status: "failed", advice: expect.stringContaining("carabiner platforms create") });

  const other = join(folder, "other.key");
  await runCommand(["secrets", "create-key", other]);
  expect((await doctor("--data", data, "--key-file", other)).of("keys")).toMatchObject({
    status: "failed",
    found: expect.stringContaining("ey "),
  });
  expect((await doctor("--data", data, "--key-file", `${other}.none`)).of("keys")?.found).toBe(`There is no key file ${other}.none.`);

  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const used = await doctor("--data", data, "--port", `${port}`);
  expect(used.of("port")).toMatchObject({ status: "failed", found: `127.0.0.1:${port} is in use` });

  // The same server is an endpoint that the rules refuse or allow.
  const place = `http://127.0.0.1:${port}/webhook`;
  expect((await doctor("--data", data, "--reach", place)).of("egress")).toMatchObject({
    status: "failed",
    found: expect.stringContaining("not allowed"),
  });
  const allowed = await doctor("--data", data, "--allow-network", "127.0.0.0/8", "--reach", place);
  expect(allowed.findings.filter(({ check }) => check === "egress")).toEqual([
    { check: "egress", status: "ok", found: "deliveries may go to public addresses and to 127.0.0.0/8", advice: null },
    { check: "egress", status: "ok", found: `${place} can be reached`, advice: null },
  ]);
  server.close();
  expect((await doctor("--data", data, "--allow-network", "127.0.0.0/8", "--reach", place)).of("egress")?.found).toContain("refused");
  expect((await doctor("--data", data, "--allow-network", "10.0.0.0/99")).of("egress")).toMatchObject({ status: "failed" });
  expect((await doctor("--data", data, "--allow-local-endpoints")).of("egress")).toMatchObject({ status: "warning" });
});

test("files that others can read are a warning", async () => {
  const open = join(folder, "open");
  mkdirSync(open);
  await runCommand(["platforms", "create", "--name", "Acme", "--data", open]);
  chmodSync(open, 0o755);
  const { code, of } = await doctor("--data", open);
  expect(code).toBe(EXIT_CODES.ok);
  expect(of("permissions")).toMatchObject({ status: "warning", advice: `Keep it to its owner: chmod 700 ${open}` });
});

test("a PostgreSQL database is asked for its version, its time and its keys; one that is away fails", async () => {
  const database = await createTestDatabase();
  const keyFile = join(folder, "postgres.key");
  await runCommand(["secrets", "create-key", keyFile]);
  const kept = [...databaseOption(database.url), "--key-file", keyFile];
  expect((await doctor(...kept)).of("database")?.found).toMatch(/^PostgreSQL \d+\.\d+, empty$/);
  await runCommand(["platforms", "create", "--name", "Acme", ...kept]);
  const { of } = await doctor(...kept);
  expect(of("database")?.found).toMatch(/^PostgreSQL \d+\.\d+, schema \d+$/);
  expect(of("clock")).toMatchObject({ status: "ok" });
  expect(of("keys")).toMatchObject({ status: "ok" });
  expect(of("disk sync")).toBeUndefined();
  await database.drop();
  expect((await doctor(...kept)).of("database")).toMatchObject({ status: "failed", advice: expect.stringContaining("createdb") });
});

test("what is measured is judged", () => {
  expect([checkNode("24.0.0").status, checkNode("22.20.0").status]).toEqual(["ok", "failed"]);
  expect(syncSpeed(200, 400)).toMatchObject({ status: "ok", found: "500 syncs a second" });
  expect(syncSpeed(10, 1_000).status).toBe("warning");
  expect(syncSpeed(200, 1).status).toBe("warning");
  const gib = 1_073_741_824;
  expect([spaceLeft(5 * gib, 10 * gib), spaceLeft(gib / 2, 10 * gib), spaceLeft(0, 10 * gib)].map(({ status }) => status)).toEqual([
    "ok",
    "warning",
    "failed",
  ]);
  expect(spaceLeft(0, 10 * gib).found).toBe("0 B free of 10.0 GiB");
  const store = { engine: "PostgreSQL 18.4", schema: 3, knownSchema: 9, keyFault: null };
  expect(databaseFindings({ ...store, clockAheadMs: -4_000 }).map(({ status, found }) => [status, found])).toEqual([
    ["ok", "PostgreSQL 18.4, schema 3, which the next start brings to 9"],
    ["warning", "the database's clock differs from this machine's by 4000 ms"],
    ["ok", "the keys open the database's secrets"],
  ]);
});
