import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CLI, programForTests } from "../../../scripts/program-for-tests.ts";
import { createTestDatabase } from "../../../scripts/test-database.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { databaseOption } from "./database-option.ts";
import { startCommand } from "./started-command.ts";

interface Made {
  account: string;
  keys: Record<"test" | "live", { secret: string }>;
}

const MAIN = programForTests(CLI);
const CANARY = "canary-of-the-erased";
const IP_ADDRESS = "203.0.113.251";

let directory: string;
const cleanUp: (() => unknown)[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "carabiner-erase-"));
  cleanUp.push(() => rmSync(directory, { recursive: true }));
});
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

async function json<Answer>(...args: string[]): Promise<Answer> {
  const done = await runCommand([...args, "--json"]);
  expect([done.code, done.err]).toEqual([EXIT_CODES.ok, done.err]);
  return JSON.parse(done.out) as Answer;
}

async function serve(...kept: string[]) {
  const { first, terminal, ended } = await startCommand(
    "serve",
    ...kept,
    "--port",
    "0",
    "--json",
    "--log-level",
    "silent",
    "--allow-network",
    "127.0.0.0/8",
  );
  let stopped: Promise<void> | null = null;
  const stop = () =>
    (stopped ??= (async () => {
      terminal.askToStop();
      expect(await ended).toBe(EXIT_CODES.ok);
    })());
  cleanUp.push(stop);
  return { url: (JSON.parse(first) as { url: string }).url, stop };
}

async function call<Answer = { id: string }>(
  url: string,
  key: string,
  method: string,
  path: string,
  params: Record<string, string> = {},
  more: Record<string, string> = {},
) {
  const body = method === "GET" ? undefined : new URLSearchParams(params);
  const answer = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, ...more },
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, body: (await answer.json()) as Answer };
}

/** An account with a person and a bank account, all of whose text is a canary; then it is deleted. */
async function deletedAccount(url: string, key: string, before: (id: string) => Promise<void> = async () => undefined): Promise<string> {
  const token = async (given: Record<string, string>) => (await call(url, key, "POST", "/v1/tokens", given)).body.id;
  const made = {
    type: "custom",
    country: "US",
    email: `${CANARY}@example.com`,
    account_token: await token({
      "account[business_type]": "individual",
      "account[individual][first_name]": `${CANARY} first`,
      "account[tos_shown_and_accepted]": "true",
    }),
    external_account: await token({
      "bank_account[country]": "US",
      "bank_account[currency]": "usd",
      "bank_account[account_holder_name]": `${CANARY} holder`,
      "bank_account[account_number]": "000123456789",
      "bank_account[routing_number]": "110000000",
    }),
    "business_profile[name]": `${CANARY} name`,
    "metadata[note]": `${CANARY} note`,
    "capabilities[transfers][requested]": "true",
  };
  const account = await call(url, key, "POST", "/v1/accounts", made, { "idempotency-key": "made" });
  const { id } = account.body;
  expect(account).toMatchObject({ status: 200 });
  const later = { email: `${CANARY}-later@example.com` };
  expect(await call(url, key, "POST", `/v1/accounts/${id}`, later, { "idempotency-key": "later" })).toMatchObject({ status: 200 });
  await before(id);
  expect((await call(url, key, "DELETE", `/v1/accounts/${id}`)).status).toBe(200);
  return id;
}

/** An account that is a customer of its platform, with an address that no event has; then it is closed. */
async function closedCustomer(url: string, key: string): Promise<string> {
  const v2 = async (path: string, params: object) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", "stripe-version": Stripe.API_VERSION };
    const answer = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(params) });
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { id: string }).id;
  };
  const customer = { automatic_indirect_tax: { ip_address: IP_ADDRESS } };
  const id = await v2("/v2/core/accounts", { configuration: { customer } });
  return v2(`/v2/core/accounts/${id}/close`, { applied_configurations: ["customer"] });
}

/** The files of a directory that contain a text. */
const found = (data: string, canary = CANARY) =>
  readdirSync(data).filter((name) => name !== "control.sock" && readFileSync(join(data, name)).includes(canary));

describe("accounts erase", () => {
  test("leaves nothing of a deleted account in tables, log or free pages, while the server runs; and reports what it left", async () => {
    const data = join(directory, "data");
    const { keys } = await json<Made>("platforms", "create", "--name", "Acme", "--data", data);
    // The server writes its requests when it stops: what was answered before the erasure, and after it.
    const { url, stop } = await serve("--data", data, "--limit", "requestsWithinMs=600000");
    const key = keys.test.secret;
    await call(url, key, "POST", "/v1/webhook_endpoints", { url: "https://127.0.0.1:1/hook", "enabled_events[]": "*", connect: "true" });
    const id = await deletedAccount(url, key, async (account) => {
      expect((await call(url, key, "POST", "/v1/payouts", { currency: "usd" }, { "stripe-account": account })).status).toBe(400);
    });
    const other = (await call(url, key, "POST", "/v1/accounts", { type: "express", country: "US" }, { "idempotency-key": "other" })).body
      .id;
    expect(found(data).length).toBeGreaterThan(0);

    const asked = await runCommand(["accounts", "erase", id, "--data", data]);
    expect([asked.code, asked.err]).toEqual([EXIT_CODES.usage, expect.stringContaining("Nothing was deleted")]);
    const early = await runCommand(["accounts", "erase", other, "--data", data]);
    expect([early.code, early.err]).toEqual([EXIT_CODES.error, expect.stringContaining("has not been deleted")]);
    expect(asked.err).toMatch(/events, with their deliveries: (?:at least )?\d+/);
    const active = await runCommand(["accounts", "erase", other, "--yes", "--data", data]);
    expect([active.code, active.err]).toEqual([EXIT_CODES.error, expect.stringContaining("has not been deleted")]);
    const erased = await json<{ purged: boolean; kept: object[]; may_still_have: object[] }>(
      "accounts",
      "erase",
      id,
      "--yes",
      "--data",
      data,
    );
    const what = (name: string) => expect.objectContaining({ what: name, why: expect.any(String) });
    expect(erased).toMatchObject({
      purged: true,
      kept: expect.arrayContaining([what("audit log"), what("requests of others")]),
      may_still_have: expect.arrayContaining([what("backups from before")]),
    });
    expect(erased.kept).toContainEqual(expect.objectContaining({ what: expect.stringContaining("answers kept for idempotency keys") }));
    expect(found(data)).toEqual([]);
    // The server continues, and the data of others is complete.
    expect((await call(url, key, "GET", `/v1/accounts/${other}`)).status).toBe(200);
    expect((await call(url, key, "POST", "/v1/accounts", { type: "express", country: "US" })).status).toBe(200);
    const log = await json<{ data: { act: string; account: string }[] }>("audit", "list", "--account", id, "--data", data);
    expect(log.data.map(({ act }) => act)).toEqual(["account.erased"]);
    const again = await runCommand(["accounts", "erase", id, "--yes", "--data", data]);
    expect(again.code).toBe(EXIT_CODES.notFound);
    const customer = await closedCustomer(url, key);
    expect(found(data, IP_ADDRESS).length).toBeGreaterThan(0);
    await json("accounts", "erase", customer, "--yes", "--data", data);
    expect(found(data, IP_ADDRESS)).toEqual([]);
    await stop();
    expect(found(data)).toEqual([]);
    const file = new DatabaseSync(join(data, "carabiner.db"), { readOnly: true });
    const left = file.prepare("SELECT key FROM idempotent_answers WHERE key IN ('made', 'later', 'other')").all();
    expect(left).toEqual([{ key: "other" }]);
    expect(file.prepare("SELECT id FROM objects WHERE object = 'token'").all()).toEqual([]);
    expect(file.prepare("SELECT path FROM requests WHERE account_id = ?").all(id)).toEqual([]);
    expect(file.prepare("SELECT method FROM requests WHERE full_path = ? AND method = 'DELETE'").all(`/v1/accounts/${id}`)).toHaveLength(1);
    file.close();
  });
});

describe("an erasure whose server is killed in the middle", () => {
  test.each([
    ["accounts erase", (account: string) => ["accounts", "erase", account, "--yes"]],
    ["platforms delete --purge", (_: string, platform: string) => ["platforms", "delete", platform, "--yes", "--purge"]],
  ])("%s: goes on at the next start, and leaves nothing either", async (_, command) => {
    const data = join(directory, "data");
    const platform = await json<Made>("platforms", "create", "--name", "Acme", "--data", data);
    const args = ["serve", "--data", data, "--port", "0", "--json", "--log-level", "silent", "--limit", "erasedRowsAtOnce=1"];
    const server = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    const exit = once(server, "exit");
    cleanUp.push(() => server.kill("SIGKILL"));
    const [said] = (await once(server.stdout, "data")) as [Buffer];
    const { url } = JSON.parse(said.toString()) as { url: string };
    const key = platform.keys.test.secret;
    const id = await deletedAccount(url, key, async (account) => {
      const object = { id: "cus_1", object: "customer", name: CANARY };
      const events = Array.from({ length: 400 }, () => ({ type: "customer.created", data: { object } }));
      const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", "stripe-account": account };
      const published = await fetch(`${url}/v1/events`, { method: "POST", headers, body: JSON.stringify({ events }) });
      expect(published.status).toBe(200);
    });
    const file = () => new DatabaseSync(join(data, "carabiner.db"), { readOnly: true });

    const erasing = runCommand([...command(id, platform.account), "--data", data]);
    const begun = async () =>
      (await json<{ data: { act: string }[] }>("audit", "list", "--data", data)).data.some(({ act }) => /erased|deleted/.test(act));
    while (!(await begun()));
    server.kill("SIGKILL");
    expect(await exit).toEqual([null, "SIGKILL"]);
    expect((await erasing).code).toBe(EXIT_CODES.unreachable);
    const killed = file();
    expect(killed.prepare("SELECT count(*) AS n FROM tasks WHERE kind = 'erase'").get()).toEqual({ n: 1 });
    killed.close();
    expect(found(data).length).toBeGreaterThan(0);

    const next = await serve("--data", data);
    await vi.waitFor(() => expect(found(data)).toEqual([]), { timeout: 20_000, interval: 100 });
    expect((await call(next.url, key, "GET", `/v1/accounts/${id}`)).status).toBe(command(id, "").includes("accounts") ? 403 : 401);
    await next.stop();
    const done = file();
    expect(done.prepare("SELECT count(*) AS n FROM tasks WHERE kind = 'erase'").get()).toEqual({ n: 0 });
    done.close();
  });
});

/** The story of a platform that is deleted. */
async function platformStory(kept: readonly string[], running: boolean) {
  const stays = await json<Made>("platforms", "create", "--name", "Stays", ...kept);
  const goes = await json<Made>("platforms", "create", "--name", "Goes", ...kept);
  const { url, stop } = await serve(...kept);
  const key = goes.keys.test.secret;
  await call(url, key, "POST", "/v1/webhook_endpoints", { url: "https://127.0.0.1:1/hook", "enabled_events[]": "*", connect: "true" });
  const accounts: string[] = [];
  for (const _ of [1, 2, 3]) accounts.push((await call(url, key, "POST", "/v1/accounts", { type: "express", country: "US" })).body.id);
  const kept2 = (await call(url, stays.keys.test.secret, "POST", "/v1/accounts", { type: "express", country: "US" })).body.id;
  if (!running) await stop();

  const asked = await runCommand(["platforms", "delete", goes.account, ...kept]);
  expect([asked.code, asked.err]).toEqual([EXIT_CODES.usage, expect.stringContaining("accounts that go with it: 3")]);
  const deleted = await json<{ accounts_erased: number; keys: number }>("platforms", "delete", goes.account, "--yes", ...kept);
  expect(deleted).toMatchObject({ id: goes.account, deleted: true, accounts_erased: 3, accounts_disconnected: 0, keys: 4 });
  const listed = await json<{ data: { id: string }[] }>("platforms", "list", ...kept);
  expect(listed.data.map(({ id }) => id)).toEqual([stays.account]);
  const again = await runCommand(["platforms", "delete", goes.account, "--yes", ...kept]);
  expect(again.code).toBe(EXIT_CODES.notFound);
  const after = running ? url : (await serve(...kept)).url;
  expect((await call(after, key, "GET", "/v1/balance")).status).toBe(401);
  expect((await call(after, stays.keys.test.secret, "GET", `/v1/accounts/${kept2}`)).status).toBe(200);
  const log = await json<{ data: { act: string }[] }>("audit", "list", "--account", goes.account, ...kept);
  expect(log.data.map(({ act }) => act)).toEqual(["platform.deleted", "platform.created"]);
  return stays.account;
}

describe("platforms delete", () => {
  test.each([true, false])("says what goes, and then it is gone with the accounts that only it controls; running: %s", async (running) => {
    await platformStory(["--data", join(directory, "data")], running);
  });

  test("the same on PostgreSQL, next to a running node", async () => {
    const database = await createTestDatabase();
    cleanUp.push(() => database.drop());
    const keyFile = join(directory, "secrets.key");
    await runCommand(["secrets", "create-key", keyFile]);
    const kept = [...databaseOption(database.url), "--key-file", keyFile];
    const left = await platformStory(kept, true);
    const { code, out } = await runCommand(["platforms", "delete", left, "--yes", "--purge", ...kept]);
    expect(code).toBe(EXIT_CODES.ok);
    expect(out).toContain("vacuumed");
    expect(out).toContain("PostgreSQL's log");
    expect(out).not.toContain("rewritten");
  });
});
