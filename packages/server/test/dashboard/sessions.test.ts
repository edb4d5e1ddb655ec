import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, type CarabinerOptions, createPlatform, startCarabiner } from "../../src/index.ts";
import { platformOfItsOwn } from "../platform-of-its-own.ts";
import { cleanUp, start } from "../server-of-its-own.ts";

/** Sessions of the dashboard: who may use it, and as whom. */

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  form?: Record<string, string>;
}

interface Answered {
  status: number;
  cookie: string | undefined;
  setCookie: string | undefined;
  retryAfter: string | undefined;
  body: Record<string, unknown> & { error?: { code?: string; message: string } };
}

/** Sends a request as a browser does: `fetch` would not let a test choose `Host`, `Origin` and `Sec-Fetch-Site`. */
function browse(server: Carabiner, path: string, { method = "GET", headers = {}, form }: Asked = {}): Promise<Answered> {
  const body = form === undefined ? "" : new URLSearchParams(form).toString();
  const type: Record<string, string> = form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
  return new Promise((resolve, reject) => {
    const asked = httpRequest(server.url + path, { method, headers: { ...type, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const setCookie = response.headers["set-cookie"]?.[0];
        const retryAfter = response.headers["retry-after"];
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: response.statusCode ?? 0,
          setCookie,
          cookie: setCookie?.split(";")[0],
          retryAfter,
          body: JSON.parse(text) as Answered["body"],
        });
      });
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

const fromPage = (server: Carabiner, cookie?: string, mode = "test"): Record<string, string> => ({
  origin: server.url,
  "sec-fetch-site": "same-origin",
  "carabiner-mode": mode,
  ...(cookie === undefined ? {} : { cookie }),
});

const signIn = (server: Carabiner, key: string, headers: Record<string, string> = {}) =>
  browse(server, "/console/session", {
    method: "POST",
    headers: { origin: server.url, "sec-fetch-site": "same-origin", ...headers },
    form: { key },
  });

async function serving(options: CarabinerOptions = {}) {
  const server = await start({ mode: "serve", ...options });
  return server;
}

describe("a development server", () => {
  let server: Carabiner;
  beforeAll(async () => {
    server = await startCarabiner();
  });
  afterAll(() => server.close());

  test("lets a browser on its machine use its platform in both modes, without signing in", async () => {
    const who = await browse(server, "/console/session", { headers: fromPage(server) });
    expect(who.body).toMatchObject({ object: "session", signed_in_with: null, development: true, account: server.account });
    expect(who.body.modes).toEqual(["test", "live"]);
    const made = await browse(server, "/v1/accounts", { method: "POST", headers: fromPage(server), form: { type: "express" } });
    expect(made.status).toBe(200);
    const list = await browse(server, "/v1/accounts", { headers: fromPage(server) });
    expect((list.body.data as { id: string }[]).map(({ id }) => id)).toContain(made.body.id);
    const live = await browse(server, "/console/webhook_endpoints", { headers: fromPage(server, undefined, "live") });
    expect(live.body).toMatchObject({ object: "list", data: [] });
    expect((await browse(server, "/v1/test_helpers/clock", { headers: fromPage(server) })).body).toMatchObject({ frozen: false });
  });

  test("shows nothing to other names, other sites, proxies, and requests without a mode", async () => {
    const page = fromPage(server);
    const { "carabiner-mode": _, ...withoutMode } = page;
    const { port } = server;
    const refused: [Record<string, string>, string | undefined][] = [
      [{ ...page, host: `attacker.example:${port}`, origin: `http://attacker.example:${port}` }, "session_cross_site"],
      [{ "carabiner-mode": "test", host: `attacker.example:${port}` }, undefined],
      [{ ...page, "sec-fetch-site": "cross-site", origin: "https://attacker.example" }, "session_cross_site"],
      [{ ...page, "sec-fetch-site": "same-site" }, "session_cross_site"],
      [{ ...page, origin: "null" }, "session_cross_site"],
      [{ ...page, "x-forwarded-for": "203.0.113.9" }, undefined],
      [withoutMode, undefined],
    ];
    for (const [headers, code] of refused) {
      const { status, body } = await browse(server, "/v1/accounts", { headers });
      expect([status, body.error?.code], JSON.stringify(headers)).toEqual([code === undefined ? 401 : 403, code]);
    }
    expect((await browse(server, "/v1/accounts", { headers: fromPage(server, undefined, "both") })).status).toBe(400);
    expect((await browse(server, "/console/session", { headers: { host: `attacker.example:${port}` } })).status).toBe(401);
  });

  test("shows another of its platforms to who signs in with its key, until they sign out", async () => {
    const other = await platformOfItsOwn(server);
    const { cookie } = await signIn(server, other.keys.test.secret);
    expect(cookie).toMatch(new RegExp(`^carabiner_${server.port}=\\w{32}$`));
    const who = await browse(server, "/console/session", { headers: fromPage(server, cookie) });
    expect(who.body).toMatchObject({ signed_in_with: "key", account: other.account, modes: ["test"] });
    const out = await browse(server, "/console/session", { method: "DELETE", headers: fromPage(server, cookie) });
    expect(out.setCookie).toContain("Max-Age=0");
    expect((await browse(server, "/v1/accounts", { headers: fromPage(server, cookie) })).body.error?.code).toBe("session_ended");
    const back = await browse(server, "/console/session", { headers: fromPage(server, cookie) });
    expect([back.body.account, back.setCookie?.includes("Max-Age=0")]).toEqual([server.account, true]);
  });

  test("remembers what the page changes, and not what it reads", async () => {
    await browse(server, "/v1/accounts", { headers: fromPage(server) });
    const made = await browse(server, "/v1/accounts", { method: "POST", headers: fromPage(server), form: { type: "custom" } });
    const log = async () =>
      (await browse(server, "/console/requests?limit=100", { headers: fromPage(server) })).body.data as { method: string; key: string }[];
    await expect.poll(async () => (await log()).filter(({ key }) => key === "dashboard").length).toBeGreaterThan(0);
    expect(made.status).toBe(200);
    expect((await log()).filter(({ key, method }) => key === "dashboard" && method === "GET")).toEqual([]);
  });
});

describe("a server to rely on", () => {
  let server: Carabiner;
  let one: Awaited<ReturnType<typeof createPlatform>>;
  let two: Awaited<ReturnType<typeof createPlatform>>;
  let folder: string;
  beforeAll(async () => {
    const { mkdtemp } = await import("node:fs/promises");
    const { tmpdir } = await import("node:os");
    const { join } = await import("node:path");
    folder = await mkdtemp(join(tmpdir(), "sessions-"));
    const store = { file: join(folder, "carabiner.db") };
    one = await createPlatform({ store, name: "One" });
    two = await createPlatform({ store, name: "Two" });
    server = await startCarabiner({ mode: "serve", store, limits: { dashboardSignInsPerMinute: 1_000 } });
  });
  afterAll(async () => {
    await server.close();
    const { rm } = await import("node:fs/promises");
    await rm(folder, { recursive: true });
  });

  test("asks for a secret key, and gives a session for its platform in its mode alone", async () => {
    expect((await browse(server, "/console/session", { headers: fromPage(server) })).body.error?.code).toBe("session_missing");
    expect((await browse(server, "/v1/accounts", { headers: fromPage(server) })).status).toBe(401);
    const { body, cookie, setCookie } = await signIn(server, one.keys.test.secret);
    expect(body).toMatchObject({ signed_in_with: "key", development: false, account: one.account, name: "One", modes: ["test"] });
    expect(setCookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await browse(server, "/console/keys", { headers: fromPage(server, cookie) })).status).toBe(200);
    const live = await browse(server, "/console/keys", { headers: fromPage(server, cookie, "live") });
    expect([live.status, live.body.error?.code]).toEqual([403, "session_mode_missing"]);
    const clock = await browse(server, "/v1/test_helpers/clock", { headers: fromPage(server, cookie) });
    expect(clock.status).toBeGreaterThanOrEqual(400);
  });

  test("adds the other mode with its key, of the same platform alone; each session has a new cookie", async () => {
    const test = await signIn(server, one.keys.test.secret);
    const both = await signIn(server, one.keys.live.secret, { cookie: test.cookie ?? "" });
    expect(both.body.modes).toEqual(["test", "live"]);
    expect(both.cookie).not.toBe(test.cookie);
    expect((await browse(server, "/v1/accounts", { headers: fromPage(server, test.cookie) })).body.error?.code).toBe("session_ended");
    expect((await browse(server, "/v1/accounts", { headers: fromPage(server, both.cookie, "live") })).status).toBe(200);
    const other = await signIn(server, two.keys.test.secret, { cookie: both.cookie ?? "" });
    expect(other.body).toMatchObject({ account: two.account, modes: ["test"] });
  });

  test("takes no cookie that it has not made", async () => {
    const chosen = `carabiner_${server.port}=${"x".repeat(32)}`;
    expect((await browse(server, "/v1/accounts", { headers: fromPage(server, chosen) })).body.error?.code).toBe("session_ended");
    const { cookie } = await signIn(server, one.keys.test.secret, { cookie: chosen });
    expect(cookie).not.toBe(chosen);
    expect((await browse(server, "/v1/accounts", { headers: fromPage(server, chosen) })).status).toBe(401);
  });

  test("refuses what other sites send with the cookie, and does nothing of it", async () => {
    const { cookie = "" } = await signIn(server, one.keys.test.secret);
    const foreign = { cookie, origin: "https://attacker.example", "sec-fetch-site": "cross-site" };
    const form = { type: "express" };
    const tries: Asked[] = [
      { method: "POST", form, headers: foreign },
      { method: "POST", form, headers: { ...foreign, "carabiner-mode": "test" } },
      { method: "POST", form, headers: { cookie } },
      { method: "POST", form, headers: { cookie, "carabiner-mode": "test", origin: "https://attacker.example" } },
      { method: "POST", form, headers: { cookie, "carabiner-mode": "test", "sec-fetch-site": "same-site" } },
    ];
    for (const asked of tries) expect([401, 403]).toContain((await browse(server, "/v1/accounts", asked)).status);
    expect((await browse(server, "/v1/accounts", { headers: fromPage(server, cookie) })).body.data).toEqual([]);
    for (const asked of [{ method: "POST", form: { key: one.keys.test.secret } }, { method: "DELETE" }])
      expect((await browse(server, "/console/session", { ...asked, headers: foreign })).status).toBe(403);
    expect((await browse(server, "/v1/accounts", { headers: fromPage(server, cookie) })).status).toBe(200);
  });

  test("refuses keys that are public, unknown or missing", async () => {
    const codes = ["pk", "unknown", ""].map((kind) => ({ pk: one.keys.test.publishable, unknown: "sk_test_unknown" })[kind] ?? "");
    const answers = await Promise.all(codes.map((key) => signIn(server, key)));
    expect(answers.map(({ status, cookie }) => [status, cookie])).toEqual([
      [403, undefined],
      [401, undefined],
      [400, undefined],
    ]);
  });

  test("a session ends with the key that opened it", async () => {
    const { body: extra } = await browse(server, "/console/keys", {
      method: "POST",
      headers: { authorization: `Bearer ${one.keys.test.secret}` },
      form: { type: "secret" },
    });
    const { cookie } = await signIn(server, String(extra.secret));
    expect((await browse(server, "/v1/accounts", { headers: fromPage(server, cookie) })).status).toBe(200);
    const authorization = `Bearer ${one.keys.test.secret}`;
    await browse(server, `/console/keys/${String(extra.id)}/revoke`, { method: "POST", headers: { authorization } });
    expect((await browse(server, "/v1/accounts", { headers: fromPage(server, cookie) })).status).toBe(401);
    expect((await browse(server, "/console/session", { headers: fromPage(server, cookie) })).body.error?.code).toBe("session_ended");
  });

  test("sees another's session in nothing: not its events, endpoints, deliveries or keys", async () => {
    const { cookie } = await signIn(server, two.keys.test.secret);
    const bearer = { authorization: `Bearer ${one.keys.test.secret}` };
    const { body: account } = await browse(server, "/v1/accounts", { method: "POST", headers: bearer, form: { type: "express" } });
    for (const path of [`/v1/accounts/${String(account.id)}`, "/console/events", "/v1/accounts"]) {
      const { status, body } = await browse(server, path, { headers: fromPage(server, cookie) });
      if (status === 200) expect(body.data).toEqual([]);
      else expect([403, 404]).toContain(status);
    }
  });
});

test("a session ends when it has lasted, or was not used, for too long", async () => {
  for (const limits of [{ dashboardSessionMs: 0 }, { dashboardIdleMs: 0 }]) {
    const server = await start({ limits });
    const { cookie } = await signIn(server, server.keys.test.secret);
    await expect
      .poll(async () => (await browse(server, "/v1/accounts", { headers: fromPage(server, cookie) })).body.error?.code)
      .toBe("session_ended");
  }
});

test("asking who is signed in is a use of the session, except by a page that nobody touches", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dashboard-sessions-"));
  cleanUp.push(() => rm(folder, { recursive: true }));
  for (const [name, headers] of [["touched", {}] as const, ["untouched", { "carabiner-background": "1" }] as const]) {
    const store = { file: join(folder, `${name}.db`) };
    const server = await start({ store });
    const { cookie } = await signIn(server, server.keys.test.secret);
    const opened = Date.now();
    await expect.poll(() => Date.now()).toBeGreaterThan(opened);
    const asked = await browse(server, "/console/session", { headers: { ...fromPage(server, cookie), ...headers } });
    expect(asked.body.signed_in_with).toBe("key");
    await server.close();
    const database = new DatabaseSync(store.file, { readOnly: true });
    const row = database.prepare("SELECT seen_at > created AS used FROM dashboard_sessions").get();
    database.close();
    expect(row?.used, name).toBe(name === "touched" ? 1 : 0);
  }
});

test("sign-ins of one address are bounded, whether they succeed or not", async () => {
  const server = await serving({ limits: { dashboardSignInsPerMinute: 3 } });
  const answers: Answered[] = [];
  for (let n = 0; n < 4; n++) answers.push(await signIn(server, "sk_test_guess"));
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 429]);
  expect(Number(answers[3]?.retryAfter)).toBeGreaterThan(0);
});

test("behind https the cookie is for this host alone; without it, nobody signs in from elsewhere", async () => {
  const secure = await start({ publicUrl: "https://connect.example.com/tools/carabiner" });
  const headers = { origin: "https://connect.example.com", "sec-fetch-site": "same-origin" };
  const key = secure.keys.test.secret;
  const { setCookie } = await browse(secure, "/console/session", { method: "POST", headers, form: { key } });
  expect(setCookie).toMatch(/^__Host-carabiner=\w{32}; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
  expect((await browse(secure, "/console/session", { headers })).body.error?.code).toBe("session_missing");
  const plain = await start({ publicUrl: "http://connect.example.com" });
  const refused = await browse(plain, "/console/session", {
    method: "POST",
    headers: { origin: "http://connect.example.com" },
    form: { key: plain.keys.test.secret },
  });
  expect([refused.status, refused.body.error?.code]).toEqual([403, "sign_in_insecure"]);
});

test("without the dashboard there are no sessions", async () => {
  const server = await start({ dashboard: false });
  expect(server.dashboard).toBeNull();
  expect((await browse(server, "/console/session", { headers: fromPage(server) })).status).toBe(404);
  expect((await browse(server, "/v1/accounts", { headers: fromPage(server) })).status).toBe(401);
});
