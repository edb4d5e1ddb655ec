import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import { runCommand } from "./captured-terminal.ts";
import { startReceiver } from "./receiver.ts";
import { startCommand } from "./started-command.ts";

/** Fields that these objects have had in every version, by their last names: without them there is nothing to show. */
const ALWAYS: ReadonlySet<string> = new Set([
  ...["object", "id", "data", "has_more", "now", "status", "type", "enabled_events", "pending_webhooks", "attempt_count", "attempts"],
  ...["number", "duration_ms", "method", "path", "rate", "filter", "progress", "looked_at", "resent", "skipped", "endpoints"],
]);

/** What no command may show: a value that was not there. */
const ABSENT = /undefined|NaN|\[object|Invalid/;

/** Fields are left out of answers so deep. */
const DEPTHS = 4;

let folder: string;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let between: Server;
let env: Record<string, string>;
let stop: () => Promise<void>;
/** What the server answered, by method and path. */
const answers = new Map<string, { status: number; body: string }>();
/** How deep the fields are that the answers to come do not have. */
let without: number | null = null;
const commands: string[][] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-older-server-"));
  const kept = ["--data", join(folder, "data")];
  receiver = await startReceiver((path) => (path === "/good" ? 200 : 500));
  const { first, terminal, ended } = await startCommand("dev", ...kept, "--port", "0", "--json", "--log-level", "silent");
  const { url, keys, account } = JSON.parse(first) as { url: string; account: string; keys: { test: { secret: string } } };
  between = createServer((request, response) => {
    void relayed(url, request).then(({ status, body }) => response.writeHead(status, { "content-type": "application/json" }).end(body));
  }).listen(0, "127.0.0.1");
  // A connection that ends while a request is on its way would be an answer that nobody gave.
  between.keepAliveTimeout = 0;
  await new Promise((resolve) => between.once("listening", resolve));
  env = { CARABINER_URL: `http://127.0.0.1:${(between.address() as AddressInfo).port}`, CARABINER_API_KEY: keys.test.secret };
  stop = async () => {
    between.closeAllConnections();
    between.close();
    await receiver.close();
    terminal.askToStop();
    expect(await ended).toBe(EXIT_CODES.ok);
  };

  const run = async (...args: string[]) => {
    const done = await runCommand([...args, "--json"], { env });
    expect([done.code, done.err], args.join(" ")).toEqual([EXIT_CODES.ok, done.err]);
    return JSON.parse(done.out) as { id: string; key: string; data: { id: string }[] };
  };
  const operator = await run("operators", "add", "alice", ...kept);
  env.CARABINER_OPERATOR_KEY = operator.key;
  const endpoint = await run("endpoints", "create", receiver.url("/bad"), "--connect", "--events", "*");
  const api = async (method: string, path: string, form: Record<string, string> = {}) => {
    const headers = { authorization: `Bearer ${keys.test.secret}` };
    const answer = await fetch(url + path, { method, headers, ...(method === "POST" ? { body: new URLSearchParams(form) } : {}) });
    return (await answer.json()) as { id: string };
  };
  await api("POST", "/v1/accounts", { type: "custom", country: "US" });
  const { id: gone } = await api("POST", "/v1/accounts", { type: "custom", country: "US" });
  await api("DELETE", `/v1/accounts/${gone}`);
  const firstOf = async (...list: string[]) => {
    for (;;) {
      const [item] = (await run(...list)).data;
      if (item !== undefined) return item.id;
    }
  };
  const event = await firstOf("events", "list");
  const delivery = await firstOf("deliveries", "list", "--status", "500");
  const request = await firstOf("requests", "list");
  commands.push(
    ["events", "list"],
    ["events", "get", event],
    ["deliveries", "list"],
    ["deliveries", "get", delivery],
    ["endpoints", "list"],
    ["endpoints", "get", endpoint.id],
    ["endpoints", "health"],
    ["endpoints", "pause", endpoint.id],
    ["endpoints", "test", endpoint.id],
    ["requests", "list"],
    ["requests", "show", request],
    ["resend-jobs", "list"],
    ["events", "resend", "--undelivered", "--since", "1d", "--dry-run"],
    ["platforms", "list"],
    ["platforms", "show", account],
    ["keys", "list", "--platform", account],
    ["keys", "create", "--platform", account, "--permissions", "charge_read"],
    ["keys", "roll", "--platform", account, "--live", "--overlap", "1h"],
    ["operators", "list"],
    ["audit", "list"],
    ["accounts", "erase", gone],
    ["accounts", "erase", gone, "--yes"],
  );
});
afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

/** Passes a request on, or repeats what the server answered to it without some fields. */
async function relayed(url: string, request: IncomingMessage): Promise<{ status: number; body: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const sent = Buffer.concat(chunks).toString();
  const key = `${request.method} ${request.url} ${sent}`;
  const before = without === null ? undefined : answers.get(key);
  if (before !== undefined && without !== null)
    return before.status >= 400 ? before : { ...before, body: JSON.stringify(leftOut(JSON.parse(before.body), without)) };
  const headers = Object.fromEntries(
    ["authorization", "content-type"].flatMap((name) => {
      const value = request.headers[name];
      return typeof value === "string" ? [[name, value]] : [];
    }),
  );
  const done = await fetch(url + request.url, { method: request.method ?? "GET", headers, body: sent === "" ? null : sent });
  const answer = { status: done.status, body: await done.text() };
  answers.set(key, answer);
  return answer;
}

/** An answer without its fields at a depth, from 0. The items of a list are as deep as the list. */
function leftOut(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) return value.map((item) => leftOut(item, depth));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    depth === 0 ? entries.filter(([name]) => ALWAYS.has(name)) : entries.map(([name, at]) => [name, leftOut(at, depth - 1)]),
  );
}

test("a value that an earlier version of the server does not send is shown as a dash or left out", async () => {
  const wrong: string[] = [];
  for (const command of commands) {
    answers.clear();
    without = null;
    const whole = await runCommand(command, { env });
    expect(answers.size, command.join(" ")).toBeGreaterThan(0);
    for (let depth = 0; depth < DEPTHS; depth++) {
      without = depth;
      const run = await runCommand(command, { env }).catch((error: Error) => ({ code: null, out: "", err: String(error.stack) }));
      const text = run.out + run.err;
      if (run.code !== whole.code || ABSENT.test(text))
        wrong.push(`${command.join(" ")}, without what is ${depth} deep: ${text.split("\n").find((line) => ABSENT.test(line)) ?? run.err}`);
    }
  }
  expect(wrong).toEqual([]);
});
