import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { type Carabiner, createPlatform, startCarabiner } from "../../src/index.ts";
import { client, publish } from "../platform-of-its-own.ts";
import { TEST_SECRET } from "../store/store-fixture.ts";
import { startWebhookReceiver } from "../webhook-receiver.ts";

const TEN_MINUTES = 600_000;

test.each(["SQLite", "PostgreSQL"])(
  "on %s an endpoint that the server before left alone is left alone, until it is resumed",
  async (engine) => {
    const folder = mkdtempSync(join(tmpdir(), "carabiner-left-alone-"));
    const database = engine === "SQLite" ? null : await createTestDatabase();
    const store = database === null ? { file: join(folder, "carabiner.db") } : { url: database.url };
    const place = { store, secretKeys: { keys: TEST_SECRET } };
    const receiver = await startWebhookReceiver(({ path }) => (path === "/down" ? 500 : 200));
    const { keys } = await createPlatform({ ...place, name: "Acme" });
    const start = (): Promise<Carabiner> =>
      startCarabiner({
        ...{ mode: "serve", ...place, allowLocalEndpoints: true },
        limits: { breakerFailures: 1, breakerOpenMs: TEN_MINUTES, breakerOpenLongestMs: TEN_MINUTES },
      });
    let server = await start();
    const event = async (): Promise<void> => {
      await publish(client(server, keys.test.secret), { type: "customer.created", data: { object: { id: "cus_1", object: "customer" } } });
    };
    const arrived = (): number[] => ["/down", "/well"].map((path) => receiver.at(path).length);
    try {
      const endpoints = client(server, keys.test.secret).webhookEndpoints;
      const { id: down } = await endpoints.create({ url: receiver.url("/down"), enabled_events: ["*"] });
      await endpoints.create({ url: receiver.url("/well"), enabled_events: ["*"] });
      await event();
      await server.idle();
      expect(arrived()).toEqual([1, 1]);

      await server.close();
      server = await start();
      await event();
      await expect.poll(arrived).toEqual([1, 2]);
      await server.idle();
      expect(arrived()).toEqual([1, 2]);

      await client(server, keys.test.secret).rawRequest("POST", `/console/webhook_endpoints/${down}/resume`);
      await expect.poll(arrived).toEqual([2, 2]);
    } finally {
      await server.close();
      await receiver.close();
      await database?.drop();
      rmSync(folder, { recursive: true });
    }
  },
  60_000,
);
