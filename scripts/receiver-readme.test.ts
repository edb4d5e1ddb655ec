import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import Stripe from "stripe";
import { afterAll, expect, test } from "vitest";
import { eventOf } from "../packages/receiver/test/signed-webhook.ts";
import { ROOT } from "./house/repository-files.ts";
import { readmeSnippet, readmeSnippets } from "./readme-snippets.ts";

const README = readFileSync(join(ROOT, "packages/receiver/README.md"), "utf8");
// Inside the repository, so that packages are found; ignored, so that nothing looks there.
mkdirSync(join(ROOT, ".carabiner"), { recursive: true });
const folder = mkdtempSync(join(ROOT, ".carabiner/receiver-readme-"));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

for (const { title, code } of readmeSnippets(README)) writeFileSync(join(folder, title), code);

test("every TypeScript block of the receiver's README has a title, and compiles as it stands", { timeout: 120_000 }, async () => {
  expect(readmeSnippets(README).filter(({ language }) => language === "ts")).toHaveLength(README.match(/^```ts/gm)?.length ?? 0);
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: "../../tsconfig.json",
      compilerOptions: { noEmit: true, typeRoots: ["../../node_modules/@types"] },
      include: ["*.ts"],
      exclude: [],
    }),
  );
  const tsc = promisify(execFile)(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder], { cwd: ROOT });
  const { stdout } = await tsc.catch((error: { stdout: string }) => error);
  expect(stdout.split("\n").filter((line) => line.includes("receiver-readme-"))).toEqual([]);
});

test("the README says to install what the first minute imports", () => {
  const imported = [...readmeSnippet(README, "webhooks.ts").code.matchAll(/from "((?:@[^/"]+\/)?[^/"]+)/g)].map(([, name]) => name);
  const installed = [...README.matchAll(/npm install ([^\n`]+)/g)].flatMap(([, names = ""]) => names.split(" "));
  expect(imported).toContain("express");
  expect(installed).toEqual(expect.arrayContaining(imported));
});

test("the first minute runs: a signed event is printed, once", { timeout: 60_000 }, async () => {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address() as AddressInfo;
  free.close();
  await once(free, "close");
  const program = join(folder, "running.ts");
  writeFileSync(program, readFileSync(join(folder, "webhooks.ts"), "utf8").replace("4242", String(port)));
  const secret = "whsec_readme";
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, WHSEC_CONNECT: secret },
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("Listening");

  const send = async (id: string): Promise<number> => {
    const event = eventOf("payout.failed", {
      id,
      account: "acct_1",
      object: { id: `po_${id}`, object: "payout", failure_code: "no_account" },
    });
    const payload = JSON.stringify(event, null, 2);
    const response = await fetch(`http://127.0.0.1:${port}/stripe`, {
      method: "POST",
      headers: { "stripe-signature": Stripe.webhooks.generateTestHeaderString({ payload, secret }) },
      body: payload,
    });
    return response.status;
  };
  expect([await send("evt_1"), await send("evt_1"), await send("evt_2")]).toEqual([200, 200, 200]);
  expect([(await lines.next()).value, (await lines.next()).value]).toEqual([
    "po_evt_1 of acct_1 failed: no_account",
    "po_evt_2 of acct_1 failed: no_account",
  ]);
});

test("the README's tests pass", { timeout: 120_000 }, async () => {
  const child = spawn(process.execPath, [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--root", folder], {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: ROOT,
  });
  children.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const [code] = (await once(child, "close")) as [number];
  expect(code, output).toBe(0);
  expect(output).toContain("2 passed");
});
