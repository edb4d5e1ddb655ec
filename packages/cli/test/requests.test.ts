import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";
import type { RememberedRequest } from "../src/output/request.ts";
import { runCommand } from "./captured-terminal.ts";
import { type ServerProcess, sdkOf, startDevProcess } from "./dev-process.ts";
import { followCommand } from "./followed-command.ts";

let server: ServerProcess;
beforeAll(async () => {
  server = await startDevProcess();
});
afterAll(async () => {
  await server.end("SIGTERM");
});

const run = (...args: string[]) => runCommand(args, { env: { CARABINER_URL: server.url } });

describe("requests", () => {
  test("are printed as they are answered, refused ones with the error", async () => {
    const tail = followCommand({ url: server.url }, "requests", "tail");
    await tail.line(/Ready/);
    await sdkOf(server).customers.create({ email: "jenny@example.com" });
    await expect(sdkOf(server).customers.retrieve("cus_none")).rejects.toThrow();
    expect(await tail.line(/POST +\/v1\/customers /)).toMatch(
      /^\d\d:\d\d:\d\d {2}200 {2}POST {4}\/v1\/customers +[\d.]+ ms {2}acct_\w+ {2}req_\w+$/,
    );
    expect(await tail.line(/GET +\/v1\/customers\/cus_none/)).toMatch(/ {2}404 {2}GET .*resource_missing \(id\): No such customer/);
    await tail.stop();
  });

  test("are narrowed, listed, and shown in full", async () => {
    await expect(sdkOf(server).payouts.create({ amount: -1, currency: "usd" })).rejects.toThrow();
    const tail = followCommand({ url: server.url }, "requests", "tail", "--status", "4xx", "--json");
    await tail.line(/Ready/);
    await sdkOf(server).customers.create({});
    await expect(sdkOf(server).customers.retrieve("cus_other")).rejects.toThrow();
    const { id } = JSON.parse(await tail.line(/^\{.*cus|^\{.*customers/)) as RememberedRequest;
    await tail.stop();

    const listed = await run("requests", "list", "--path", "/v1/customers", "--status", "404", "--json");
    expect((JSON.parse(listed.out) as { data: RememberedRequest[] }).data.map((request) => request.id)).toContain(id);
    const narrow = await runCommand(["requests", "list"], { env: { CARABINER_URL: server.url }, width: 80 });
    expect(narrow.out).toContain(id);
    expect(Math.max(...narrow.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    const shown = await run("requests", "show", id);
    expect((await run("requests", "get", id)).out).toBe(shown.out);
    expect(shown.out).toMatch(/GET \/v1\/customers\/cus_other/);
    expect(shown.out).toMatch(/resource_missing/);
    expect(shown.out).toMatch(/^answer\n\{\n {2}"error"/m);
  });

  test("are shown by the server's clock as events are, and by the machine's where that says something else", async () => {
    const turned = await startDevProcess();
    const on = (...args: string[]) => runCommand(args, { env: { CARABINER_URL: turned.url } });
    const requests = async (...args: string[]) => (await on("requests", "list", "--path", "/v1/accounts", ...args)).out.split("\n");
    const made = async () => {
      await sdkOf(turned).accounts.create({ type: "custom", country: "US" });
      await expect.poll(() => requests().then((lines) => lines.length)).toBeGreaterThan(1);
    };
    try {
      await made();
      expect((await requests())[0]).toMatch(/AT \(UTC\)$/);
      await on("clock", "advance", "3d");
      await sdkOf(turned).accounts.create({ type: "custom", country: "US" });
      await expect
        .poll(() => requests("--since", "1h").then(([head, ...lines]) => [head?.includes("MACHINE TIME"), lines.length]))
        .toEqual([true, 1]);
      const [, newest] = await requests();
      const [, at = "", machine = ""] = /(\d{4}-\S+ \S+) {2}(\d{4}-\S+ \S+)$/.exec(newest ?? "") ?? [];
      expect((Date.parse(`${at}Z`) - Date.parse(`${machine}Z`)) / 86_400_000).toBeCloseTo(3, 3);
      const [, event] = (await on("events", "list", "--type", "account.application.authorized", "--columns", "created")).out.split("\n");
      expect(Math.abs(Date.parse(`${event}Z`) - Date.parse(`${at}Z`))).toBeLessThan(60_000);
      const { id } =
        (JSON.parse((await on("requests", "list", "--path", "/v1/accounts", "--json")).out) as { data: RememberedRequest[] }).data[0] ?? {};
      expect((await on("requests", "show", id ?? "")).out).toMatch(new RegExp(`^machine time +${machine} UTC$`, "m"));
    } finally {
      await turned.end("SIGTERM");
    }
  });

  test.each([
    [["requests", "list", "--status", "6xx"], EXIT_CODES.usage, /--status/],
    [["requests", "list", "--path", "v1"], EXIT_CODES.usage, /--path must begin with a slash/],
    [["requests", "list", "--method", "PUT"], EXIT_CODES.usage, /GET, POST, DELETE/],
    [["requests", "show", "req_none"], EXIT_CODES.notFound, /req_none/],
  ] as const)("%j is refused in one line", async (args, exitCode, words) => {
    const ended = await run(...args);
    expect(ended.code).toBe(exitCode);
    expect(ended.err).toMatch(words);
  });
});
