import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPlatform, startCarabiner } from "../../src/index.ts";
import { client, publish } from "../platform-of-its-own.ts";
import { TEST_SECRET } from "../store/store-fixture.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-health-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("where nobody sends, /health turns red, and /readyz stays green: requests are answered", async () => {
  const place = { store: { file: join(folder, "carabiner.db") }, secretKeys: { keys: TEST_SECRET } };
  const receiver = await startWebhookReceiver();
  const { keys } = await createPlatform({ ...place, name: "Acme" });
  const start = (roles: readonly ("api" | "send" | "work")[]) =>
    startCarabiner({ mode: "serve", ...place, roles, allowLocalEndpoints: true, limits: { healthDueMs: 200, healthLookMs: 1 } });
  const silent = await start(["api"]);
  const status = async (url: string, path: string) => (await fetch(`${url}${path}`)).status;
  try {
    const stripe = client(silent, keys.test.secret);
    await stripe.webhookEndpoints.create({ url: receiver.url("/"), enabled_events: ["*"] });
    expect(await status(silent.url, "/health")).toBe(200);
    await publish(stripe, { type: "customer.created", data: { object: { id: "cus_1", object: "customer" } } });
    await vi.waitFor(async () => expect(await status(silent.url, "/health")).toBe(503), { timeout: 10_000 });
    expect(await (await fetch(`${silent.url}/health`)).json()).toEqual({
      status: "unavailable",
      reason: expect.stringMatching(/^Deliveries have been due for \d+ s and are not sent\.$/),
    });
    expect(await status(silent.url, "/readyz")).toBe(200);
    expect(await status(silent.url, "/livez")).toBe(200);
  } finally {
    await silent.close();
  }
  const sends = await start(["api", "send", "work"]);
  try {
    await vi.waitFor(() => expect(receiver.received.length).toBe(1), { timeout: 10_000 });
    await sends.idle();
    expect(await status(sends.url, "/health")).toBe(200);
  } finally {
    await sends.close();
    await receiver.close();
  }
});
