import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createPlatform } from "../../src/create-platform.ts";
import { client } from "../platform-of-its-own.ts";
import { cleanUp, start } from "../server-of-its-own.ts";

test("a platform sees all its endpoints, however long a page of a list is", async () => {
  const directory = await mkdtemp(join(tmpdir(), "carabiner-system-"));
  cleanUp.push(() => rm(directory, { recursive: true }));
  const store = { file: join(directory, "carabiner.db") };
  const { keys } = await createPlatform({ store, name: "Acme" });
  const stripe = client(await start({ mode: "serve", store, limits: { listItems: 2 } }), keys.test.secret);
  for (let n = 0; n < 5; n++) {
    const { id } = await stripe.webhookEndpoints.create({ url: `https://hooks.example.com/${n}`, enabled_events: ["*"] });
    await stripe.webhookEndpoints.update(id, { disabled: true });
  }
  expect(await stripe.rawRequest("GET", "/console/system")).toMatchObject({ scope: "platform", endpoints: { failing: 0, disabled: 5 } });
});
