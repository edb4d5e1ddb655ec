import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import Stripe from "stripe";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestDatabase } from "../../../scripts/test-database.ts";
import { createKeyFile, createPlatform, type SecretKeys, startCarabiner } from "../src/index.ts";
import { migrate as migratePostgres } from "../src/store/postgres/schema/migrate.ts";
import { MIGRATIONS as POSTGRES_STEPS } from "../src/store/postgres/schema/migrations.ts";
import { migrate } from "../src/store/sqlite/schema/migrate.ts";
import { IRREVERSIBLE_STEPS, MIGRATIONS } from "../src/store/sqlite/schema/migrations.ts";
import { client } from "./platform-of-its-own.ts";
import { cleanUp, start } from "./server-of-its-own.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";

/** The earliest schema that a server has worked with: its secrets are in clear, and a platform has one application. */
const EARLIEST = 2;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-upgrade-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Place {
  store: { file: string } | { url: string };
  secretKeys?: SecretKeys;
}

/** What was written before the upgrade, as the API showed it. */
interface Written {
  secretKey: string;
  signingSecret: string;
  url: string;
  account: Stripe.Account;
  events: Stripe.Event[];
}

/** Writes a platform, a connected account, an endpoint and events, and sends nothing: no server has that role. */
async function write(place: Place, url: string): Promise<Written> {
  const { keys } = await createPlatform({ ...place, name: "Acme" });
  const server = await startCarabiner({ mode: "serve", ...place, roles: ["api"], allowLocalEndpoints: true });
  try {
    const stripe = client(server, keys.test.secret);
    const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: ["*"], connect: true });
    const account = await stripe.accounts.create({ type: "custom", country: "US", email: "jenny@example.com" });
    await stripe.accounts.update(account.id, { metadata: { order: "6735" } });
    const events = (await stripe.events.list({}, { stripeAccount: account.id })).data;
    const shown = await stripe.accounts.retrieve(account.id);
    return { secretKey: keys.test.secret, signingSecret: endpoint.secret as string, url, account: shown, events };
  } finally {
    await server.close();
  }
}

/**
 * Changes what the rows say into the form of a version that kept secrets in clear, as SQL that both stores understand.
 */
function inClear({ url, signingSecret }: Written): string[] {
  const secrets = JSON.stringify([{ secret: signingSecret, expiresAt: null }]);
  return [`UPDATE endpoints SET url = '${url}', secrets = '${secrets}'`, "DELETE FROM settings WHERE name <> 'purpose'"];
}

/** What must be so after the upgrade: everything is read, and the deliveries that were pending are made. */
async function prove(place: Place, written: Written, received: Awaited<ReturnType<typeof startWebhookReceiver>>): Promise<void> {
  const server = await start({ mode: "serve", ...place, allowLocalEndpoints: true });
  const stripe = client(server, written.secretKey);
  expect(await stripe.accounts.retrieve(written.account.id)).toEqual(written.account);
  // Their deliveries may have been made by now.
  const pending = (events: readonly Stripe.Event[]) => events.map((event) => ({ ...event, pending_webhooks: 1 }));
  expect(pending((await stripe.events.list({}, { stripeAccount: written.account.id })).data)).toEqual(pending(written.events));
  expect((await stripe.webhookEndpoints.list()).data).toMatchObject([{ url: written.url, status: "enabled" }]);
  await server.idle();
  expect(received.received.map(({ event }) => event.id).sort()).toEqual(written.events.map(({ id }) => id).sort());
  for (const { body, headers } of received.received)
    expect(() => Stripe.webhooks.constructEvent(body, headers["stripe-signature"] as string, written.signingSecret)).not.toThrow();
  // And so are new ones.
  const before = received.received.length;
  await stripe.accounts.update(written.account.id, { metadata: { order: "6736" } });
  await server.idle();
  expect(received.received.length).toBe(before + 1);
}

test("an SQLite file of the earliest schema is copied and upgraded: all is read, and deliveries go on", async () => {
  const received = await startWebhookReceiver();
  cleanUp.push(() => received.close());
  const newest = { store: { file: join(folder, "newest.db") }, secretKeys: { file: join(folder, "secrets.key") } };
  const written = await write(newest, received.url("/hook"));
  const file = join(folder, "carabiner.db");
  const database = new DatabaseSync(file);
  migrate(database, 1, MIGRATIONS.slice(0, EARLIEST));
  database.prepare("ATTACH ? AS newest").run(newest.store.file);
  const tables = database.prepare(
    "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT IN ('migrations', 'applications', 'idempotent_answers')",
  );
  for (const { name } of tables.all()) {
    const columns = database.prepare(`SELECT group_concat(name) AS names FROM pragma_table_info('${name}', 'main')`).get()?.names;
    database.exec(`INSERT INTO main.${name} (${columns}) SELECT ${columns} FROM newest.${name}`);
  }
  database.exec("INSERT INTO main.applications SELECT id, account_id, name FROM newest.applications WHERE livemode = 1");
  database.exec("DETACH newest");
  for (const sql of inClear(written)) database.exec(sql);
  database.close();

  await prove({ store: { file }, secretKeys: newest.secretKeys }, written, received);
  const copies = readdirSync(folder).filter((name) => name.startsWith("carabiner.db.before-upgrade-"));
  expect(copies).toEqual([expect.stringMatching(/-\d{8}T\d{6}Z$/)]);
  const path = join(folder, copies[0] as string);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const copy = new DatabaseSync(path, { readOnly: true });
  expect(copy.prepare("PRAGMA user_version").get()).toEqual({ user_version: EARLIEST });
  expect(copy.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  expect(copy.prepare("SELECT url FROM endpoints").all()).toEqual([{ url: written.url }]);
  expect(copy.prepare("SELECT count(*) AS count FROM events").get()).not.toEqual({ count: 0 });
  copy.close();
});

/** Where columns of the earliest schema are now. */
const FROM: Readonly<Record<string, string>> = {
  deliveries: "(SELECT d.*, q.due_at, q.lease_node FROM (SELECT * FROM deliveries) d JOIN pending q ON q.n = d.n) deliveries",
};

test("a PostgreSQL database of the earliest schema is upgraded: all is read, and deliveries go on", async () => {
  const received = await startWebhookReceiver();
  cleanUp.push(() => received.close());
  const [newest, earliest] = [await createTestDatabase(), await createTestDatabase()];
  const [from, to] = [newest, earliest].map(({ url }) => new pg.Pool({ connectionString: url, max: 1 })) as [pg.Pool, pg.Pool];
  cleanUp.push(async () => {
    await Promise.all([from.end(), to.end()]);
    await Promise.all([newest.drop(), earliest.drop()]);
  });
  const secretKeys = { file: join(folder, "secrets.key") };
  createKeyFile(secretKeys.file);
  const written = await write({ store: { url: newest.url }, secretKeys }, received.url("/hook"));
  await migratePostgres(to, 1, POSTGRES_STEPS.slice(0, EARLIEST));
  const { rows: columns } = await to.query<{ table_name: string; names: string }>(
    `SELECT table_name, string_agg(quote_ident(column_name), ', ') AS names FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name NOT IN ('migrations', 'idempotent_answers', 'nodes', 'attempts') GROUP BY 1`,
  );
  for (const { table_name: table, names } of columns) {
    const { rows } = await from.query(`SELECT row_to_json(t)::text AS row FROM (SELECT ${names} FROM ${FROM[table] ?? table}) t`);
    const all = `[${rows.map(({ row }) => row).join(",")}]`;
    await to.query(
      `INSERT INTO ${table} (${names}) OVERRIDING SYSTEM VALUE SELECT ${names} FROM json_populate_recordset(NULL::${table}, $1)`,
      [all],
    );
    if (names.split(", ").includes("n") && rows.length > 0)
      await to.query(`SELECT setval(pg_get_serial_sequence('${table}', 'n'), (SELECT max(n) FROM ${table}))`);
  }
  await to.query("UPDATE applications SET redirect_uris = '[]'");
  for (const sql of inClear(written)) await to.query(sql);

  await prove({ store: { url: earliest.url }, secretKeys }, written, received);
  const { rows } = await to.query("SELECT url, secrets::text FROM endpoints");
  expect(JSON.stringify(rows)).not.toContain(written.url);
  expect(JSON.stringify(rows)).not.toContain(written.signingSecret);
});

test("steps that drop or rewrite what an earlier version reads are known as irreversible", () => {
  const dropping = MIGRATIONS.flatMap((step, index) =>
    /\b(?:DROP (?:TABLE|COLUMN)|DELETE FROM|RENAME)\b|sealed secrets/.test(step) ? [index + 1] : [],
  );
  expect(dropping).toEqual(IRREVERSIBLE_STEPS);
});

test("no copy is made before steps that only add, or for a new file", () => {
  const database = new DatabaseSync(":memory:");
  const copies: number[] = [];
  const upTo = (steps: number) => migrate(database, 1, MIGRATIONS.slice(0, steps), () => void copies.push(steps));
  upTo(2);
  upTo(3);
  upTo(6);
  upTo(8);
  upTo(MIGRATIONS.length);
  expect(copies).toEqual([3, 8]);
  database.close();
});

test("an upgrade that cannot be copied changes nothing", () => {
  const database = new DatabaseSync(":memory:");
  migrate(database, 1, MIGRATIONS.slice(0, EARLIEST));
  const full = (): void => {
    throw new Error("the disk is full");
  };
  expect(() => migrate(database, 1, MIGRATIONS, full)).toThrow("the disk is full");
  expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: EARLIEST });
  database.close();
});
