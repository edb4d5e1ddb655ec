import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { get } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CLI, programForTests } from "../../../scripts/program-for-tests.ts";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { startDevProcess } from "./dev-process.ts";
import { startCommand } from "./started-command.ts";

const MAIN = programForTests(CLI);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "carabiner-cli-"));
});
afterEach(() => rm(directory, { recursive: true }));

test("dev says that it is ready, answers, and ends well at the first request to stop", async () => {
  const { first, terminal, ended } = await startCommand("dev", "--port", "0", "--log-level", "silent");
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(first)?.[0] as string;
  expect(first).toContain("sk_test_carabinerForLocalTesting");
  expect(first).toContain("in memory");
  expect((await runCommand(["clock", "show", "--url", url])).code).toBe(EXIT_CODES.ok);
  terminal.askToStop();
  expect(await ended).toBe(EXIT_CODES.ok);
  expect(terminal.told.at(-1)).toContain("Stopping");
  expect(terminal.exits).toEqual([]);
  expect((await runCommand(["clock", "show", "--url", url])).code).toBe(EXIT_CODES.unreachable);
});

test("dev listens on its user's own Unix socket, says how the Stripe CLI finds it, and removes it at the end", async () => {
  for (const data of [[], ["--data", join(directory, "kept")], ["--data", join(directory, "x".repeat(100))]]) {
    const { first, terminal, ended } = await startCommand("dev", "--port", "0", "--log-level", "silent", ...data);
    const [, path = "", key = ""] = /export STRIPE_CLI_UNIX_SOCKET=(\S+) STRIPE_API_KEY=(\S+)/.exec(first) ?? [];
    expect(first).toContain(key);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      get({ socketPath: path, path: "/v1/balance", auth: `${key}:` }, ({ statusCode }) => resolve(statusCode)).on("error", reject);
    });
    expect(answer).toBe(200);
    terminal.askToStop();
    await ended;
    expect(existsSync(path)).toBe(false);
  }
});

test("a second request to stop ends the process at once", async () => {
  const { terminal, ended } = await startCommand("dev", "--port", "0", "--log-level", "silent");
  terminal.askToStop();
  terminal.askToStop();
  expect(terminal.exits).toEqual([EXIT_CODES.error]);
  await ended;
});

test("a port in use is reported plainly, with a suggestion for another", async () => {
  const { first, terminal, ended } = await startCommand("dev", "--port", "0", "--json", "--log-level", "silent");
  const { port } = new URL((JSON.parse(first) as { url: string }).url);
  const { code, out, err } = await runCommand(["dev", "--port", port]);
  expect([code, out]).toEqual([EXIT_CODES.error, ""]);
  expect(err).toContain(`Port ${port} of 127.0.0.1 is in use.`);
  expect(err).toContain(`carabiner dev --port ${Number(port) + 1}`);
  expect(err).not.toContain("    at ");
  terminal.askToStop();
  await ended;
});

test("dev --data keeps everything from one run to the next, in a directory for its owner alone", async () => {
  const data = join(directory, "new");
  const first = await startCommand("dev", "--port", "0", "--json", "--data", data, "--log-level", "silent");
  const before = JSON.parse(first.first) as { url: string; account: string };
  const { out } = await runCommand(["endpoints", "create", "http://127.0.0.1:9/hook", "--json", "--url", before.url]);
  const { id } = JSON.parse(out) as { id: string };
  expect((await stat(data)).mode & 0o077).toBe(0);

  const busy = await runCommand(["secrets", "rotate", "--data", data]);
  expect([busy.code, busy.out]).toEqual([EXIT_CODES.error, ""]);
  expect(busy.err.match(/is in use|that uses it/g)).toEqual(["is in use", "that uses it"]);
  expect(busy.err.split(data)).toHaveLength(2);
  first.terminal.askToStop();
  expect(await first.ended).toBe(EXIT_CODES.ok);

  const second = await startCommand("dev", "--port", "0", "--json", "--data", data, "--log-level", "silent");
  const after = JSON.parse(second.first) as { url: string; account: string };
  expect(after.account).toBe(before.account);
  expect((await runCommand(["endpoints", "get", id, "--url", after.url])).code).toBe(EXIT_CODES.ok);
  second.terminal.askToStop();
  await second.ended;
});

test("platforms create makes keys that serve then takes; those of dev are refused", async () => {
  const made = await runCommand(["platforms", "create", "--name", "Acme", "--country", "de", "--data", directory, "--json"]);
  expect(made.err).toContain("shown this once");
  const { keys, account } = JSON.parse(made.out) as { keys: { test: { secret: string } }; account: string };
  expect(keys.test.secret).toMatch(/^sk_test_\w{24}$/);
  expect(existsSync(join(directory, "carabiner.db"))).toBe(true);
  const second = await runCommand(["platforms", "create", "--name", "Other"], { env: { CARABINER_DATA: directory } });
  expect(second.out).toMatch(/test keys +sk_test_\w{24}\n +pk_test_\w{24}\nlive keys +sk_live_/);

  const { first, terminal, ended } = await startCommand("serve", "--data", directory, "--port", "0", "--json", "--log-level", "silent");
  const { url } = JSON.parse(first) as { url: string };
  const answer = await fetch(`${url}/v1/account`, { headers: { authorization: `Bearer ${keys.test.secret}` } });
  expect(await answer.json()).toMatchObject({ id: account, country: "DE" });
  expect((await runCommand(["events", "list", "--url", url])).err).toContain("CARABINER_API_KEY");
  const clock = await runCommand(["clock", "show", "--url", url], { env: { CARABINER_API_KEY: keys.test.secret } });
  expect(clock.code).toBe(EXIT_CODES.error);
  expect(clock.err).toContain("runs on real time");
  terminal.askToStop();
  expect(await ended).toBe(EXIT_CODES.ok);
});

test.each([
  [["--country", "zz"], '--country: "ZZ" is not a country'],
  [["--name", ""], "--name: A platform needs a name."],
  [["--name", "  "], "--name: A platform needs a name."],
  [["--api-version", "2024-06-21"], '--api-version: "2024-06-21" is not a published API version.'],
])("platforms create %j is wrong usage, and nothing is made", async (args, says) => {
  const data = join(directory, "new");
  const { code, err } = await runCommand(["platforms", "create", "--name", "Acme", ...args, "--data", data]);
  expect([code, err]).toEqual([EXIT_CODES.usage, expect.stringContaining(says)]);
  expect(existsSync(data)).toBe(false);
});

test("a platform has the API version it was made with, until it is given another", async () => {
  const asked = ["platforms", "create", "--name", "Acme", "--api-version", "2024-06-20", "--data", directory, "--json"];
  const { keys } = JSON.parse((await runCommand(asked)).out) as { keys: { test: { secret: string } } };
  const { first, terminal, ended } = await startCommand("serve", "--data", directory, "--port", "0", "--json", "--log-level", "silent");
  const { url } = JSON.parse(first) as { url: string };
  const version = (...args: string[]) =>
    runCommand(["platforms", "api-version", ...args, "--url", url], { env: { CARABINER_API_KEY: keys.test.secret } });
  expect((await version()).out).toBe("2024-06-20");
  expect((await version("2025-08-27.basil")).out).toBe("2025-08-27.basil");
  expect((await version("--json")).out).toContain('"api_version": "2025-08-27.basil"');
  const refused = await version("yesterday");
  expect([refused.code, refused.err]).toEqual([EXIT_CODES.error, expect.stringContaining("api_version")]);
  terminal.askToStop();
  await ended;
});

test("dev gives its platform another API version, and keeps it", async () => {
  const versionIn = async (...args: string[]) => {
    const dev = await startCommand("dev", "--port", "0", "--json", "--data", join(directory, "new"), "--log-level", "silent", ...args);
    const { url } = JSON.parse(dev.first) as { url: string };
    const { out } = await runCommand(["platforms", "api-version", "--url", url]);
    dev.terminal.askToStop();
    await dev.ended;
    return out;
  };
  expect(await versionIn("--api-version", "2024-06-20")).toBe("2024-06-20");
  expect(await versionIn()).toBe("2024-06-20");
  expect(await versionIn("--api-version", "2025-08-27.basil")).toBe("2025-08-27.basil");
});

test("serve does not open what dev has made, and dev does not open what serve has made", async () => {
  const served = join(directory, "served");
  expect((await runCommand(["platforms", "create", "--name", "Acme", "--data", served])).code).toBe(EXIT_CODES.ok);
  const opened = await runCommand(["dev", "--data", served, "--port", "0"]);
  expect([opened.code, opened.err]).toEqual([EXIT_CODES.error, expect.stringContaining("keys to it that everybody knows")]);

  const developed = join(directory, "developed");
  const { terminal, ended } = await startCommand("dev", "--data", developed, "--port", "0", "--json", "--log-level", "silent");
  terminal.askToStop();
  await ended;
  for (const args of [
    ["serve", "--port", "0"],
    ["platforms", "create", "--name", "Acme"],
  ]) {
    const refused = await runCommand([...args, "--data", developed]);
    expect([refused.code, refused.err]).toEqual([EXIT_CODES.error, expect.stringContaining("everybody knows its keys")]);
  }
});

test("as processes: of two on one file the second refuses to start and says why and what to do; the first continues", async () => {
  await runCommand(["platforms", "create", "--name", "Acme", "--data", directory]);
  const serve = [MAIN, "serve", "--data", directory, "--port", "0", "--json", "--log-level", "silent"];
  const first = spawn(process.execPath, serve, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [said] = (await once(first.stdout, "data")) as [Buffer];
    const second = promisify(execFile)(process.execPath, serve);
    await expect(second).rejects.toMatchObject({
      code: EXIT_CODES.error,
      stdout: "",
      stderr: expect.stringContaining("in use by another process"),
    });
    await expect(second).rejects.toMatchObject({ stderr: expect.stringContaining("Stop the server that uses it") });
    // The platform is still created: by the first server, which has the file.
    const making = runCommand(["platforms", "create", "--name", "Other", "--data", directory]);
    expect(await making).toMatchObject({ code: EXIT_CODES.ok, out: expect.stringContaining("sk_live_") });
    expect((await fetch(`${(JSON.parse(said.toString()) as { url: string }).url}/health`)).status).toBe(200);
  } finally {
    const exit = once(first, "exit");
    first.kill("SIGTERM");
    expect(await exit).toEqual([EXIT_CODES.ok, null]);
  }
});

test("the operator's commands also reach a dev server with data; their refusals name their own options", async () => {
  const { first, terminal, ended } = await startCommand("dev", "--data", directory, "--port", "0", "--json", "--log-level", "silent");
  const { account } = JSON.parse(first) as { account: string };
  const update = (...more: string[]) => runCommand(["platforms", "update", account, ...more, "--data", directory]);
  expect(await update("--name", "Acme", "--keep-events", "7d")).toMatchObject({
    code: EXIT_CODES.ok,
    out: expect.stringMatching(/name +Acme[\s\S]*events kept +7d \(set for this platform\)/),
  });
  const wrong = await update("--keep-events", "0");
  expect([wrong.code, wrong.err]).toEqual([
    EXIT_CODES.error,
    expect.stringMatching(/^error: --keep-events: must be between 1h and 30d\n {2}400 invalid_request_error$/),
  ]);
  expect(JSON.parse((await update("--keep-events", "0", "--json")).err)).toMatchObject({
    error: { message: "--keep-events: must be between 1h and 30d", param: "events_kept_seconds" },
  });
  expect((await runCommand(["audit", "list", "--data", directory])).out).toContain("platform.updated");
  terminal.askToStop();
  expect(await ended).toBe(EXIT_CODES.ok);
});

test("serve limits requests by key and by address, which a trusted proxy reports", async () => {
  const { out } = await runCommand(["platforms", "create", "--name", "Acme", "--data", directory, "--json"]);
  const { keys } = JSON.parse(out) as { keys: { test: { secret: string }; live: { secret: string } } };
  const limits = ["--trusted-proxies", "127.0.0.1", "--rate-per-key", "0.001:2", "--rate-per-address", "0.001:3"];
  const { first, terminal, ended } = await startCommand(
    "serve",
    ...["--data", directory, "--port", "0", "--json", "--log-level", "silent"],
    ...limits,
  );
  const { url } = JSON.parse(first) as { url: string };
  const statuses: number[] = [];
  for (const [key, address] of [
    [keys.test.secret, "203.0.113.1"],
    [keys.test.secret, "203.0.113.2"],
    [keys.test.secret, "203.0.113.3"],
    [keys.live.secret, "203.0.113.4"],
    [keys.live.secret, "203.0.113.4"],
    ["sk_test_guess", "203.0.113.4"],
    ["sk_test_guess", "203.0.113.4"],
  ] as const) {
    const headers = { authorization: `Bearer ${key}`, "x-forwarded-for": address };
    statuses.push((await fetch(`${url}/v1/accounts`, { headers })).status);
  }
  expect(statuses).toEqual([200, 200, 429, 200, 200, 401, 429]);
  terminal.askToStop();
  expect(await ended).toBe(EXIT_CODES.ok);
  const wrong = await runCommand(["serve", "--data", directory, "--trusted-proxies", "proxy"]);
  expect([wrong.code, wrong.err]).toEqual([EXIT_CODES.usage, expect.stringContaining("--trusted-proxies")]);
});

test("as a process: one JSON line with its pid, an open connection does not keep it, and a signal ends it with 0", async () => {
  const server = await startDevProcess();
  const idle = connect(server.port, "127.0.0.1");
  await once(idle, "connect");
  const closed = once(idle, "close");
  expect(await server.end("SIGINT")).toEqual({ code: 0, signal: null });
  await closed;
});

test("as a process: --person-events all includes people that the Persons API has not written", async () => {
  const server = await startDevProcess({ args: ["--person-events", "all"] });
  const headers = { authorization: `Bearer ${server.keys.test.secret}` };
  const body = new URLSearchParams({ type: "custom", business_type: "individual", "individual[first_name]": "Jenny" });
  const made = (await (await fetch(`${server.url}/v1/accounts`, { method: "POST", headers, body })).json()) as { id: string };
  const asked = await fetch(`${server.url}/v1/events?type=person.*`, { headers: { ...headers, "stripe-account": made.id } });
  expect(((await asked.json()) as { data: { type: string }[] }).data.map(({ type }) => type)).toEqual(["person.created"]);
  expect(await server.end("SIGTERM")).toEqual({ code: 0, signal: null });
});

test("as a process: exit codes, and data alone on stdout", async () => {
  const server = await startDevProcess();
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [MAIN, ...args], { env: { ...process.env, CARABINER_URL: server.url } }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  const [listed, missing, wrong] = await Promise.all([
    run("events", "list", "--json"),
    run("events", "get", "evt_missing"),
    run("events", "lits"),
  ]);
  expect(JSON.parse(listed.stdout)).toMatchObject({ object: "list", data: [] });
  expect([listed.code, listed.stderr]).toEqual([EXIT_CODES.ok, ""]);
  expect([missing.code, missing.stdout]).toEqual([EXIT_CODES.notFound, ""]);
  expect([wrong.code, wrong.stdout]).toEqual([EXIT_CODES.usage, ""]);
  await server.end("SIGTERM");
});
