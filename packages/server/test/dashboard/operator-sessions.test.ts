import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../scripts/test-database.ts";
import { type Carabiner, createPlatform, startCarabiner } from "../../src/index.ts";
import { TEST_SECRET } from "../store/store-fixture.ts";

const secretKeys = { keys: TEST_SECRET };

/** Operators and restricted keys in the dashboard: what they reach, what they cannot change, and what is recorded. */

interface Answer {
  status: number;
  cookie: string;
  body: Record<string, unknown> & { error?: { code?: string; message: string }; data?: Record<string, unknown>[] };
}

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  form?: Record<string, string>;
}

describe.each(["sqlite", "postgresql"] as const)("on %s", (engine) => {
  let folder: string;
  let dropDatabase: () => Promise<unknown>;
  let server: Carabiner;
  let one: Awaited<ReturnType<typeof createPlatform>>;
  let two: Awaited<ReturnType<typeof createPlatform>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "operators-"));
    const database = engine === "postgresql" ? await createTestDatabase() : null;
    dropDatabase = async () => database?.drop();
    const store = database === null ? { file: join(folder, "carabiner.db") } : { url: database.url };
    one = await createPlatform({ store, secretKeys, name: "One" });
    two = await createPlatform({ store, secretKeys, name: "Two" });
    const limits = { dashboardSignInsPerMinute: 1_000, liveCheckedMs: 0, liveEveryMs: 20 };
    server = await startCarabiner({ mode: "serve", store, secretKeys, limits, controlSocket: join(folder, "control.sock") });
  }, 30_000);
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
    await dropDatabase();
  });

  /** Sends a request as a browser does, or to the control socket. */
  function send(path: string, { method = "GET", headers = {}, form }: Asked = {}, socketPath?: string): Promise<Answer> {
    const url = new URL(server.url);
    const type = form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
    const where = socketPath === undefined ? { host: url.hostname, port: url.port } : { socketPath };
    return new Promise((resolve, reject) => {
      const asked = httpRequest({ ...where, path, method, headers: { ...type, ...headers } }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            cookie: response.headers["set-cookie"]?.[0]?.split(";")[0] ?? "",
            body: JSON.parse(Buffer.concat(chunks).toString()) as Answer["body"],
          }),
        );
      });
      asked.on("error", reject);
      asked.end(form === undefined ? "" : new URLSearchParams(form).toString());
    });
  }

  const control = (method: string, path: string, form?: Record<string, string>): Promise<Answer> =>
    send(path, { method, ...(form === undefined ? {} : { form }) }, join(folder, "control.sock"));

  const page = (cookie: string, platform?: string, mode = "test"): Record<string, string> => ({
    origin: server.url,
    "sec-fetch-site": "same-origin",
    "carabiner-mode": mode,
    cookie,
    ...(platform === undefined ? {} : { "carabiner-platform": platform }),
  });

  const signIn = (key: string, headers: Record<string, string> = {}) =>
    send("/console/session", {
      method: "POST",
      headers: { origin: server.url, "sec-fetch-site": "same-origin", ...headers },
      form: { key },
    });

  async function operator(name: string, readOnly = false): Promise<{ id: string; key: string; hint: string }> {
    const { status, body } = await control("POST", "/operator/operators", { name, read_only: String(readOnly) });
    expect([status, body.error]).toEqual([200, undefined]);
    return body as unknown as { id: string; key: string; hint: string };
  }

  /** What the audit log says that an operator did, the latest first. */
  async function actsOf(name: string) {
    const { body } = await control("GET", "/operator/audit?limit=100");
    const entries = (body.data ?? []) as {
      act: string;
      account: string | null;
      by: string;
      from: string;
      detail: Record<string, unknown>;
    }[];
    return entries.filter(({ act, detail }) => detail.name === name && act !== "operator.added");
  }

  test("an operator chooses a platform and a mode, and acts there; the audit log has their name", async () => {
    const { key, hint } = await operator("alice");
    const { status, cookie, body } = await signIn(key);
    expect([status, body]).toMatchObject([
      200,
      { signed_in_with: "operator_key", operator: "alice", account: null, modes: ["test", "live"], keys: [hint], read_only: false },
    ]);
    expect(JSON.stringify(body)).not.toContain(key);
    const { body: list } = await send("/console/session/platforms", { headers: page(cookie) });
    expect(list.data?.map(({ id, name }) => [id, name])).toEqual([
      [two.account, "Two"],
      [one.account, "One"],
    ]);
    const { body: second } = await send(`/console/session/platforms?limit=1&starting_after=${two.account}`, { headers: page(cookie) });
    expect([second.data?.map(({ id }) => id), second.has_more]).toEqual([[one.account], false]);
    expect((await send("/console/session/platforms?limit=none", { headers: page(cookie) })).status).toBe(400);
    expect((await send("/console/session", { headers: page(cookie, one.account) })).body).toMatchObject({
      account: one.account,
      name: "One",
    });
    expect((await send("/console/session", { headers: page(cookie, "acct_none") })).body.account).toBeNull();

    const form = { type: "express", email: "made@example.com" };
    const made = await send("/v1/accounts", { method: "POST", headers: page(cookie, one.account, "live"), form });
    expect([made.status, made.body.error]).toEqual([200, undefined]);
    const seen = async (platform: string, mode: string) =>
      (await send("/v1/accounts", { headers: page(cookie, platform, mode) })).body.data?.map(({ id }) => id);
    expect([await seen(one.account, "live"), await seen(two.account, "live"), await seen(one.account, "test")]).toEqual([
      [made.body.id],
      [],
      [],
    ]);

    expect((await send("/v1/accounts", { headers: page(cookie) })).body.error?.code).toBe("session_platform_missing");
    for (const id of ["acct_none", String(made.body.id), "x".repeat(5_000)])
      expect([id, (await send("/v1/accounts", { headers: page(cookie, id) })).status]).toEqual([id, 404]);

    await send("/console/session", { method: "DELETE", headers: page(cookie) });
    expect((await send("/v1/accounts", { headers: page(cookie, one.account) })).body.error?.code).toBe("session_ended");
    const acts = await actsOf("alice");
    expect(acts.map(({ act, account, by, from }) => [act, account, by, from])).toEqual([
      ["operator.signed_out", null, hint, "127.0.0.1"],
      ["operator.requested", one.account, hint, "127.0.0.1"],
      ["operator.signed_in", null, hint, "127.0.0.1"],
    ]);
    expect(acts[1]?.detail).toMatchObject({ livemode: true, method: "POST", path: "/v1/accounts", request: /^req_/ });
  });

  test("operators see the audit log in the dashboard, and nobody else does", async () => {
    const { key, hint, id } = await operator("una", true);
    const { cookie } = await signIn(key);
    const asked = (path: string) => send(path, { headers: page(cookie, one.account) });
    const entries = async (query: string) => (await asked(`/console/audit?${query}`)).body.data ?? [];
    const [mine] = await entries(`by=${encodeURIComponent(hint)}`);
    expect(mine).toMatchObject({ object: "audit_entry", act: "operator.signed_in", subject: id, detail: { name: "una" }, account: null });
    expect((await entries(`subject=${id}&act=operator.*`)).map(({ act }) => act)).toEqual(["operator.signed_in", "operator.added"]);
    const { body: three } = await control("POST", "/operator/platforms", { name: "Three" });
    expect((await entries(`account=${String(three.id)}&act=platform.created`)).length).toBe(1);
    expect(await entries(`subject=${id}&until=1`)).toEqual([]);
    const { body: first } = await asked("/console/audit?limit=1");
    expect(first).toMatchObject({ url: "/console/audit", has_more: true, data: [{ act: "platform.created" }] });
    expect((await entries(`starting_after=${String(mine?.id)}&limit=1`)).length).toBe(1);
    const refused = await send("/console/audit", { headers: { authorization: `Bearer ${one.keys.live.secret}` } });
    expect([refused.status, refused.body.error?.code]).toEqual([403, "operator_session_required"]);
    const session = await signIn(one.keys.test.secret);
    expect((await send("/console/audit", { headers: page(session.cookie) })).body.error?.code).toBe("operator_session_required");
  });

  test("a read-only operator reads everything and changes nothing: one error for each unsafe request, all in the audit log", async () => {
    const { key } = await operator("rita", true);
    const { cookie, body } = await signIn(key);
    expect(body.read_only).toBe(true);
    const headers = page(cookie, one.account);
    for (const path of [
      "/v1/accounts",
      "/console/events",
      "/console/deliveries",
      "/console/keys",
      "/console/requests",
      "/console/upcoming",
    ])
      expect([path, (await send(path, { headers })).status]).toEqual([path, 200]);
    const endpoint = { url: "https://hooks.example.com/connect", "enabled_events[0]": "*" };
    const asBearer = { authorization: `Bearer ${one.keys.test.secret}` };
    const { body: hook } = await send("/v1/webhook_endpoints", { method: "POST", headers: asBearer, form: endpoint });
    const unsafe: [string, string][] = [
      ["POST", "/v1/accounts"],
      ["POST", "/v1/events"],
      ["POST", "/v1/files"],
      // It makes one.
      ["GET", "/v1/payment_methods/pm_card_visa"],
      ["POST", "/v2/core/event_destinations"],
      ["POST", "/console/keys"],
      ["POST", "/console/resend_jobs"],
      ["POST", "/v1/stripecli/sessions"],
      ["POST", `/console/webhook_endpoints/${String(hook.id)}/reveal_secret`],
      ["POST", `/console/webhook_endpoints/${String(hook.id)}/disable`],
      ["DELETE", `/v1/webhook_endpoints/${String(hook.id)}`],
    ];
    for (const [method, path] of unsafe) {
      const answer = await send(path, { method, headers, ...(method === "POST" ? { form: {} } : {}) });
      expect([path, answer.status, answer.body.error?.code]).toEqual([path, 403, "session_read_only"]);
    }
    expect((await send(`/v1/webhook_endpoints/${String(hook.id)}`, { headers })).body.status).toBe("enabled");
    expect((await send("/v1/accounts", { headers })).body.data).toEqual([]);
    const recorded = (await actsOf("rita"))
      .filter(({ act }) => act === "operator.requested")
      .map(({ detail }) => [detail.method, detail.path]);
    expect(recorded.reverse()).toEqual(unsafe);
  });

  test("a platform sees its own deliveries, endpoints and limits; an operator sees the whole server", async () => {
    const asKey = (keys: typeof one.keys, path: string, form?: Record<string, string>) =>
      send(path, {
        headers: { authorization: `Bearer ${keys.test.secret}` },
        ...(form === undefined ? {} : { method: "POST", form }),
      });
    const endpoint = { url: "https://hooks.example.com/system", "enabled_events[0]": "*" };
    expect((await asKey(two.keys, "/v1/webhook_endpoints", endpoint)).status).toBe(200);
    const object = { "data[object][id]": "cus_1", "data[object][object]": "customer" };
    expect((await asKey(two.keys, "/v1/events", { type: "customer.created", ...object })).status).toBe(200);

    const { body: off } = await asKey(two.keys, "/v1/webhook_endpoints", endpoint);
    expect((await asKey(two.keys, `/v1/webhook_endpoints/${String(off.id)}`, { disabled: "true" })).body.status).toBe("disabled");
    const { body: ofTwo } = await asKey(two.keys, "/console/system");
    expect(ofTwo).toMatchObject({
      ...{ object: "system", scope: "platform", disk: null, nodes: null },
      store: { engine, version: null, schema: null, settings: null },
      throughput: { deliveries: 1 },
      endpoints: { failing: expect.any(Number), disabled: 1 },
    });
    expect(ofTwo.limits).toMatchObject({ eventsKeptMs: 30 * 24 * 3_600_000 });
    expect(ofTwo.limits).not.toHaveProperty("databaseConnections");
    const other = (await asKey({ ...two.keys, test: two.keys.live }, "/console/system")).body;
    expect(other).toMatchObject({ throughput: { deliveries: 0 }, endpoints: { disabled: 0 } });
    const { body: ofOne } = await asKey(one.keys, "/console/system");
    expect(ofOne.throughput).toMatchObject({ deliveries: 0 });

    const { cookie } = await signIn((await operator("sue", true)).key);
    const { body: whole } = await send("/console/system", { headers: page(cookie, one.account) });
    expect(whole).toMatchObject({
      ...{ scope: "server", nodes: engine === "sqlite" ? [] : [{ roles: expect.any(Array) }] },
      store: { engine, settings: engine === "sqlite" ? { synchronous: "full" } : { synchronous_commit: "on" } },
      limits: { databaseConnections: 10 },
      endpoints: { disabled: 1 },
    });
    expect((whole.throughput as { deliveries: number }).deliveries).toBeGreaterThanOrEqual(1);
    expect((await control("GET", "/operator/system")).body).toMatchObject({ scope: "server", store: whole.store });
  });

  test("an operator's session ends with their key, and its stream too", async () => {
    const { id, key } = await operator("walter");
    const { cookie } = await signIn(key);
    expect((await send("/v1/accounts", { headers: page(cookie, one.account) })).status).toBe(200);
    const ended = new Promise<string>((resolve, reject) => {
      const { "carabiner-mode": _, ...headers } = page(cookie);
      const url = `${server.url}/console/stream?mode=test&platform=${one.account}`;
      httpRequest(url, { headers }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString();
          if (text.includes("event: hello") && !text.includes("event: ended")) revoke();
        });
        response.on("end", () => resolve(text));
      })
        .on("error", reject)
        .end();
    });
    let revoking: Promise<Answer> | null = null;
    const revoke = () => {
      revoking ??= control("POST", `/operator/operators/${id}/revoke`, {});
    };
    expect(await ended).toContain("event: ended");
    expect(((await revoking) as Answer | null)?.status).toBe(200);
    for (const path of ["/v1/accounts", "/console/session", "/console/session/platforms"])
      expect([path, (await send(path, { headers: page(cookie, one.account) })).body.error?.code]).toEqual([path, "session_ended"]);
    expect((await send("/v1/accounts", { method: "POST", headers: page(cookie, one.account), form: {} })).status).toBe(401);
    expect((await signIn(key)).status).toBe(401);
  });

  test("nobody's operator key is taken unencrypted from elsewhere, and an operator's cookie neither", async () => {
    const { key } = await operator("nora");
    const forwarded = { "x-forwarded-proto": "http", "x-forwarded-for": "203.0.113.9" };
    for (const sent of [key, "op_unknown"]) {
      const refused = await signIn(sent, forwarded);
      expect([refused.status, refused.body.error?.code, refused.cookie]).toEqual([403, "sign_in_not_encrypted", ""]);
    }
    expect((await signIn("op_unknown")).status).toBe(401);
    const { cookie } = await signIn(key);
    const headers = { ...page(cookie, one.account), ...forwarded };
    for (const path of ["/v1/accounts", "/console/session", "/console/session/platforms"])
      expect([path, (await send(path, { headers })).body.error?.code]).toEqual([path, "sign_in_not_encrypted"]);
  });

  test("an operator's session reaches no operators, and no key that exists already", async () => {
    const { key } = await operator("oscar");
    const { cookie } = await signIn(key);
    const headers = page(cookie, one.account);
    for (const path of ["/operator/operators", "/operator/platforms", "/operator/audit"])
      expect([path, (await send(path, { headers })).status]).toEqual([path, 401]);
    const bearer = { authorization: `Bearer ${one.keys.test.secret}`, "idempotency-key": "the same" };
    const { body: made } = await send("/console/keys", { method: "POST", headers: bearer, form: { type: "secret" } });
    const again = await send("/console/keys", {
      method: "POST",
      headers: { ...headers, "idempotency-key": "the same" },
      form: { type: "secret" },
    });
    expect(made.secret).toMatch(/^sk_test_/);
    expect(again.body.secret).not.toBe(made.secret);
    const { body: keys } = await send("/console/keys", { headers });
    expect(JSON.stringify(keys)).not.toContain(String(made.secret));
    expect(JSON.stringify(keys)).not.toContain(one.keys.test.secret);
    // The header is for operators alone: who signs in with a key stays on its platform.
    const own = await signIn(two.keys.test.secret, { cookie });
    expect((await send("/console/session", { headers: page(own.cookie, one.account) })).body.account).toBe(two.account);
    expect((await send("/v1/accounts", { headers: page(own.cookie, one.account) })).body.data).toEqual([]);
    expect((await send("/console/session/platforms", { headers: page(own.cookie) })).body.error?.code).toBe("session_missing");
    expect((await send("/v1/accounts", { headers: page(cookie, one.account) })).body.error?.code).toBe("session_ended");
  });

  test("a restricted key opens a session with its own permissions alone", async () => {
    const bearer = { authorization: `Bearer ${one.keys.test.secret}` };
    const form = { type: "restricted", "permissions[0]": "connected_account_read" };
    const { body: key } = await send("/console/keys", { method: "POST", headers: bearer, form });
    const { status, cookie, body } = await signIn(String(key.secret));
    expect([status, body.account, body.modes]).toEqual([200, one.account, ["test"]]);
    const headers = page(cookie);
    expect((await send("/v1/account", { headers })).status).toBe(200);
    for (const [method, path] of [
      ["GET", "/console/events"],
      ["GET", "/console/keys"],
      ["POST", "/console/keys"],
      ["POST", "/v1/accounts"],
      ["GET", "/console/stream"],
    ] as const)
      expect([path, (await send(path, { method, headers, ...(method === "POST" ? { form: {} } : {}) })).status]).toEqual([path, 403]);
  });
});
