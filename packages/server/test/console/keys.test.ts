import { describe, expect, test } from "vitest";
import type { Carabiner } from "../../src/index.ts";
import { client, ownKeys, type Platform, platformOfItsOwn } from "../platform-of-its-own.ts";
import { start } from "../server-of-its-own.ts";

interface KeyAnswer {
  id: string;
  hint: string;
  status: string;
  secret?: string;
  last_used: number | null;
  expires_at: number | null;
  livemode: boolean;
  type: string;
  replaces?: { id: string; expires_at: number; hint: string };
}

let server: Carabiner;
let platform: Platform;

const asked = <Answer>(key: string, method: "GET" | "POST", path: string, params: object = {}): Promise<Answer> =>
  client(server, key).rawRequest(method, path, params as Record<string, unknown>) as unknown as Promise<Answer>;
const listed = async (key: string): Promise<KeyAnswer[]> => (await asked<{ data: KeyAnswer[] }>(key, "GET", "/console/keys")).data;
const worksFor = (key: string): Promise<string> =>
  client(server, key)
    .balance.retrieve()
    .then(
      () => "yes",
      (error: { code?: string }) => error.code ?? "refused",
    );

describe("a platform's own keys", () => {
  async function begin(): Promise<string> {
    server = await start();
    platform = await platformOfItsOwn(server);
    return platform.keys.test.secret;
  }

  test("are listed in the key's mode alone, without anything to use them by, and say when they were last used", async () => {
    const key = await begin();
    await listed(key);
    const keys = await listed(key);
    expect(keys.map(({ last_used: at }) => at !== null)).toEqual(keys.map(({ type }) => type === "secret"));
    expect(keys.map(({ type, livemode, status }) => ({ type, livemode, status })).toSorted((a, b) => (a.type < b.type ? -1 : 1))).toEqual([
      { type: "publishable", livemode: false, status: "active" },
      { type: "secret", livemode: false, status: "active" },
    ]);
    expect(JSON.stringify(keys)).not.toContain(key.slice(-12));
    expect(keys.find(({ type }) => type === "secret")?.hint).toBe(`sk_test_****${key.slice(-4)}`);
    expect((await listed(platform.keys.live.secret)).map(({ livemode }) => livemode)).toEqual([true, true]);
  });

  test("are made, rolled with an overlap and without, and revoked; those that ended say so", async () => {
    const key = await begin();
    const made = await asked<KeyAnswer>(key, "POST", "/console/keys", { expires_in: 3_600 });
    expect(made.secret).toMatch(/^sk_test_\w{24}$/);
    expect(made.status).toBe("expiring");
    expect(await worksFor(made.secret ?? "")).toBe("yes");

    const [id] = (await listed(key)).filter(({ hint }) => hint.endsWith(key.slice(-4))).map((one) => one.id);
    const rolled = await asked<KeyAnswer>(key, "POST", `/console/keys/${id}/roll`, { overlap: 86_400 });
    expect(rolled.replaces?.id).toBe(id);
    expect(rolled.expires_at).toBeNull();
    expect([await worksFor(key), await worksFor(rolled.secret ?? "")]).toEqual(["yes", "yes"]);
    await server.clock.advance({ seconds: 86_400 });
    expect([await worksFor(key), await worksFor(made.secret ?? ""), await worksFor(rolled.secret ?? "")]).toEqual([
      "api_key_expired",
      "api_key_expired",
      "yes",
    ]);

    const atOnce = await asked<KeyAnswer>(rolled.secret ?? "", "POST", `/console/keys/${rolled.id}/roll`);
    expect([await worksFor(rolled.secret ?? ""), await worksFor(atOnce.secret ?? "")]).toEqual(["api_key_expired", "yes"]);
    const again = asked(atOnce.secret ?? "", "POST", `/console/keys/${rolled.id}/roll`);
    await expect(again).rejects.toMatchObject({ statusCode: 400, message: expect.stringContaining("has expired") });
    expect((await listed(atOnce.secret ?? "")).map(({ status }) => status).toSorted()).toEqual([
      "active",
      "active",
      "expired",
      "expired",
      "expired",
    ]);
  });

  test("that are rolled end no later than they would have", async () => {
    const key = await begin();
    const made = await asked<KeyAnswer>(key, "POST", "/console/keys", { expires_in: 3_600 });
    const rolled = await asked<KeyAnswer>(key, "POST", `/console/keys/${made.id}/roll`, { overlap: 86_400 });
    expect(rolled.replaces).toMatchObject({ id: made.id, expires_at: made.expires_at });
    await server.clock.advance({ seconds: 3_600 });
    expect([await worksFor(made.secret ?? ""), await worksFor(rolled.secret ?? "")]).toEqual(["api_key_expired", "yes"]);
  });

  test("keep the last secret one: a key that ends does not count, and one that is revoked leaves another", async () => {
    const key = await begin();
    const [own] = (await listed(key)).filter(({ type }) => type === "secret");
    await asked(key, "POST", "/console/keys", { expires_in: 60 });
    const last = asked(key, "POST", `/console/keys/${own?.id}/revoke`);
    await expect(last).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining("is the only secret key in test mode that does not expire"),
    });
    expect(await worksFor(key)).toBe("yes");
    const other = await asked<KeyAnswer>(key, "POST", "/console/keys");
    expect(await asked<KeyAnswer>(key, "POST", `/console/keys/${own?.id}/revoke`)).toMatchObject({ id: own?.id, status: "expired" });
    expect([await worksFor(key), await worksFor(other.secret ?? "")]).toEqual(["api_key_expired", "yes"]);
  });

  test("are nobody else's: not the other mode's, not another platform's, nor a connected account's", async () => {
    const key = await begin();
    const [live] = await listed(platform.keys.live.secret);
    const other = await platformOfItsOwn(server);
    const account = await platform.test.accounts.create({ type: "standard" });
    const connected = await ownKeys(platform.test, account.id);
    for (const [who, id] of [
      [key, live?.id],
      [other.keys.live.secret, live?.id],
      [connected.live.secret, live?.id],
    ] as const)
      await expect(asked(who, "POST", `/console/keys/${id}/revoke`)).rejects.toMatchObject({ statusCode: 404, code: "resource_missing" });
    const acting = client(server, key).rawRequest("GET", "/console/keys", {}, { stripeAccount: account.id });
    await expect(acting).rejects.toMatchObject({ statusCode: 403 });
    const publishable = asked(platform.keys.test.publishable, "GET", "/console/keys");
    await expect(publishable).rejects.toMatchObject({ statusCode: 403, code: "secret_key_required" });
  });

  test("are refused what is out of bounds, and nothing changes", async () => {
    const key = await begin();
    const [own] = (await listed(key)).filter(({ type }) => type === "secret");
    for (const [path, params, param] of [
      [`/console/keys/${own?.id}/roll`, { overlap: 8 * 86_400 }, "overlap"],
      [`/console/keys/${own?.id}/roll`, { overlap: -1 }, "overlap"],
      ["/console/keys", { expires_in: 0 }, "expires_in"],
      ["/console/keys", { type: "other" }, "type"],
      ["/console/keys/key_none/roll", {}, "key"],
    ] as const)
      await expect(asked(key, "POST", path, params)).rejects.toMatchObject({ param });
    expect(await listed(key)).toHaveLength(2);
  });
});

test("there are at most as many keys as the limit says that have not ended", async () => {
  server = await start({ limits: { keysPerMode: 3 } });
  platform = await platformOfItsOwn(server);
  const key = platform.keys.test.secret;
  const made = await asked<KeyAnswer>(key, "POST", "/console/keys");
  await expect(asked(key, "POST", "/console/keys")).rejects.toMatchObject({ message: expect.stringContaining("at most 3 keys") });
  await asked(key, "POST", `/console/keys/${made.id}/revoke`);
  expect(await asked<KeyAnswer>(key, "POST", "/console/keys")).toMatchObject({ status: "active" });
});
