import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestCertificate } from "../../../scripts/test-certificate.ts";
import { createTestDatabase } from "../../../scripts/test-database.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { databaseOption } from "./database-option.ts";
import { startCommand } from "./started-command.ts";

interface OperatorAnswer {
  id: string;
  hint: string;
  key: string;
  last_used: number | null;
  name: string;
  read_only: boolean;
  status: string;
}

interface AuditAnswer {
  data: { act: string; by: string; from: string | null; subject: string; detail: Record<string, unknown> }[];
}

let directory: string;
let url: string;
let platform: string;
let kept: readonly string[];
let stop: () => Promise<void>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "carabiner-operators-"));
  kept = ["--data", join(directory, "data")];
  platform = (await json<{ account: string }>(["platforms", "create", "--name", "Acme", ...kept])).account;
  const { first, terminal, ended } = await startCommand("serve", ...kept, "--port", "0", "--json", "--log-level", "silent");
  ({ url } = JSON.parse(first) as { url: string });
  stop = async () => {
    terminal.askToStop();
    expect(await ended).toBe(EXIT_CODES.ok);
  };
});
afterAll(async () => {
  await stop();
  rmSync(directory, { recursive: true });
});

async function json<Answer>(args: readonly string[], env: Record<string, string> = {}): Promise<Answer> {
  const done = await runCommand([...args, "--json"], { env });
  expect([done.code, done.err]).toEqual([EXIT_CODES.ok, done.err]);
  return JSON.parse(done.out) as Answer;
}

const add = (name: string, ...more: string[]) => json<OperatorAnswer>(["operators", "add", name, ...more, ...kept]);
const byUrl = (key: string) => ({ CARABINER_OPERATOR_KEY: key, CARABINER_URL: url });

async function ask(key: string | null, method: "GET" | "POST", path: string, headers: Record<string, string> = {}) {
  const authorization: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
  const answer = await fetch(url + path, { method, headers: { ...authorization, ...headers } });
  const { error } = (await answer.json()) as { error?: { message: string } };
  return { status: answer.status, says: error?.message ?? null };
}

test("an operator's key reaches platforms, keys and the audit log, which names it and the address it came from", async () => {
  const alice = await add("alice");
  expect(alice).toMatchObject({ name: "alice", read_only: false, status: "active", hint: `op_****${alice.key.slice(-4)}` });
  expect(alice.key).toMatch(/^op_\w{32}$/);
  const second = await json<{ account: string }>(["platforms", "create", "--name", "Second", "--url", url], byUrl(alice.key));
  const listed = await json<{ data: { id: string }[] }>(["platforms", "list"], byUrl(alice.key));
  expect(listed.data.map(({ id }) => id)).toEqual([second.account, platform]);
  const made = await json<{ id: string; secret: string }>(["keys", "create", "--platform", second.account], byUrl(alice.key));
  const log = await json<AuditAnswer>(["audit", "list"], byUrl(alice.key));
  expect(log.data.map(({ act, by, from, subject }) => [act, by, from, subject])).toEqual([
    ["key.created", alice.hint, "127.0.0.1", made.id],
    ["platform.created", alice.hint, "127.0.0.1", second.account],
    ["operator.added", "operator, control socket", null, alice.id],
    ["platform.created", "operator, command", null, platform],
  ]);
  expect(JSON.stringify(log)).not.toContain(alice.key.slice(-10));
  const operators = await json<{ data: OperatorAnswer[] }>(["operators", "list"], byUrl(alice.key));
  expect(operators.data.find(({ id }) => id === alice.id)?.last_used).toEqual(expect.any(Number));
  expect(JSON.stringify(operators)).not.toContain(alice.key.slice(-10));
  const database =
    readFileSync(join(directory, "data", "carabiner.db")).toString("latin1") +
    readFileSync(join(directory, "data", "carabiner.db-wal")).toString("latin1");
  expect(database).not.toContain(alice.key);
});

test("a read-only one changes nothing, and nobody's makes or revokes operators or writes to the server's disk", async () => {
  const bob = await add("bob", "--read-only");
  const refused = await runCommand(["platforms", "create", "--name", "X", "--url", url], { env: byUrl(bob.key) });
  expect([refused.code, refused.err]).toEqual([EXIT_CODES.error, expect.stringContaining(`'${bob.hint}' is read-only`)]);
  expect(await ask(bob.key, "GET", "/operator/platforms")).toMatchObject({ status: 200 });
  const carol = await add("carol");
  for (const path of ["/operator/operators", `/operator/operators/${bob.id}/revoke`, "/operator/backups"])
    expect(await ask(carol.key, "POST", path)).toEqual({ status: 403, says: expect.stringContaining("not available over HTTP") });
});

test("a key that is revoked, has expired, or is not a key is refused at the next request", async () => {
  const dave = await add("dave", "--expires-in", "90d");
  expect(dave.status).toBe("expiring");
  expect((await ask(dave.key, "GET", "/operator/audit")).status).toBe(200);
  expect(await json<OperatorAnswer>(["operators", "revoke", dave.id, ...kept])).toMatchObject({ status: "expired" });
  expect(await ask(dave.key, "GET", "/operator/audit")).toEqual({ status: 401, says: `Expired operator key provided: ${dave.hint}` });
  expect(await ask(null, "GET", "/operator/audit")).toMatchObject({
    status: 401,
    says: expect.stringContaining("did not provide an operator key"),
  });
  // A platform's key is not an operator's key, and an operator's key is not a platform's.
  const { secret } = await json<{ secret: string }>(["keys", "create", "--platform", platform, "--live", ...kept]);
  expect(await ask(secret, "GET", "/operator/audit")).toEqual({
    status: 401,
    says: expect.stringContaining("Invalid operator key provided: sk_live_"),
  });
  const eve = await add("eve");
  for (const path of ["/v1/balance", "/console/keys"])
    expect(await ask(eve.key, "GET", path)).toEqual({ status: 401, says: `Invalid API Key provided: ${eve.hint}` });
});

test("a key that a proxy took unencrypted is refused, before it is looked at", async () => {
  const { key } = await add("frank");
  expect(await ask(key, "GET", "/operator/audit", { "x-forwarded-proto": "https" })).toMatchObject({ status: 200 });
  for (const given of [key, "op_none"])
    expect(await ask(given, "GET", "/operator/audit", { "x-forwarded-proto": "http" })).toEqual({
      status: 403,
      says: expect.stringContaining("sent unencrypted"),
    });
  // A proxy on this machine that does not say how the request reached it.
  for (const name of ["x-forwarded-for", "forwarded", "via", "x-real-ip"])
    expect(await ask(key, "GET", "/operator/audit", { [name]: "192.0.2.7" }), name).toMatchObject({ status: 403 });
});

test("a key that would expire after more than a hundred years is refused, and the others can be listed", async () => {
  for (const args of [
    ["operators", "add", "gail"],
    ["keys", "create", "--platform", platform],
  ])
    expect(await runCommand([...args, "--expires-in", "14000000w", ...kept]), args[0]).toMatchObject({
      code: EXIT_CODES.error,
      err: expect.stringContaining("--expires-in: This value must be less than or equal to 36525d"),
    });
  expect((await json<{ data: unknown[] }>(["keys", "list", "--platform", platform, ...kept])).data).toHaveLength(5);
  expect((await json<{ data: OperatorAnswer[] }>(["operators", "list", ...kept])).data.map(({ name }) => name)).not.toContain("gail");
});

test("the audit log is filtered by time and account", async () => {
  const all = await json<AuditAnswer>(["audit", "list", ...kept]);
  const since = await json<AuditAnswer>(["audit", "list", "--since", "1h", ...kept]);
  expect(since.data).toEqual(all.data);
  expect((await json<AuditAnswer>(["audit", "list", "--until", "2020-01-01", ...kept])).data).toEqual([]);
  const own = await json<AuditAnswer>(["audit", "list", "--account", platform, ...kept]);
  expect(own.data.map(({ act }) => act)).toEqual(["key.created", "platform.created"]);
  const none = await runCommand(["audit", "list", "--until", "2020-01-01", "--account", platform, ...kept]);
  expect([none.code, none.out, none.err]).toEqual([EXIT_CODES.ok, "", `No acts with --until 2020-01-01 --account ${platform}.`]);
  for (const command of ["list", "export"]) {
    const never = await runCommand(["audit", command, "--since", "1h", "--until", "2h", ...kept]);
    expect([never.code, never.out, never.err]).toEqual([
      EXIT_CODES.usage,
      "",
      "error: --since is later than --until: nothing can be in between.",
    ]);
  }
  const exported = await runCommand(["audit", "export", ...kept]);
  expect(exported.out.split("\n").map((line) => JSON.parse(line) as unknown)).toEqual(all.data);
});

test("a mistyped value is reported in the command's terms", async () => {
  const empty = await runCommand(["operators", "add", " ", ...kept]);
  expect([empty.code, empty.err]).toEqual([EXIT_CODES.usage, expect.stringContaining("argument <name>: ' ' is invalid. Say who it is.")]);
  const mistyped = await runCommand(["platforms", "create", "--nam", "x", ...kept]);
  expect([mistyped.code, mistyped.err]).toEqual([
    EXIT_CODES.usage,
    expect.stringContaining("unknown option '--nam'\n(Did you mean --name?)"),
  ]);
  const missing = await runCommand(["platforms", "create", ...kept]);
  expect(missing.err).toContain("required option '--name <name>' not specified");
  expect((await runCommand(["platforms", "create", "--help"])).code).toBe(EXIT_CODES.ok);
});

test("a list of an operator that is empty says so", async () => {
  const fresh = ["--data", join(directory, "fresh")];
  await runCommand(["platforms", "create", "--name", "Acme", ...fresh]);
  expect(await runCommand(["operators", "list", ...fresh])).toMatchObject({ code: EXIT_CODES.ok, out: "", err: "No operators." });
});

test.each([
  [["platforms", "list", "--url", "http://127.0.0.1:1"], {}, EXIT_CODES.usage, "set CARABINER_OPERATOR_KEY"],
  [["platforms", "list", "--url", "http://127.0.0.1:1", "--data", "x"], {}, EXIT_CODES.usage, "--url excludes"],
  [["platforms", "list"], { CARABINER_OPERATOR_KEY: "op_x", CARABINER_DATA: "x" }, EXIT_CODES.usage, "are both set"],
  [
    ["platforms", "list", "--url", "http://127.0.0.1:1"],
    { CARABINER_OPERATOR_KEY: "op_x" },
    EXIT_CODES.unreachable,
    "No server answers at http://127.0.0.1:1",
  ],
])("%j with %j is refused", async (args, env, code, says) => {
  const refused = await runCommand(args, { env });
  expect([refused.code, refused.out, refused.err]).toEqual([code, "", expect.stringContaining(says)]);
});

test("a server whose certificate is not accepted is distinguished from a missing server", async () => {
  const { key, cert } = createTestCertificate({ hosts: ["127.0.0.1"] });
  const server = createServer({ key, cert }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const operator = await runCommand(["platforms", "list", "--url", url], { env: { CARABINER_OPERATOR_KEY: "op_x" } });
    const platform = await runCommand(["events", "list", "--url", url], { env: { CARABINER_API_KEY: "sk_test_x" } });
    expect(operator.err).toContain("Cannot trust the server at");
    for (const { code, err } of [operator, platform]) {
      expect(code).toBe(EXIT_CODES.unreachable);
      expect(err).toContain("NODE_EXTRA_CA_CERTS");
    }
  } finally {
    server.close();
  }
});

test("on PostgreSQL operators are added and revoked while servers run", async () => {
  const database = await createTestDatabase();
  const keyFile = join(directory, "secrets.key");
  await runCommand(["secrets", "create-key", keyFile]);
  const there = [...databaseOption(database.url), "--key-file", keyFile];
  try {
    await json(["platforms", "create", "--name", "Acme", ...there]);
    const added = await json<OperatorAnswer>(["operators", "add", "grace", "--read-only", ...there]);
    const listed = await json<{ data: OperatorAnswer[] }>(["operators", "list", ...there]);
    expect(listed.data).toMatchObject([{ id: added.id, name: "grace", read_only: true, status: "active" }]);
    await json(["operators", "revoke", added.id, ...there]);
    const log = await json<AuditAnswer>(["audit", "list", ...there]);
    expect(log.data.map(({ act, by }) => [act, by])).toEqual([
      ["operator.revoked", "operator, command"],
      ["operator.added", "operator, command"],
      ["platform.created", "operator, command"],
    ]);
  } finally {
    await database.drop();
  }
});
