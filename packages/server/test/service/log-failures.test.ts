import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { expect, test } from "vitest";
import { createPlatform } from "../../src/create-platform.ts";
import { client } from "../platform-of-its-own.ts";
import { cleanUp, start } from "../server-of-its-own.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

/** A server to rely on whose log is kept, and a receiver that answers as told. */
async function served(limits: { failuresLoggedPerMinute?: number } = {}) {
  const store = { file: join(await mkdtemp(join(tmpdir(), "carabiner-log-")), "carabiner.db") };
  const { keys } = await createPlatform({ store, name: "Acme" });
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  let answer = 500;
  const receiver = await startWebhookReceiver(() => answer);
  cleanUp.push(() => receiver.close());
  const server = await start({ mode: "serve", store, log, limits, allowLocalEndpoints: true, retryPolicy: "none" });
  const stripe = client(server, keys.test.secret);
  const endpoint = await stripe.webhookEndpoints.create({ url: receiver.url("/hook?token=hidden"), enabled_events: ["*"] });
  return {
    stripe,
    endpoint,
    lines,
    said: (message: string) => lines.filter(({ msg }) => String(msg).startsWith(message)),
    answerWith(status: number) {
      answer = status;
    },
    async until(condition: () => boolean) {
      while (!condition()) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test("serve logs an attempt that fails, with ids and the reason, and neither address nor body; and the endpoint's turns, once each", async () => {
  const { stripe, endpoint, lines, said, answerWith, until } = await served();
  await stripe.accounts.create({ type: "custom", country: "US", email: "secret-person@example.com" });
  const customer = await stripe.customers.create({ email: "secret-person@example.com" });
  await until(() => said("an attempt failed").length === 1);
  await stripe.customers.update(customer.id, { email: "secret-person@example.net" });
  await until(() => said("an attempt failed").length === 2);
  const [failed] = said("an attempt failed");
  expect(failed).toMatchObject({
    level: 40,
    msg: "an attempt failed, and was the last: the delivery is exhausted",
    endpoint: endpoint.id,
    type: "customer.created",
    event: expect.stringMatching(/^evt_/),
    delivery: expect.stringMatching(/^dlv_/),
    attempt: 1,
    outcome: "status",
    status: 500,
    reason: expect.stringContaining("500 Internal Server Error"),
  });
  expect(said("an endpoint began to fail")).toMatchObject([{ level: 40, endpoint: endpoint.id, livemode: false }]);
  answerWith(200);
  await stripe.customers.update(customer.id, { email: "secret-person@example.org" });
  await until(() => said("an endpoint answers again").length === 1);
  expect(said("an attempt failed")).toHaveLength(2);
  expect(JSON.stringify(lines)).not.toMatch(/secret-person|hidden|whsec_/);
});

test("lines of failures are limited", async () => {
  const { stripe, said, until } = await served({ failuresLoggedPerMinute: 2 });
  const deliveries = async () => {
    const { data } = (await stripe.rawRequest("GET", "/console/deliveries?state=exhausted&limit=100")) as unknown as { data: unknown[] };
    return data.length;
  };
  for (let n = 1; n <= 5; n++) {
    await stripe.customers.create({ email: `${n}@example.com` });
    while ((await deliveries()) < n);
  }
  await until(() => said("an attempt failed").length === 2);
  expect(said("an attempt failed")).toHaveLength(2);
});
