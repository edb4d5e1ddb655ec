import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";
import { startDevProcess } from "../packages/cli/test/dev-process.ts";
import { ROOT } from "./house/repository-files.ts";
import { readmeSnippet } from "./readme-snippets.ts";

const README = readFileSync(join(ROOT, "README.md"), "utf8");
const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** A snippet as its reader saves it, but for the ports, which may be taken here. */
function save(title: string, ports: Record<string, number> = {}): string {
  mkdirSync(join(ROOT, ".carabiner"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".carabiner/readme-"));
  cleanUp.push(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, title);
  const { code } = readmeSnippet(README, title);
  writeFileSync(
    path,
    Object.entries(ports).reduce((text, [from, to]) => text.replaceAll(from, String(to)), code),
  );
  return path;
}

function run(path: string): ChildProcess {
  const child = spawn(process.execPath, [path], { stdio: ["ignore", "pipe", "inherit"], cwd: ROOT });
  cleanUp.push(() => child.kill("SIGKILL"));
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("the first minute: what the receiver prints is what the README says", async () => {
  const port = await freePort();
  // The options that the README starts it with, on a port that is free here.
  const [, options = ""] = /^npm install && npm start -- (.*)$/m.exec(README) ?? [];
  const server = await startDevProcess({ args: options.replace("4242", String(port)).split(" ") });
  cleanUp.push(() => server.end("SIGKILL"));
  const ports = { 12111: server.port, 4242: port };
  const receiver = run(save("receive.ts", ports));
  const lines = createInterface({ input: receiver.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("Listening");
  const [code] = (await once(run(save("connect.ts", ports)), "exit")) as [number];
  expect(code).toBe(0);
  const printed = [(await lines.next()).value, (await lines.next()).value].sort();
  expect(printed[0]).toMatch(/^test account\.application\.authorized of acct_/);
  expect(printed[1]).toMatch(/^test account\.updated of acct_/);
});

// As elsewhere, what starts a whole test runner or a compiler has the time that one takes on a busy machine.
test.each(["webhooks.test.ts", "payout-failed.test.ts"])("the README's test %s passes", { timeout: 120_000 }, async (title) => {
  const path = save(title);
  const child = spawn(process.execPath, [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--root", join(path, "..")], {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: ROOT,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const [code] = (await once(child, "close")) as [number];
  expect(code, output).toBe(0);
});
