import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, createPlatform, openOperator, startCarabiner } from "../../src/index.ts";
import { openStore } from "../../src/store/open-store.ts";
import { storeFixture, TEST_KEYS, TEST_SECRET } from "../store/store-fixture.ts";

/** On a server for others: who sees that an account is connected to several platforms. */

let folder: string;
let server: Carabiner;
let one: Awaited<ReturnType<typeof createPlatform>>;
let two: Awaited<ReturnType<typeof createPlatform>>;
let operatorKey: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "connections-"));
  const given = { store: { file: join(folder, "carabiner.db") }, secretKeys: { keys: TEST_SECRET } };
  one = await createPlatform({ ...given, name: "One" });
  two = await createPlatform({ ...given, name: "Two" });
  const store = await openStore({ location: given.store.file, now: Date.now(), keys: TEST_KEYS });
  await store.transaction(async (tx) => {
    await tx.insertAccount(storeFixture().account({ id: "acct_shared" }));
    for (const [platform, livemode] of [
      [one, false],
      [two, false],
      [two, true],
    ] as const)
      await tx.insertConnection({
        platformId: platform.account,
        accountId: "acct_shared",
        livemode,
        created: 1_790_000_000_000,
        controller: false,
        scope: platform === one ? "read_only" : "read_write",
      });
  });
  await store.close();
  const operator = await openOperator(given);
  operatorKey = (
    JSON.parse((await operator.ask("POST", "/operator/operators", { name: "conny", read_only: true })).body) as { key: string }
  ).key;
  await operator.close();
  server = await startCarabiner({ mode: "serve", ...given });
}, 30_000);
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

interface Answer {
  cookie: string;
  body: { error?: { code?: string }; data?: Record<string, unknown>[] };
}

/** Sends a request as a browser does. */
function send(path: string, headers: Record<string, string>, form?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const type = form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
    const asked = httpRequest(new URL(path, server.url), { method: form === undefined ? "GET" : "POST", headers: { ...type, ...headers } });
    asked.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          cookie: response.headers["set-cookie"]?.[0]?.split(";")[0] ?? "",
          body: JSON.parse(Buffer.concat(chunks).toString()) as Answer["body"],
        }),
      );
    });
    asked.on("error", reject);
    asked.end(form);
  });
}

test("a platform sees its own connection, an operator those of all platforms, each in its mode", async () => {
  const path = "/console/accounts/acct_shared/connections";
  const seen = ({ body }: Answer) =>
    body.data?.map(({ application, platform, scope, livemode }) => ({ application, platform, scope, livemode }));
  const by = (key: string) => send(path, { authorization: `Bearer ${key}` });
  const application = (name: string) => ({ id: expect.stringMatching(/^ca_/), name });
  const ones = { application: application("One"), platform: one.account, scope: "read_only", livemode: false };
  const twos = (livemode: boolean) => ({ application: application("Two"), platform: two.account, scope: "read_write", livemode });
  expect(seen(await by(one.keys.test.secret))).toEqual([ones]);
  expect(seen(await by(two.keys.test.secret))).toEqual([twos(false), twos(true)]);
  expect(seen(await by(two.keys.live.secret))).toEqual([twos(true)]);
  expect((await by(one.keys.live.secret)).body.error?.code).toBe("account_invalid");

  const origin = { origin: server.url, "sec-fetch-site": "same-origin" };
  const { cookie } = await send("/console/session", origin, new URLSearchParams({ key: operatorKey }).toString());
  const all = seen(await send(path, { ...origin, cookie, "carabiner-mode": "test", "carabiner-platform": one.account }));
  expect(all).toHaveLength(3);
  expect(all).toEqual(expect.arrayContaining([ones, twos(false), twos(true)]));
});
