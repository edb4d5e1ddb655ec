import { readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { client } from "./platform-of-its-own.ts";
import { cleanUp, start } from "./server-of-its-own.ts";
import { startWebhookReceiver } from "./webhook-receiver.ts";

const SRC = new URL("../src/", import.meta.url);
const DOCUMENT = new URL("../../../docs/architecture.md", import.meta.url);

/** The steps of the walk as docs/architecture.md has them. */
function stepsInTheDocument(): { number: number; file: string; name: string }[] {
  const rows = readFileSync(DOCUMENT, "utf8").matchAll(/^\| (\d+) \| \[`([^`]+)`\]\([^)]+\) \| `(\w+)` \|/gm);
  return [...rows].map(([, number, file, name]) => ({ number: Number(number), file: file as string, name: name as string }));
}

/** The names of the functions that ran while `work` did, by the path of their file. */
async function functionsThatRan(work: () => Promise<unknown>): Promise<Map<string, Set<string>>> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  try {
    await session.post("Profiler.takePreciseCoverage");
    await work();
    const { result } = await session.post("Profiler.takePreciseCoverage");
    const ran = new Map<string, Set<string>>();
    for (const { url, functions } of result) {
      const path = url.startsWith("file:") ? fileURLToPath(url) : url;
      const names = functions.filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0).map(({ functionName }) => functionName);
      ran.set(path, new Set([...(ran.get(path) ?? []), ...names]));
    }
    return ran;
  } finally {
    await session.post("Profiler.stopPreciseCoverage");
    session.disconnect();
  }
}

test("a new account passes through each function that docs/architecture.md names, to a signed POST", async () => {
  const steps = stepsInTheDocument();
  expect(steps.map(({ number }) => number)).toEqual(Array.from({ length: 26 }, (_, index) => index + 1));

  const receiver = await startWebhookReceiver();
  cleanUp.push(() => receiver.close());
  const server = await start();
  const stripe = client(server, server.keys.test.secret);
  const endpoint = await stripe.webhookEndpoints.create({
    url: receiver.url("/connect"),
    connect: true,
    enabled_events: ["account.application.authorized"],
  });
  const ran = await functionsThatRan(async () => {
    await stripe.accounts.create({ type: "express" });
    await server.idle();
  });

  const [webhook] = receiver.received;
  if (webhook === undefined || endpoint.secret === undefined) throw new Error("nothing arrived");
  const signature = String(webhook.headers["stripe-signature"]);
  expect(stripe.webhooks.constructEvent(webhook.body, signature, endpoint.secret).type).toBe("account.application.authorized");
  const missing = steps.filter(({ file, name }) => ran.get(fileURLToPath(new URL(file, SRC)))?.has(name) !== true);
  expect(missing).toEqual([]);
});
