import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { restoreBackup } from "@carabiner/server";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../scripts/test-database.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { databaseOption } from "./database-option.ts";
import { startCommand } from "./started-command.ts";

let directory: string;
let data: string;
const cleanUp: (() => unknown)[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "carabiner-operate-"));
  data = join(directory, "data");
  cleanUp.push(() => rmSync(directory, { recursive: true }));
});
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

interface Made {
  account: string;
  keys: Record<"test" | "live", { secret: string; publishable: string }>;
}

interface ListedKeyAnswer {
  id: string;
  hint: string;
  status: string;
  secret: string;
}

/** Runs a command that must end well, and reads the JSON it prints. */
async function json<Answer>(...args: string[]): Promise<Answer> {
  const done = await runCommand([...args, "--json"]);
  expect([done.code, done.err]).toEqual([EXIT_CODES.ok, done.err]);
  return JSON.parse(done.out) as Answer;
}

/** Starts a server that is stopped after the test, or earlier. */
async function serve(...kept: string[]) {
  const { first, terminal, ended } = await startCommand("serve", ...kept, "--port", "0", "--json", "--log-level", "silent");
  const stop = async () => {
    terminal.askToStop();
    expect(await ended).toBe(EXIT_CODES.ok);
  };
  cleanUp.push(stop);
  return { url: (JSON.parse(first) as { url: string }).url, stop };
}

const statusFor = async (url: string, key: string): Promise<number> =>
  (await fetch(`${url}/v1/balance`, { headers: { authorization: `Bearer ${key}` } })).status;

const create = (name: string, kept = ["--data", data]) => json<Made>("platforms", "create", "--name", name, ...kept);

/** Asks over a socket, as a program that is not ours would. */
function askSocket(socketPath: string, method: string, path: string, body: string, type: string) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const asked = request({ socketPath, method, path, headers: { "content-type": type }, agent: false }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

describe("the control socket", () => {
  const socket = () => join(data, "control.sock");

  test("is its owner's alone, replaces one that a killed server left, and goes with the server", async () => {
    await create("Acme");
    const leaves = "require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
    await expect(promisify(execFile)(process.execPath, ["-e", leaves, socket()])).rejects.toMatchObject({ signal: "SIGKILL" });
    expect(existsSync(socket())).toBe(true);
    // Nobody listens there: the command opens the store itself.
    expect((await json<{ data: unknown[] }>("platforms", "list", "--data", data)).data).toHaveLength(1);
    const { stop } = await serve("--data", data);
    expect(statSync(socket()).mode & 0o777).toBe(0o600);
    expect((await json<{ data: unknown[] }>("platforms", "list", "--data", data)).data).toHaveLength(1);
    await stop();
    cleanUp.pop();
    expect(readdirSync(data).toSorted()).toEqual(["carabiner.db", "secrets.key"]);
  });

  test("accepts forms and JSON, and refuses a wrong value with the name of its parameter, without changing anything", async () => {
    await create("Acme");
    await serve("--data", data);
    const form = await askSocket(socket(), "POST", "/operator/platforms", "name=Form&country=DE", "application/x-www-form-urlencoded");
    expect([form.status, JSON.parse(form.body)]).toMatchObject([200, { object: "platform", name: "Form", country: "DE" }]);
    for (const [path, body, type, status, param] of [
      ["/operator/platforms", "country=DE", "application/x-www-form-urlencoded", 400, "name"],
      ["/operator/platforms", '{"name":"X","country":"XX"}', "application/json", 400, "country"],
      ["/operator/platforms", '{"name":"X","colour":"red"}', "application/json", 400, "colour"],
      ["/operator/platforms/acct_none", "{}", "application/json", 404, "platform"],
      ["/operator/backups", '{"file":"relative.db"}', "application/json", 400, "file"],
      ["/operator/none", "{}", "application/json", 404, undefined],
      ["/operator/platforms", "{", "application/json", 400, undefined],
    ] as const) {
      const refused = await askSocket(socket(), "POST", path, body, type);
      expect([refused.status, (JSON.parse(refused.body) as { error: { param?: string } }).error.param]).toEqual([status, param]);
    }
    expect((await json<{ data: unknown[] }>("platforms", "list", "--data", data)).data).toHaveLength(2);
  });

  test("does not replace a file that is not a socket: the server runs without one", async () => {
    const { keys } = await create("Acme");
    writeFileSync(socket(), "mine");
    const { url } = await serve("--data", data);
    expect(await statusFor(url, keys.test.secret)).toBe(200);
    expect(readFileSync(socket(), "utf8")).toBe("mine");
    const { code, err } = await runCommand(["platforms", "list", "--data", data]);
    expect([code, err]).toEqual([EXIT_CODES.error, expect.stringContaining("no server answers at")]);
  });

  test("is not there where its path is too long: the server runs, and the command says what to do", async () => {
    data = join(directory, "x".repeat(120));
    const { keys } = await create("Acme");
    const { url } = await serve("--data", data);
    expect(await statusFor(url, keys.test.secret)).toBe(200);
    const { code, err } = await runCommand(["platforms", "list", "--data", data]);
    expect([code, err]).toEqual([EXIT_CODES.error, expect.stringContaining("no server answers at")]);
    expect(err).toContain("in use by another process");
  });
});

describe("platforms", () => {
  test("are made, shown, changed and listed while a server runs, and it serves them at once", async () => {
    const first = await create("Acme");
    const { url } = await serve("--data", data);
    const second = await create("Second");
    expect([await statusFor(url, first.keys.test.secret), await statusFor(url, second.keys.live.secret)]).toEqual([200, 200]);
    const changed = await json("platforms", "update", second.account, "--name", "Third", "--default-mcc", "5734", "--data", data);
    expect(changed).toMatchObject({ id: second.account, name: "Third", default_mcc: "5734", country: "US" });
    const shown = await json<{ settings: object }>("platforms", "show", second.account, "--data", data);
    expect({ ...shown, dry_run: false, effects: [] }).toEqual(changed);
    const settings = ["platforms", "update", second.account, "--keep-events", "7d", "--disable-failing-after", "never", "--data", data];
    const dry = await json<{ effects: string[] }>(...settings, "--dry-run");
    expect(dry.effects.join(" ")).toMatch(/older than 7 days .* never disabled/);
    expect(await json("platforms", "show", second.account, "--data", data)).toEqual(shown);
    expect(await json(...settings)).toMatchObject({
      settings: {
        ...{ events_kept_seconds: 604_800, endpoint_disable_seconds: 0 },
        own: ["events_kept_seconds", "endpoint_disable_seconds"],
      },
    });
    expect(await json("platforms", "update", second.account, "--keep-events", "server", "--data", data)).toMatchObject({
      settings: { events_kept_seconds: 2_592_000, own: ["endpoint_disable_seconds"] },
    });
    const listed = await json<{ data: { id: string }[] }>("platforms", "list", "--data", data);
    expect(listed.data.map(({ id }) => id)).toEqual([second.account, first.account]);
    const { out } = await runCommand(["platforms", "list", "--data", data]);
    expect(out).toMatch(/^PLATFORM +NAME +COUNTRY +API VERSION +CREATED \(UTC\)\nacct_\w+ +Third +US /);
  });

  test.each([
    [["show", "acct_none"], EXIT_CODES.notFound, "No such platform: 'acct_none'"],
    [["update", "acct_none", "--name", "X"], EXIT_CODES.notFound, "No such platform"],
    [["update", "acct_none"], EXIT_CODES.usage, "Say what to change"],
    [["update", "acct_none", "--api-version", "2000-01-01"], EXIT_CODES.usage, "--api-version"],
    [["create", "--name", " "], EXIT_CODES.usage, "--name"],
    [["list", "--starting-after", "acct_none"], EXIT_CODES.notFound, "No such platform"],
  ])("%j is refused", async (args, code, says) => {
    await create("Acme");
    const refused = await runCommand(["platforms", ...args, "--data", data]);
    expect([refused.code, refused.out, refused.err]).toEqual([code, "", expect.stringContaining(says)]);
  });
});

/** The story of a key, told wherever it is kept. */
async function keyStory(kept: readonly string[], urls: readonly string[], { account, keys }: Made) {
  const ask = <Answer>(command: string, ...args: string[]) => json<Answer>("keys", command, "--platform", account, ...args, ...kept);
  const listed = async () => (await ask<{ data: ListedKeyAnswer[] }>("list", "--live")).data;
  const statuses = (key: string) => Promise.all(urls.map((url) => statusFor(url, key)));
  const all = (status: number) => urls.map(() => status);
  const old = keys.live.secret;
  expect(await statuses(old)).toEqual(all(200));

  const rolled = await ask<ListedKeyAnswer>("roll", "--live", "--overlap", "24h");
  expect([await statuses(old), await statuses(rolled.secret)]).toEqual([all(200), all(200)]);
  const [oldId] = (await listed()).filter(({ status }) => status === "expiring").map(({ id }) => id);
  await ask("revoke", oldId ?? "", "--live");
  expect([await statuses(old), await statuses(rolled.secret)]).toEqual([all(401), all(200)]);

  const again = await ask<ListedKeyAnswer>("roll", rolled.id, "--live");
  expect([await statuses(rolled.secret), await statuses(again.secret)]).toEqual([all(401), all(200)]);
  const made = await ask<ListedKeyAnswer>("create", "--live", "--expires-in", "90d");
  expect(await statuses(made.secret)).toEqual(all(200));
  expect((await listed()).map(({ status }) => status).toSorted()).toEqual(["active", "active", "expired", "expired", "expiring"]);
  expect(JSON.stringify(await listed())).not.toContain(again.secret.slice(-10));
  // The operator may revoke the last one too: they can make another.
  for (const { id, status } of await listed()) if (status !== "expired") await ask("revoke", id, "--live");
  expect(await statuses(again.secret)).toEqual(all(401));
  expect(await statuses((await ask<ListedKeyAnswer>("create", "--live")).secret)).toEqual(all(200));
  expect(await statuses(keys.test.secret)).toEqual(all(200));

  const narrow = await ask<ListedKeyAnswer & { permissions: string[] }>("create", "--permissions", "payout_write,rak_event_read");
  expect(narrow).toMatchObject({ type: "restricted", permissions: ["event_read", "payout_write"], connect_permissions: [] });
  expect(await statuses(narrow.secret)).toEqual(all(403));
  const wide = await ask<ListedKeyAnswer>("create", "--permissions", "balance_read", "--connect-permissions", "event_read");
  expect(await statuses(wide.secret)).toEqual(all(200));
  const rolledWide = await ask<ListedKeyAnswer>("roll", wide.id);
  expect([await statuses(wide.secret), await statuses(rolledWide.secret)]).toEqual([all(401), all(200)]);
}

describe("keys", () => {
  test("are made, rolled and revoked while a server runs; those that end stop working at the next request", async () => {
    const platform = await create("Acme");
    const { url } = await serve("--data", data);
    await keyStory(["--data", data], [url], platform);
  });

  test("the same on PostgreSQL, at every node", { timeout: 60_000 }, async () => {
    const database = await createTestDatabase();
    cleanUp.push(() => database.drop());
    const keyFile = join(directory, "secrets.key");
    await runCommand(["secrets", "create-key", keyFile]);
    const kept = [...databaseOption(database.url), "--key-file", keyFile];
    const platform = await create("Acme", kept);
    const nodes = [await serve(...kept), await serve(...kept)];
    await keyStory(
      kept,
      nodes.map(({ url }) => url),
      platform,
    );
  });

  test("say when they were last used, and are printed once for a person", async () => {
    const { account, keys } = await create("Acme");
    const { url, stop } = await serve("--data", data);
    await statusFor(url, keys.test.secret);
    await stop();
    cleanUp.pop();
    const { out } = await runCommand(["keys", "list", "--platform", account, "--data", data]);
    expect(out).toMatch(/^KEY +HINT +STATUS +CREATED \(UTC\) +LAST USED \(UTC\) +EXPIRES \(UTC\)\n/);
    const used = out.split("\n").filter((line) => /(?:\d\d:\d\d:\d\d.*){2}/.test(line));
    expect(used).toEqual([expect.stringContaining(`sk_test_****${keys.test.secret.slice(-4)}`)]);
    const made = await runCommand(["keys", "create", "--platform", account, "--data", data]);
    expect(made.out).toMatch(/^id +key_\w+\nkey +sk_test_\w{24}\nexpires \(UTC\) +-$/);
    expect(made.err).toContain("shown only this once");
    const several = await runCommand(["keys", "roll", "--platform", account, "--data", data]);
    expect([several.code, several.err]).toEqual([EXIT_CODES.usage, expect.stringContaining("There are 2 active secret keys in test mode")]);
  });

  test.each([
    [["list", "--platform", "acct_none"], EXIT_CODES.notFound, "No such platform"],
    [["revoke", "key_none", "--platform", "OWN"], EXIT_CODES.notFound, "No such key: 'key_none'"],
    [["roll", "--platform", "OWN", "--overlap", "30d"], EXIT_CODES.error, "--overlap: must be between 0s and 7d"],
    [["roll", "--platform", "OWN", "--overlap", "soon"], EXIT_CODES.usage, "--overlap"],
    [["create", "--platform", "OWN", "--permissions", "charge_reed"], EXIT_CODES.usage, "Did you mean charge_read?"],
    [["create", "--platform", "OWN", "--type", "restricted"], EXIT_CODES.error, "A restricted key needs permissions"],
  ])("%j is refused, and nothing changes", async (args, code, says) => {
    const { account } = await create("Acme");
    const before = await json("keys", "list", "--platform", account, "--data", data);
    const refused = await runCommand(["keys", ...args.map((arg) => (arg === "OWN" ? account : arg)), "--data", data]);
    expect([refused.code, refused.out, refused.err]).toEqual([code, "", expect.stringContaining(says)]);
    expect(await json("keys", "list", "--platform", account, "--data", data)).toEqual(before);
  });
});

test("a command takes the only platform there is, and lists them when there are several", async () => {
  const kept = ["--data", data];
  const { account } = await create("Acme");
  expect((await json<{ id: string }>("platforms", "show", ...kept)).id).toBe(account);
  expect(await json("platforms", "update", "--name", "Acme Inc.", ...kept)).toMatchObject({ id: account, name: "Acme Inc." });
  const made = await json<ListedKeyAnswer>("keys", "create", ...kept);
  const rolled = await json<ListedKeyAnswer>("keys", "roll", made.id, ...kept);
  await json("keys", "revoke", rolled.id, ...kept);
  expect((await json<{ data: ListedKeyAnswer[] }>("keys", "list", ...kept)).data.map(({ id }) => id)).toContain(rolled.id);
  const other = await create("Other");
  for (const args of [
    ["keys", "list"],
    ["keys", "create"],
    ["keys", "roll"],
    ["keys", "revoke", rolled.id],
    ["platforms", "show"],
    ["platforms", "update", "--name", "X"],
  ]) {
    const refused = await runCommand([...args, ...kept]);
    expect([refused.code, refused.err], args.join(" ")).toEqual([
      EXIT_CODES.usage,
      expect.stringContaining("There are several platforms."),
    ]);
    expect(refused.err).toContain(`${other.account}  Other\n  ${account}  Acme Inc.`);
  }
});

describe("a backup", () => {
  const file = () => join(directory, "backup.db");
  const keyFile = () => join(data, "secrets.key");

  /**
   * Makes accounts until it is told to stop, each of which records an event; keeps the ids of those that were
   * acknowledged.
   */
  function load(url: string, key: string) {
    const acknowledged: string[] = [];
    let stopped = false;
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/x-www-form-urlencoded" };
    const one = async () => {
      while (!stopped) {
        const answer = await fetch(`${url}/v1/accounts`, { method: "POST", headers, body: "type=standard&country=US" });
        expect(answer.status).toBe(200);
        acknowledged.push(((await answer.json()) as { id: string }).id);
      }
    };
    const ended = Promise.all([one(), one(), one()]);
    return {
      acknowledged,
      async stop() {
        stopped = true;
        await ended;
      },
    };
  }

  test("that is taken under load has all that was acknowledged before; a server starts on it in another folder", async () => {
    const { account, keys } = await create("Acme");
    const { url, stop } = await serve("--data", data);
    const loading = load(url, keys.test.secret);
    while (loading.acknowledged.length < 20) await fetch(`${url}/livez`);
    const before = [...loading.acknowledged];
    const backup = await json<Record<string, unknown>>("backup", "--data", data, "--to", file());
    const during = loading.acknowledged.length - before.length;
    await loading.stop();
    await stop();
    cleanUp.pop();
    expect(during).toBeGreaterThan(0);
    const [key] = (JSON.parse(readFileSync(keyFile(), "utf8")) as { keys: { id: string; key: string }[] }).keys;
    expect(backup).toMatchObject({ object: "backup", file: file(), sealed_with: { keys: [key?.id], from: `the key file ${keyFile()}` } });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readFileSync(file()).includes(key?.key ?? "")).toBe(false);
    expect(readdirSync(directory).toSorted()).toEqual(["backup.db", "data"]);

    const other = join(directory, "other");
    const restored = await json<{ accounts: number }>("restore", "--from", file(), "--data", other, "--key-file", keyFile());
    expect(restored.accounts).toBe(backup.accounts);
    const again = await serve("--data", other, "--key-file", keyFile());
    const headers = { authorization: `Bearer ${keys.test.secret}` };
    for (const id of before) expect((await fetch(`${again.url}/v1/accounts/${id}`, { headers })).status, id).toBe(200);
    const listed = await json<{ data: { id: string }[] }>("platforms", "list", "--data", other);
    expect(listed.data.map(({ id }) => id)).toEqual([account]);
  });

  test("is taken of a stopped server's data too, and tells a person what to keep and what may be sent twice", async () => {
    const { keys } = await create("Acme");
    const { url, stop } = await serve("--data", data, "--allow-local-endpoints");
    const post = async (path: string, body: string) => {
      const headers = { authorization: `Bearer ${keys.test.secret}`, "content-type": "application/x-www-form-urlencoded" };
      expect((await fetch(url + path, { method: "POST", headers, body })).status, path).toBe(200);
    };
    // Nothing listens there, so the delivery waits for its next attempt.
    await post("/v1/webhook_endpoints", "url=http://127.0.0.1:1/&enabled_events[]=customer.created");
    await post("/v1/events", "type=customer.created&data[object][id]=cus_1&data[object][object]=customer");
    await stop();
    cleanUp.pop();
    const { code, out, err } = await runCommand(["backup", "--data", data, "--to", file()]);
    expect([code, out]).toEqual([EXIT_CODES.ok, expect.stringMatching(/^backup +\/.*backup\.db\n/)]);
    expect(err).toContain(`keep a copy of the key file ${keyFile()} elsewhere`);
    const restored = await runCommand(["restore", "--from", file(), "--data", join(directory, "other"), "--key-file", keyFile()]);
    expect(restored.err).toContain("Everything after the backup is missing.");
    expect(restored.err).toContain("1 delivery was pending in the backup");
    expect(restored.err).toContain("also what was sent after the backup");
    const beside = join(directory, "other", "secrets.key");
    expect(restored.err).toContain(`Start the server with --key-file ${keyFile()}, or copy that file to ${beside}.`);
  });

  test("is restored with keys of the environment, of which the next server is to be told, and with a key file that is there", async () => {
    await create("Acme");
    await json("backup", "--data", data, "--to", file());
    const restore = async (to: string, env: Record<string, string>) =>
      (await runCommand(["restore", "--from", file(), "--data", join(directory, to)], { env })).err;
    const [key] = (JSON.parse(readFileSync(keyFile(), "utf8")) as { keys: { key: string }[] }).keys;
    expect(await restore("one", { CARABINER_KEY: key?.key ?? "" })).toContain("Start the server with the same CARABINER_KEY:");
    mkdirSync(join(directory, "two"));
    copyFileSync(keyFile(), join(directory, "two", "secrets.key"));
    const there = await restore("two", {});
    expect(there).toContain("Everything after the backup is missing.");
    expect(there).not.toContain("Start the server");
  });

  test("writes over nothing, and is not written where it cannot be", async () => {
    await create("Acme");
    await serve("--data", data);
    writeFileSync(file(), "mine");
    const there = await runCommand(["backup", "--data", data, "--to", file()]);
    expect([there.code, there.err]).toEqual([EXIT_CODES.error, expect.stringContaining("already exists and is not overwritten")]);
    expect(readFileSync(file(), "utf8")).toBe("mine");
    const nowhere = await runCommand(["backup", "--data", data, "--to", join(directory, "none", "b.db")]);
    expect([nowhere.code, nowhere.err]).toEqual([
      EXIT_CODES.error,
      expect.stringContaining("none/b.db: there is no such file or folder (ENOENT)"),
    ]);
    const postgres = await runCommand(["backup", "--database", "postgres://127.0.0.1:1/none", "--to", file()]);
    expect([postgres.code, postgres.err]).toEqual([EXIT_CODES.usage, expect.stringContaining("pg_dump")]);
    expect(readdirSync(directory).toSorted()).toEqual(["backup.db", "data"]);
  });

  test("is not restored without its key, over a database, or when it is not whole; and nothing changes", async () => {
    await create("Acme");
    await json("backup", "--data", data, "--to", file());
    const other = join(directory, "other");
    const restore = async (from: string, to: string, ...more: string[]) => {
      const { code, err } = await runCommand(["restore", "--from", from, "--data", to, ...more]);
      expect(code).toBe(EXIT_CODES.error);
      return err;
    };
    expect(await restore(file(), other)).toContain("Copy the key file there, or name it with --key-file");
    const wrong = join(directory, "wrong.key");
    await runCommand(["secrets", "create-key", wrong]);
    expect(await restore(file(), other, "--key-file", wrong)).toContain("The backup's secrets cannot be opened");
    const circle = join(directory, "circle.key");
    symlinkSync(circle, circle);
    expect(await restore(file(), other, "--key-file", circle)).toContain(
      `The key file ${circle} cannot be read: its links lead in a circle (ELOOP)`,
    );
    expect(await restore(file(), data)).toContain("already exists");
    // A folder that cannot be made, although there is one above it.
    if (process.platform === "linux")
      expect(await restore(file(), "/proc/carabiner", "--key-file", keyFile())).toContain("Cannot write /proc/carabiner/carabiner.db");
    expect(await runCommand(["serve", "--data", file()])).toMatchObject({ code: 1, err: expect.stringContaining("is not a directory") });
    expect((await runCommand(["backup", "--data", data, "--to", ""])).code).toBe(EXIT_CODES.usage);
    expect(await restore(join(directory, "none.db"), other)).toContain("There is no file");
    const damaged = join(directory, "damaged.db");
    const bytes = readFileSync(file());
    writeFileSync(damaged, bytes.fill(0x5a, bytes.length / 2, bytes.length / 2 + 40_000));
    expect(await restore(damaged, other, "--key-file", keyFile())).toContain("Cannot restore");
    writeFileSync(damaged, "nothing of the kind");
    expect(await restore(damaged, other, "--key-file", keyFile())).toContain("it is not a database");
    // Its folders can be made, and its file cannot: a name has at most 255 bytes.
    const to = join(other, "deep", `${"x".repeat(250)}.db`);
    expect(() => restoreBackup({ from: file(), to, secretKeys: { file: keyFile() } })).toThrow(
      /^Cannot write .*: its name is too long \(ENAMETOOLONG\)\.$/,
    );
    expect(existsSync(other)).toBe(false);
  });
});

test("the audit log shows what was done, to what, by whom and from where; refused calls are not in it", async () => {
  const { account, keys } = await create("Acme");
  const { url, stop } = await serve("--data", data);
  const rolled = await json<ListedKeyAnswer>("keys", "roll", "--platform", account, "--live", "--data", data);
  const own = { authorization: `Bearer ${keys.test.secret}` };
  const made = (await (await fetch(`${url}/console/keys`, { method: "POST", headers: own })).json()) as ListedKeyAnswer;
  await fetch(`${url}/console/keys/key_none/revoke`, { method: "POST", headers: own });
  await json("platforms", "update", account, "--name", "Second", "--data", data);
  const file = join(directory, "backup.db");
  await json("backup", "--data", data, "--to", file);
  await stop();
  cleanUp.pop();
  await json("keys", "revoke", rolled.id, "--platform", account, "--live", "--data", data);

  const log = await json<{ data: { id: string; act: string; account: string | null; subject: string; by: string; detail: object }[] }>(
    ...["audit", "list", "--data", data],
  );
  const socket = "operator, control socket";
  expect(log.data.map(({ act, subject, by }) => [act, subject, by])).toEqual([
    ["key.revoked", rolled.id, "operator, command"],
    ["backup.created", file, socket],
    ["platform.updated", account, socket],
    ["key.created", made.id, `sk_test_****${keys.test.secret.slice(-4)}`],
    ["key.rolled", rolled.id, socket],
    ["platform.created", account, "operator, command"],
  ]);
  expect(log.data.map(({ account: whose }) => whose)).toEqual([account, null, account, account, account, account]);
  expect(log.data[2]?.detail).toEqual({ name: "Second" });
  for (const secret of [keys.live.secret, keys.test.secret, rolled.secret, made.secret])
    expect(JSON.stringify(log)).not.toContain(secret.slice(-10));
  const rest = await json<{ data: { id: string }[] }>("audit", "list", "--starting-after", log.data[3]?.id ?? "", "--data", data);
  expect(rest.data.map(({ id }) => id)).toEqual(log.data.slice(4).map(({ id }) => id));
  const { out } = await runCommand(["audit", "list", "--data", data]);
  expect(out).toMatch(/^TIME \(UTC\) +ACT +ACCOUNT +SUBJECT +BY +FROM\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +key\.revoked +acct_/);
  const refused = await runCommand(["audit", "list", "--starting-after", "none", "--data", data]);
  expect([refused.code, refused.err]).toEqual([EXIT_CODES.notFound, expect.stringContaining("No such audit entry")]);
});
