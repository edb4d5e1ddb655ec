import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CLI, programForTests } from "../../../scripts/program-for-tests.ts";
import { createTestDatabase, type TestDatabase } from "../../../scripts/test-database.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { databaseOption } from "./database-option.ts";
import { startCommand } from "./started-command.ts";

const MAIN = programForTests(CLI);

let directory: string;
let keyFile: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "carabiner-secrets-"));
  keyFile = join(directory, "secrets.key");
});
afterEach(() => rmSync(directory, { recursive: true }));

interface KeptKey {
  id: string;
  key: string;
}

const keysIn = (file: string): KeptKey[] => (JSON.parse(readFileSync(file, "utf8")) as { keys: KeptKey[] }).keys;
const idsIn = (file: string): string[] => keysIn(file).map(({ id }) => id);

/** Runs a command that must end well, and whose output must hold no key of the file. */
async function run(...args: string[]) {
  const done = await runCommand(args);
  expect([done.code, done.err]).toEqual([EXIT_CODES.ok, done.err]);
  for (const file of [keyFile, join(directory, "data", "secrets.key")])
    for (const { key } of existsSync(file) ? keysIn(file) : []) expect(done.out + done.err).not.toContain(key);
  return done;
}

test("create-key makes a key file for its owner alone, names the key by its id, and writes over nothing", async () => {
  const { out, err } = await run("secrets", "create-key", keyFile);
  const [id] = idsIn(keyFile);
  expect(out).toBe(`made ${keyFile} with key ${id}`);
  expect(err).toContain("Back it up");
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  const again = await runCommand(["secrets", "create-key", keyFile]);
  expect([again.code, again.err]).toEqual([EXIT_CODES.error, expect.stringContaining("already exists")]);
  expect(JSON.parse((await run("secrets", "add-key", keyFile, "--json")).out)).toEqual({ file: keyFile, id: idsIn(keyFile)[0] });
  expect(idsIn(keyFile)[1]).toBe(id);
});

describe("in a data folder", () => {
  let data: string;
  let beside: string;
  beforeEach(() => {
    data = join(directory, "data");
    beside = join(data, "secrets.key");
  });
  const create = () => run("platforms", "create", "--name", "Acme", "--data", data);
  const serve = () => startCommand("serve", "--data", data, "--port", "0", "--json", "--log-level", "silent");

  test("the first platform makes the key file, says so once, and all files are their owner's alone", async () => {
    expect((await create()).err).toContain(`Secrets are sealed with the key in ${beside}, which was made`);
    expect((await create()).err).not.toContain(beside);
    expect(readdirSync(data).toSorted()).toEqual(["carabiner.db", "secrets.key"]);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(data)) expect(statSync(join(data, name)).mode & 0o777, name).toBe(0o600);
  });

  test("rotate reseals everything, show lists how many by which key, and the server continues with them", async () => {
    await create();
    const [old] = idsIn(beside);
    expect((await run("secrets", "show", "--data", data)).out).toMatch(new RegExp(`^KEY +SEALS +SECRETS\n${old} +yes +3$`));
    const { out, err } = await run("secrets", "rotate", "--data", data, "--json");
    const [current] = idsIn(beside);
    expect(JSON.parse(out)).toEqual({ current, resealed: 3, dropped: [old] });
    expect(err).toContain("Backups of the database from before still need the key file from before.");
    expect(JSON.parse((await run("secrets", "show", "--data", data, "--json")).out)).toEqual({
      keys: [{ id: current, current: true, values: 3 }],
    });
    const { terminal, ended } = await serve();
    terminal.askToStop();
    expect(await ended).toBe(EXIT_CODES.ok);
  });

  test("while a server runs show asks it, and rotate says what to do and changes nothing", async () => {
    await create();
    const shown = await run("secrets", "show", "--data", data, "--json");
    const before = readFileSync(beside, "utf8");
    const { terminal, ended } = await serve();
    // The server has made a key for its pages, which is sealed too.
    const asked = JSON.parse((await run("secrets", "show", "--data", data, "--json")).out) as { keys: { values: number }[] };
    expect(asked.keys).toEqual([{ ...(JSON.parse(shown.out) as typeof asked).keys[0], values: 4 }]);
    const refused = await runCommand(["secrets", "rotate", "--data", data]);
    expect([refused.code, refused.err]).toEqual([
      EXIT_CODES.error,
      expect.stringMatching(/in use by another process.*\n.*Stop the server/),
    ]);
    terminal.askToStop();
    await ended;
    expect(readFileSync(beside, "utf8")).toBe(before);
  });

  test("without its key file, or with another's, nothing starts, the key is named, and no other is made", async () => {
    await create();
    const [id] = idsIn(beside);
    const elsewhere = join(directory, "elsewhere.key");
    copyFileSync(beside, elsewhere);
    rmSync(beside);
    for (const args of [
      ["serve", "--port", "0"],
      ["platforms", "create", "--name", "Other"],
      ["secrets", "show"],
      ["secrets", "rotate"],
    ]) {
      const { code, err } = await runCommand([...args, "--data", data]);
      expect([code, err]).toEqual([
        EXIT_CODES.error,
        expect.stringContaining(`sealed with key ${id}, which is not in the key file ${beside}`),
      ]);
      expect(err).not.toContain("    at ");
    }
    expect(existsSync(beside)).toBe(false);
    await run("secrets", "create-key", keyFile);
    const wrong = await runCommand(["serve", "--port", "0", "--data", data, "--key-file", keyFile]);
    expect([wrong.code, wrong.err]).toEqual([EXIT_CODES.error, expect.stringContaining(`sealed with key ${id}`)]);
    expect(idsIn(keyFile)).not.toContain(id);
    await run("secrets", "show", "--data", data, "--key-file", elsewhere);
  });

  test("keys of the environment are taken, too; no new one can be added to those", async () => {
    await run("secrets", "create-key", keyFile);
    const env = { CARABINER_KEY: keysIn(keyFile)[0]?.key ?? "" };
    const made = await runCommand(["platforms", "create", "--name", "Acme", "--data", data], { env });
    expect([made.code, made.out + made.err]).toEqual([EXIT_CODES.ok, expect.not.stringContaining(env.CARABINER_KEY)]);
    expect(existsSync(beside)).toBe(false);
    await run("secrets", "show", "--data", data, "--key-file", keyFile);
    const refused = await runCommand(["secrets", "rotate", "--data", data], { env });
    expect([refused.code, refused.err]).toEqual([EXIT_CODES.error, expect.stringContaining("--no-new-key")]);
    const two = `${keysIn(keyFile)[0]?.key},${Buffer.alloc(32, 3).toString("base64")}`;
    const behind = await runCommand(["secrets", "show", "--data", data, "--json"], { env: { CARABINER_KEY: two } });
    expect(JSON.parse(behind.out)).toMatchObject({
      keys: [
        { current: true, values: 3 },
        { current: false, values: 0 },
      ],
    });
    const rotated = await runCommand(["secrets", "rotate", "--no-new-key", "--data", data, "--json"], {
      env: { CARABINER_KEY: two.split(",").reverse().join(",") },
    });
    expect(JSON.parse(rotated.out)).toMatchObject({ resealed: 3, dropped: idsIn(keyFile) });
    const wrong = await runCommand(["secrets", "show", "--data", data], { env: { CARABINER_KEY: "not-a-key-but-a-secret" } });
    expect([wrong.code, wrong.err]).toEqual([EXIT_CODES.error, expect.not.stringContaining("not-a-key")]);
    const both = await runCommand(["secrets", "show", "--data", data], { env: { ...env, CARABINER_KEY_FILE: keyFile } });
    expect([both.code, both.err]).toEqual([EXIT_CODES.usage, expect.stringContaining("both set")]);
  });

  test("show and rotate make nothing where nothing is", async () => {
    for (const command of ["show", "rotate"])
      expect((await runCommand(["secrets", command, "--data", data])).err).toContain("There is no platform in");
    expect(existsSync(data)).toBe(false);
  });

  test("dev --data makes its key file too, and says so in its log", async () => {
    const { terminal, ended } = await startCommand("dev", "--data", data, "--port", "0", "--json", "--log-level", "silent");
    expect(idsIn(beside)).toHaveLength(1);
    terminal.askToStop();
    await ended;
  });

  test("a folder or key file that is open to others is warned of once", async () => {
    await create();
    chmodSync(data, 0o755);
    chmodSync(beside, 0o644);
    const child = spawn(process.execPath, [MAIN, "serve", "--data", data, "--port", "0", "--json"], { stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    child.stderr.on("data", (chunk) => {
      log += chunk;
    });
    await once(child.stdout, "data");
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await exit;
    const warnings = log
      .split("\n")
      .filter((line) => line.includes("other users of this machine"))
      .map((line) => JSON.parse(line) as { level: number; path: string });
    expect(warnings.map(({ level, path }) => [level, path])).toEqual([
      [40, data],
      [40, beside],
    ]);
  });
});

describe("on PostgreSQL", () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  test("nothing starts without a key: the message says what is wrong and what to do", async () => {
    for (const args of [
      ["serve", "--port", "0"],
      ["platforms", "create", "--name", "Acme"],
      ["secrets", "show"],
      ["secrets", "rotate"],
    ]) {
      const { code, err } = await runCommand([...args, ...databaseOption(database.url)]);
      expect([code, err.split("\n")]).toEqual([
        EXIT_CODES.error,
        [expect.stringContaining("needs a key for its secrets"), expect.stringContaining("carabiner secrets create-key FILE")],
      ]);
    }
    const { code, err } = await runCommand(["serve", "--port", "0", ...databaseOption(database.url), "--key-file", keyFile]);
    expect([code, err]).toEqual([EXIT_CODES.error, expect.stringContaining(`carabiner secrets create-key ${keyFile}`)]);
    expect(existsSync(keyFile)).toBe(false);
  });

  test("rotate while servers run: they switch to the new key, continue sending, and seal with it", async () => {
    await run("secrets", "create-key", keyFile);
    const [old] = idsIn(keyFile);
    const kept = [...databaseOption(database.url), "--key-file", keyFile];
    const made = await run("platforms", "create", "--name", "Acme", ...kept, "--json");
    const { keys } = JSON.parse(made.out) as { keys: { test: { secret: string } } };
    const servers = await Promise.all(
      ["api", "send"].map((role) => startCommand("serve", ...kept, "--port", "0", "--json", "--log-level", "silent", "--roles", role)),
    );
    const [api] = servers;
    const { url } = JSON.parse(api?.first ?? "") as { url: string };
    const call = async (path: string, form?: Record<string, string>) => {
      const headers = { authorization: `Bearer ${keys.test.secret}` };
      const answer = await fetch(
        url + path,
        form === undefined ? { headers } : { method: "POST", headers, body: new URLSearchParams(form) },
      );
      expect(answer.status).toBe(200);
      return (await answer.json()) as { id: string; url: string };
    };
    const endpoint = await call("/v1/webhook_endpoints", { url: "https://example.com/hook?token=1", "enabled_events[]": "*" });

    const rotation = JSON.parse((await run("secrets", "rotate", ...kept, "--json")).out) as { current: string; dropped: string[] };
    expect(rotation.dropped).toEqual([old]);
    expect(idsIn(keyFile)).toEqual([rotation.current]);
    expect(await call(`/v1/webhook_endpoints/${endpoint.id}`)).toMatchObject({ url: endpoint.url });
    await call("/v1/webhook_endpoints", { url: "https://example.com/other", "enabled_events[]": "*" });
    const shown = JSON.parse((await run("secrets", "show", ...kept, "--json")).out) as { keys: unknown[] };
    expect(shown.keys).toEqual([{ id: rotation.current, current: true, values: expect.any(Number) }]);
    for (const { terminal, ended } of servers) {
      terminal.askToStop();
      expect(await ended).toBe(EXIT_CODES.ok);
    }
  }, 60_000);

  test("a server whose key file does not get the new key ends, and names it", async () => {
    await run("secrets", "create-key", keyFile);
    const copy = join(directory, "copy.key");
    copyFileSync(keyFile, copy);
    const where = [...databaseOption(database.url), "--key-file"];
    await run("platforms", "create", "--name", "Acme", ...where, keyFile);
    const { terminal, ended } = await startCommand("serve", ...where, copy, "--port", "0", "--log-level", "silent");
    const { current } = JSON.parse((await run("secrets", "rotate", ...where, keyFile, "--json")).out) as { current: string };
    expect(await ended).toBe(EXIT_CODES.error);
    expect(terminal.told.join("\n")).toContain(`sealed with key ${current}, which is not in the key file ${copy}`);
  }, 60_000);
});
