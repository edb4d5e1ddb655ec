import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "carabiner-print-"));
  file = join(folder, "config.env");
  await writeFile(file, "CARABINER_PORT=8080\nCARABINER_HOST=0.0.0.0\nCARABINER_KEY=AAECAwQF\nCARABINER_LIMIT_DRAIN_MS=20s\n", {
    mode: 0o600,
  });
});
afterAll(() => rm(folder, { recursive: true }));

const env = {
  CARABINER_DATABASE_URL: "postgres://carabiner:hunter2@db.internal/carabiner",
  CARABINER_EGRESS_PROXY: "http://user:swordfish@proxy.internal:3128",
  CARABINER_HOST: "10.0.0.1",
};

async function printed(...args: string[]) {
  const run = await runCommand(["config", "print", "--config", file, "--json", ...args], { env });
  expect(run).toMatchObject({ code: EXIT_CODES.ok, err: "" });
  const answer = JSON.parse(run.out);
  const lines: { name: string }[] = [...answer.settings, ...answer.limits];
  return { run, answer, of: (name: string) => lines.find((line) => line.name === name) };
}

test("each value is there with its source, and no secret is", async () => {
  const { run, answer, of } = await printed("--port", "9000");
  expect(answer.config_file).toBe(file);
  expect(of("port")).toEqual({ name: "port", variable: "CARABINER_PORT", value: 9_000, source: "flag" });
  expect(of("host")).toMatchObject({ value: "10.0.0.1", source: "environment" });
  expect(of("retryPolicy")).toMatchObject({ value: "stripe", source: "default" });
  expect(of("store.url")).toMatchObject({ value: "postgres://carabiner:********@db.internal/carabiner", source: "environment" });
  expect(of("store.file")).toMatchObject({ value: null, source: "default" });
  expect(of("secretKeys.keys")).toMatchObject({ value: "********", source: "file" });
  expect(of("limits.drainMs")).toEqual({ name: "limits.drainMs", variable: "CARABINER_LIMIT_DRAIN_MS", value: 20_000, source: "file" });
  expect(of("limits.listItems")).toMatchObject({ value: 100, source: "default" });
  expect(run.out).not.toMatch(/hunter2|swordfish|AAECAwQF/);
});

test("it shows the variable that names a file with the value, wherever the variable is set", async () => {
  const secret = join(folder, "database-url");
  await writeFile(secret, "postgres://carabiner:hunter2@db.internal/carabiner\n");
  const urlOf = async (config: string, more: Record<string, string>, ...args: string[]) => {
    const own = join(folder, "own.env");
    await writeFile(own, config, { mode: 0o600 });
    const { out } = await runCommand(["config", "print", "--config", own, "--json", ...args], { env: more });
    const { settings } = JSON.parse(out) as { settings: { name: string }[] };
    return settings.find(({ name }) => name === "store.url");
  };
  const value = "postgres://carabiner:********@db.internal/carabiner";
  const named = { CARABINER_DATABASE_URL_FILE: secret };
  const variable = "CARABINER_DATABASE_URL_FILE";
  expect(await urlOf("", named)).toMatchObject({ value, source: "environment", variable });
  expect(await urlOf(`${variable}=${secret}\n`, {})).toMatchObject({ value, source: "file", variable });
  expect(await urlOf("", named, "--database", "postgres://db/b")).toMatchObject({ source: "flag", variable: "CARABINER_DATABASE_URL" });
});

test("a flag replaces what excludes it", async () => {
  const { of } = await printed("--data", "/srv/carabiner", "--key-file", "/srv/key");
  expect(of("store.file")).toMatchObject({ value: "/srv/carabiner", source: "flag" });
  expect(of("store.url")).toMatchObject({ value: null, source: "default" });
  expect(of("secretKeys.keys")).toMatchObject({ value: null, source: "default" });
});

test("people get a table, without limits that have their defaults unless they request them", async () => {
  const run = await runCommand(["config", "print", "--config", file, "--rate-per-key", "25:100"], { env });
  expect(run.code).toBe(EXIT_CODES.ok);
  expect(run.out).toMatch(/^limits\.requestBurstPerKey +100 +flag +CARABINER_LIMIT_REQUEST_BURST_PER_KEY$/m);
  expect(run.out).toMatch(/^limits\.drainMs +20000 +file /m);
  expect(run.out).not.toContain("limits.listItems");
  expect(run.out).toMatch(/\d+ limits have their defaults; --all prints them too$/);
  expect((await runCommand(["config", "print", "--all"])).out).toContain("limits.listItems");
});

test("what serve would refuse is refused", async () => {
  const run = await runCommand(["config", "print", "--data", "a", "--database", "postgres://db/b"]);
  expect(run).toMatchObject({ code: EXIT_CODES.usage, err: "error: --data and --database exclude each other." });
});
