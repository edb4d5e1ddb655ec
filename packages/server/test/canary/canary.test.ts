import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { afterEach, describe, expect, test, vi } from "vitest";
import { CLI, programForTests } from "../../../../scripts/program-for-tests.ts";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { createPlatform, type StoreLocation, startCarabiner } from "../../src/index.ts";
import { SEALED } from "../../src/store/sealed-fields.ts";
import { SecretBox, sealedPrefix } from "../../src/store/secret-box.ts";
import { TEST_SECRET } from "../store/store-fixture.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";
import { Canaries } from "./canaries.ts";
import { type Platform, plantSecrets } from "./plant-secrets.ts";

const secretKeys = { keys: TEST_SECRET };

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** A place for a store, and all the bytes it has, by what they are in. */
interface Kept {
  store: Exclude<StoreLocation, "memory">;
  contents(): Promise<Map<string, Uint8Array>>;
}

async function inFile(): Promise<Kept> {
  const folder = mkdtempSync(join(tmpdir(), "carabiner-canary-"));
  cleanUp.push(() => rmSync(folder, { recursive: true }));
  return {
    store: { file: join(folder, "carabiner.db") },
    async contents() {
      const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
      return new Map(files.map(({ name }) => [name, readFileSync(join(folder, name))]));
    },
  };
}

async function onPostgres(): Promise<Kept> {
  const database = await createTestDatabase();
  cleanUp.push(() => database.drop());
  return {
    store: { url: database.url },
    async contents() {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      try {
        return new Map([...(await tablesOf(client)), ...(await dataFilesOf(client))]);
      } finally {
        await client.end();
      }
    },
  };
}

/** Every row of every table, as text. A `bytea` value is read as the text that it contains. */
async function tablesOf(client: pg.Client): Promise<[string, Uint8Array][]> {
  const { rows: tables } = await client.query<{ name: string }>(
    "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  );
  const contents: [string, Uint8Array][] = [];
  for (const { name } of tables) {
    const { rows } = await client.query<Record<string, unknown>>(`SELECT * FROM ${name}`);
    const texts = rows
      .flatMap((row) => Object.values(row))
      .map((value) => (Buffer.isBuffer(value) ? value.toString("latin1") : JSON.stringify(value)));
    contents.push([`table ${name}`, Buffer.from(texts.join("\n"))]);
  }
  return contents;
}

/**
 * The files of the database and the server's log of what it writes, if they can be read: not on another machine or as
 * another user.
 */
async function dataFilesOf(client: pg.Client): Promise<[string, Uint8Array][]> {
  await client.query("CHECKPOINT");
  const { rows } = await client.query<{ data: string; oid: string }>(
    "SELECT current_setting('data_directory') AS data, oid::text FROM pg_database WHERE datname = current_database()",
  );
  const [found] = rows;
  if (found === undefined) return [];
  try {
    return [join(found.data, "base", found.oid), join(found.data, "pg_wal")].flatMap((folder) =>
      readdirSync(folder)
        .map((name) => join(folder, name))
        .filter((path) => statSync(path).isFile())
        .map((path): [string, Uint8Array] => [path.slice(found.data.length + 1), readFileSync(path)]),
    );
  } catch (error) {
    if (["ENOENT", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}

/** A server in a separate process, with all its output. */
async function startProcess(args: readonly string[], more: Record<string, string> = {}) {
  const env = { ...process.env, CARABINER_KEY: TEST_SECRET, ...more };
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env });
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    said.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    said.err += chunk;
  });
  const exit = once(child, "exit");
  cleanUp.push(() => child.kill("SIGKILL"));
  const first = await Promise.race([once(createInterface({ input: child.stdout }), "line"), exit.then(() => null)]);
  if (first === null) throw new Error(`the server ended before it was ready: ${said.err}`);
  const { url } = JSON.parse(first[0] as string) as { url: string };
  return {
    url,
    said,
    async end() {
      child.kill("SIGTERM");
      expect((await exit)[0]).toBe(0);
    },
  };
}

/** Publishes an event in each mode, to whatever takes it. */
async function publishTo(url: string, platform: Platform): Promise<void> {
  for (const mode of ["test", "live"] as const) {
    const answer = await fetch(`${url}/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${platform.keys[mode].secret}`, "content-type": "application/json" },
      body: JSON.stringify({ type: "customer.updated", data: { object: { id: "cus_1", object: "customer" } } }),
    });
    expect(answer.status).toBe(200);
  }
}

describe.each([
  ["in a file", inFile],
  ["on PostgreSQL", onPostgres],
])("%s", (_, place) => {
  test("no secret is in the store, the log or the server's output, while it runs and afterwards", async () => {
    const { store, contents } = await place();
    const canaries = new Canaries();
    const platform = await createPlatform({ store, secretKeys, name: "Acme" });
    const user = await createPlatform({ store, secretKeys, name: "A user" });
    const where: Record<string, string> =
      "file" in store ? { CARABINER_DATA: join(store.file, "..") } : { CARABINER_DATABASE_URL: store.url };
    // A server of a file does everything: nobody listens where it would send.
    const sendsNothing = "file" in store ? ["--egress-proxy", "http://127.0.0.1:9"] : ["--roles", "api"];
    const serving = await startProcess(
      [programForTests(CLI), "serve", "--port", "0", "--json", "--log-level", "debug", ...sendsNothing],
      where,
    );
    await plantSecrets({ url: serving.url, receiver: "https://receiver.example/" }, { platform, user }, canaries);
    const scanned = await contents();
    expect(canaries.foundIn(scanned)).toEqual([]);
    await serving.end();

    // What that server has not sent must not leave this machine.
    for (const mode of ["test", "live"] as const) await disableAll(store, platform, mode);
    const failing = await startWebhookReceiver(({ path }) => (path.startsWith("/302") ? 302 : path.startsWith("/500") ? 500 : 200));
    cleanUp.push(() => failing.close());
    const sending = await startProcess([
      programForTests("packages/server/test/canary/sending-process.ts"),
      JSON.stringify([store, secretKeys]),
    ]);
    for (const mode of ["test", "live"] as const)
      for (const status of ["200", "302", "500"]) {
        const token = canaries.plant(`${mode} URL of an endpoint that answers ${status}`, { kept: true });
        const answer = await fetch(`${sending.url}/v1/webhook_endpoints`, {
          method: "POST",
          headers: { authorization: `Bearer ${platform.keys[mode].secret}` },
          body: new URLSearchParams({ url: failing.url(`/${status}?token=${token}`), "enabled_events[]": "customer.updated" }),
        });
        canaries.shown(`${mode} signing secret of it`, ((await answer.json()) as { secret?: string }).secret, { kept: true });
      }
    await publishTo(sending.url, platform);
    await vi.waitFor(() => expect(failing.received.length).toBeGreaterThanOrEqual(6), { timeout: 20_000 });
    for (const [name, bytes] of await contents()) scanned.set(`${name}, sending`, bytes);
    await sending.end();
    for (const [name, bytes] of await contents()) scanned.set(`${name}, closed`, bytes);

    for (const [name, { said }] of Object.entries({ serve: serving, "the sending server": sending })) {
      expect(said.err.split("\n").length, "lines of its log").toBeGreaterThan(4);
      scanned.set(`stdout of ${name}`, Buffer.from(said.out));
      scanned.set(`stderr of ${name}`, Buffer.from(said.err));
    }
    expect(canaries.foundIn(scanned)).toEqual([]);
    for (const [name, bytes] of scanned) expect(Buffer.from(bytes).includes(TEST_SECRET), `the key in ${name}`).toBe(false);
    const bytes = [...scanned.values()].reduce((sum, content) => sum + content.length, 0);
    console.info(
      `${canaries.all.length} secrets in ${scanned.size} files, tables and streams of ${bytes.toLocaleString("en")} bytes: none found`,
    );
    expect(canaries.all.length).toBeGreaterThan(100);
  }, 120_000);

  test("where nothing is sealed, each that a store keeps is found: the search can fail", async () => {
    // In clear but for what would need escapes in JSON, as no sealed value does.
    const form = sealedPrefix("0".repeat(12));
    const sealed = new Set<string>();
    vi.spyOn(SecretBox.prototype, "seal").mockImplementation((name, text) => {
      sealed.add(name.replace(/:.*/s, ""));
      return form + text.replace(/[%"\\\n]/g, encodeURIComponent);
    });
    vi.spyOn(SecretBox.prototype, "open").mockImplementation((_place, text) => decodeURIComponent(String(text).slice(form.length)));
    vi.spyOn(SecretBox.prototype, "need").mockImplementation(() => undefined);
    const { store, contents } = await place();
    const canaries = new Canaries();
    const platform = await createPlatform({ store, secretKeys, name: "Acme" });
    const user = await createPlatform({ store, secretKeys, name: "A user" });
    const server = await startCarabiner({ mode: "serve", store, secretKeys, roles: ["api"] });
    await plantSecrets({ url: server.url, receiver: "https://receiver.example/" }, { platform, user }, canaries);
    const found = new Set(canaries.foundIn(await contents()).map(({ place: name }) => name));
    await server.close();
    const kept = canaries.all.filter((canary) => canary.kept).map(({ place: name }) => name);
    expect(kept.filter((name) => !found.has(name))).toEqual([]);
    expect([...found].filter((name) => !kept.includes(name))).toEqual([]);
    expect(kept.length).toBeGreaterThan(30);
    const places = Object.values(SEALED).map(({ table, column }) => `${table}.${column}`);
    expect(places.filter((name) => !sealed.has(name))).toEqual([]);
  }, 120_000);
});

async function disableAll(store: Kept["store"], platform: Platform, mode: "test" | "live"): Promise<void> {
  const server = await startCarabiner({ mode: "serve", store, secretKeys, roles: ["api"] });
  const headers = { authorization: `Bearer ${platform.keys[mode].secret}` };
  const listed = (await (await fetch(`${server.url}/v1/webhook_endpoints`, { headers })).json()) as { data: { id: string }[] };
  for (const { id } of listed.data)
    await fetch(`${server.url}/v1/webhook_endpoints/${id}`, { method: "POST", headers, body: new URLSearchParams({ disabled: "true" }) });
  await server.close();
}
