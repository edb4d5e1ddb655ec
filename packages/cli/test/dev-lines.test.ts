import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import Stripe from "stripe";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CLI, programForTests } from "../../../scripts/program-for-tests.ts";
import { startReceiver } from "./receiver.ts";

const MAIN = programForTests(CLI);
const TIME = /^\[\d\d:\d\d:\d\d\] /;

let receiver: Awaited<ReturnType<typeof startReceiver>>;
const cleanUp: (() => unknown)[] = [];
beforeEach(async () => {
  receiver = await startReceiver((path) => (path === "/bad" ? 500 : 200));
  cleanUp.push(() => receiver.close());
});
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

/** `carabiner dev` as people start it, in a separate process. */
async function dev(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, "dev", "--port", "0", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH },
  });
  cleanUp.push(async () => {
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await exit;
  });
  const lines: string[] = [];
  const more = createInterface({ input: child.stderr });
  more.on("line", (line) => lines.push(line));
  let out = "";
  for await (const chunk of child.stdout) {
    out += chunk;
    if (out.includes("Ctrl+C")) break;
  }
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(out)?.[0] as string;
  return {
    out,
    lines,
    async until(pattern: RegExp): Promise<string> {
      for (;;) {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) return found.replace(TIME, "");
        await once(more, "line");
      }
    },
    async connect(): Promise<string> {
      const body = new URLSearchParams({ type: "custom", country: "US" });
      const answer = await fetch(`${url}/v1/accounts`, {
        method: "POST",
        body,
        headers: { authorization: "Bearer sk_test_carabinerForLocalTesting" },
      });
      return ((await answer.json()) as { id: string }).id;
    },
  };
}

test("dev prints a line for each event and each attempt as it happens, with why one failed and when it is tried again", async () => {
  const good = receiver.url("/good");
  const bad = receiver.url("/bad");
  const server = await dev("--forward-connect-to", bad, "--forward-to", good);
  expect(server.out).toMatch(/signing secret +whsec_carabinerForLocalTesting/);
  const account = await server.connect();
  const event = await server.until(/event /);
  expect(event).toMatch(new RegExp(`^event {6}account\\.application\\.authorized {4}${account}  evt_\\w{24}$`));
  expect(await server.until(/failed /)).toMatch(
    new RegExp(
      `^failed {5}account\\.application\\.authorized {4}${account}  evt_\\w{24}  500 +\\d+ ms  ${bad}  Internal Server Error\\. Only an answer from 200 to 299 counts as received\\. Try 2 in \\w+.*, at [\\d: -]+ UTC\\.$`,
    ),
  );
});

test("dev --quiet prints what goes wrong alone", async () => {
  const server = await dev("--forward-connect-to", receiver.url("/bad"), "--quiet");
  await server.connect();
  await server.until(/failed /);
  expect(server.lines.filter((line) => !line.includes(" failed "))).toEqual([]);
});

test("an address without scheme is taken, what is delivered is signed with the fixed secret, and no line has a colour where no terminal is", async () => {
  const server = await dev("--forward-connect-to", receiver.url("/good").replace("http://", ""));
  await server.connect();
  expect(await server.until(/delivered /)).toMatch(/^delivered {2}account\.application\.authorized .* 200 +\d+ ms {2}http:\/\/127/);
  const [webhook] = receiver.received;
  const { webhooks } = new Stripe("sk_test_carabinerForLocalTesting");
  const signature = String(webhook?.headers["stripe-signature"]);
  expect(webhooks.constructEvent(webhook?.body ?? "", signature, "whsec_carabinerForLocalTesting").type).toBe(
    "account.application.authorized",
  );
  expect(server.lines.join("\n")).not.toContain("\u001b");
});
