import { hash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { pageRoutes } from "../../src/pages/pages.ts";
import { type Platform, platformOfItsOwn } from "../platform-of-its-own.ts";
import { cleanUp, start } from "../server-of-its-own.ts";
import { authorizePath, withRedirects } from "./oauth/consent.ts";

const URLS = { refresh_url: "https://platform.example/again", return_url: "https://platform.example/done" };
const COMPLETE = "Jo & Co";

interface Sent {
  cookie?: string;
  form?: Record<string, string>;
  headers?: Record<string, string>;
}

/** A request as a browser makes it that says of itself what it is told to. */
async function go(server: Carabiner, path: string, { cookie, form, headers = {} }: Sent = {}) {
  const response = await fetch(new URL(path, server.url), {
    redirect: "manual",
    headers: { ...headers, ...(cookie === undefined ? {} : { cookie }) },
    ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
  });
  const text = await response.text();
  const set = response.headers.getSetCookie();
  return {
    status: response.status,
    text,
    location: response.headers.get("location") ?? "",
    set,
    cookie: set[0]?.split(";")[0],
    formToken: /name="form_token" value="(\w+)"/.exec(text)?.[1] ?? "",
  };
}

const platformWith = async (server: Carabiner) => withRedirects(await platformOfItsOwn(server));

/** A consent page as it was opened by a browser without cookies. */
async function consentPage(server: Carabiner, p: Platform, query: Record<string, string> = {}) {
  const path = authorizePath({ client_id: p.applications.test, ...query });
  const { formToken, cookie = "" } = await go(server, path);
  return { path, formToken, cookie };
}

/** An onboarding page, or an Express one, as it was opened by the browser that followed its link. */
async function linkedPage(server: Carabiner, url: string) {
  const arrived = await go(server, new URL(url).pathname.replace(/^\/base/, ""));
  const path = arrived.location.replace(/^\/base/, "");
  const { formToken } = await go(server, path, { cookie: arrived.cookie ?? "" });
  return { path, formToken, cookie: arrived.cookie ?? "", arrived };
}

async function setupLink(p: Platform): Promise<string> {
  const { id } = await p.test.accounts.create({ type: "express", business_type: "individual" });
  return (await p.test.accountLinks.create({ account: id, type: "account_onboarding", ...URLS })).url;
}

async function loginLink(p: Platform): Promise<string> {
  const { id } = await p.test.accounts.create({ type: "express" });
  await p.test.rawRequest("POST", `/v1/test_helpers/accounts/${id}/complete_onboarding`, { business_type: "individual" });
  return (await p.test.accounts.createLoginLink(id)).url;
}

/** Every page with a form: how a browser comes to it, and what it sends there that is taken. */
const FORMS: Readonly<
  Record<
    string,
    (server: Carabiner, p: Platform) => Promise<{ path: string; formToken: string; cookie: string; form: Record<string, string> }>
  >
> = {
  "/oauth/authorize": async (server, p) => ({ ...(await consentPage(server, p)), form: { action: "skip", business_name: COMPLETE } }),
  "/express/oauth/authorize": async (server, p) => {
    const page = await consentPage(server, p);
    const path = `/express${page.path}`;
    return { path, ...(await go(server, path, { cookie: page.cookie })), cookie: page.cookie, form: { action: "skip" } };
  },
  "/setup/:name": async (server, p) => ({ ...(await linkedPage(server, await setupLink(p))), form: { action: "leave" } }),
  "/checkout/:session": async (server, p) => {
    const { url } = await p.test.checkout.sessions.create({
      mode: "payment",
      line_items: [{ price_data: { currency: "usd", unit_amount: 100, product_data: { name: "Ride" } }, quantity: 1 }],
      success_url: "https://example.com/done",
      cancel_url: "https://example.com/cart",
    });
    const path = new URL(url as string).pathname.replace(/^\/base/, "");
    const { formToken, cookie = "" } = await go(server, path);
    return { path, formToken, cookie, form: { action: "cancel" } };
  },
  "/express/:name": async (server, p) => ({
    ...(await linkedPage(server, await loginLink(p))),
    form: { "external_account.account_number": "000123456789", "external_account.routing_number": "110000000" },
  }),
};

describe("every page with a form", () => {
  test("has its case here; only what servers of platforms call is none", () => {
    const posts = pageRoutes.filter(({ method }) => method === "POST");
    expect(posts.filter(({ byServers }) => byServers === true).map(({ path }) => path)).toEqual(["/oauth/token", "/oauth/deauthorize"]);
    expect(
      posts
        .filter(({ byServers }) => byServers !== true)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(Object.keys(FORMS).sort());
  });

  test.each(Object.entries(FORMS))("%s takes its form from itself alone", async (_, open) => {
    const server = await start();
    const p = await platformWith(server);
    const { path, formToken, cookie, form } = await open(server, p);
    const events = async () => [(await p.test.events.list({ limit: 100 })).data.length, (await p.test.accounts.list()).data.length];
    const before = await events();
    const send = (headers: Record<string, string>, more: Partial<Sent> = {}) =>
      go(server, path, { cookie, form: { form_token: formToken, ...form }, headers, ...more });
    for (const headers of [
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "cross-site" },
      // The name that a browser was led here by says nothing.
      { origin: "http://rebound.example", host: "rebound.example", "sec-fetch-site": "same-origin" },
      { origin: server.url.replace("http:", "https:") },
    ]) {
      const refused = await send(headers);
      expect([refused.status, refused.text], JSON.stringify(headers)).toEqual([403, expect.stringContaining("sent from another site")]);
    }
    const own = { origin: server.url, "sec-fetch-site": "same-origin" };
    for (const refused of [
      await send(own, { cookie: "" }),
      await send(own, { form }),
      await send(own, { form: { ...form, form_token: "guess" } }),
      await send({}, { form }),
    ])
      expect(refused.status).toBe(403);
    expect(await events()).toEqual(before);
    expect((await send(own)).status).toBe(303);
  });

  test.each(Object.entries(FORMS))(
    "%s takes it from a browser that says nothing of where it comes from, with its token",
    async (_, open) => {
      const server = await start();
      const { path, formToken, cookie, form } = await open(server, await platformWith(server));
      expect((await go(server, path, { cookie, form: { form_token: formToken, ...form } })).status).toBe(303);
    },
  );
});

describe("cookies", () => {
  test("behind https are named for what the browser shall demand of them, and stay below the public URL", async () => {
    const server = await start({ publicUrl: "https://connect.example.com/base/" });
    const p = await platformWith(server);
    const { set } = await go(server, authorizePath({ client_id: p.applications.test }));
    expect(set).toEqual([expect.stringMatching(/^__Host-carabiner_consent=[\w.]+; Path=\/; HttpOnly; SameSite=Lax; Secure$/)]);
    const url = await setupLink(p);
    expect(url).toMatch(/^https:\/\/connect\.example\.com\/base\/setup\/e\//);
    const { arrived, path, cookie, formToken } = await linkedPage(server, url);
    expect(arrived.location).toMatch(/^\/base\/setup\/\w+$/);
    expect(arrived.set).toEqual([
      expect.stringMatching(new RegExp(`^__Secure-carabiner_page=\\w+; Path=${arrived.location}; HttpOnly; SameSite=Lax; Secure$`)),
    ]);
    const leave = (headers: Record<string, string>) =>
      go(server, path, { cookie, form: { form_token: formToken, action: "leave" }, headers });
    expect((await leave({ origin: "https://connect.example.com", "sec-fetch-site": "same-origin" })).location).toBe(URLS.return_url);
    // Its own address is not where browsers find it, and anyone may have set a cookie with the plain name.
    expect((await leave({ origin: server.url })).status).toBe(403);
    expect((await go(server, path, { cookie: cookie.replace("__Secure-", "") })).status).toBe(403);
  });

  test("without https have plain names", async () => {
    const server = await start();
    const p = await platformWith(server);
    expect((await go(server, authorizePath({ client_id: p.applications.test }))).set).toEqual([
      expect.stringMatching(/^carabiner_consent=[\w.]+; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    expect((await linkedPage(server, await setupLink(p))).arrived.set).toEqual([
      expect.stringMatching(/^carabiner_page=\w+; Path=\/setup\/\w+; HttpOnly; SameSite=Lax$/),
    ]);
  });

  test.each(["ftp://connect.example.com", "connect.example.com", "https://a:b@connect.example.com", "https://x/?a=1", ""])(
    "%j is no public URL",
    async (publicUrl) => {
      await expect(startCarabiner({ publicUrl })).rejects.toThrow("publicUrl");
    },
  );
});

describe("a consent cookie that somebody else has set", () => {
  const planted = "x".repeat(32);
  /** What the token of a planted cookie would be, had it been made of the cookie alone. */
  const forged = (value: string) => hash("sha256", `form:${value}`, "hex");

  test("is not taken, and another one given", async () => {
    const server = await start();
    const p = await platformWith(server);
    const { path, cookie: own, formToken } = await consentPage(server, p);
    const value = own.split("=")[1] ?? "";
    const [random = "", signature = ""] = value.split(".");
    for (const foreign of [
      planted,
      `${planted}.${signature}`,
      `${random}.`,
      random,
      `${random}.${"0".repeat(64)}`,
      "",
      value.slice(0, -1),
    ]) {
      const cookie = `carabiner_consent=${foreign}`;
      const shown = await go(server, path, { cookie });
      expect(shown.cookie, foreign).toMatch(/^carabiner_consent=\w{32}\.\w{64}$/);
      for (const form_token of [forged(foreign), formToken, shown.formToken])
        expect((await go(server, path, { cookie, form: { form_token, action: "skip" } })).status).toBe(403);
    }
  });

  test("does not keep ours from being found", async () => {
    const server = await start();
    const { path, cookie, formToken } = await consentPage(server, await platformWith(server));
    const both = `carabiner_consent=${planted}; ${cookie}; carabiner_consent=y`;
    expect((await go(server, path, { cookie: both })).set).toEqual([]);
    expect((await go(server, path, { cookie: both, form: { form_token: formToken, action: "skip" } })).status).toBe(303);
  });

  test("nor is one that another server has made", async () => {
    const [server, other] = [await start(), await start()];
    const [p, q] = [await platformWith(server), await platformWith(other)];
    const { path } = await consentPage(server, p);
    const { cookie, formToken } = await consentPage(other, q);
    expect((await go(server, path, { cookie })).set).toHaveLength(1);
    expect((await go(server, path, { cookie, form: { form_token: formToken, action: "skip" } })).status).toBe(403);
  });

  test("nor is the form of one request taken for another", async () => {
    const server = await start();
    const p = await platformWith(server);
    const { path, cookie, formToken } = await consentPage(server, p, { state: "one" });
    const q = await platformWith(server);
    for (const other of [
      authorizePath({ client_id: q.applications.test, state: "one" }),
      authorizePath({ client_id: p.applications.test, state: "two" }),
      `${path}&stripe_user[email]=a@example.com`,
      `/express${path}`,
    ])
      expect((await go(server, other, { cookie, form: { form_token: formToken, action: "skip" } })).status, other).toBe(403);
    expect((await go(server, path, { cookie, form: { form_token: formToken, action: "skip" } })).status).toBe(303);
  });

  test("but one that this store's servers have made is, also after a restart", async () => {
    const directory = mkdtempSync(join(tmpdir(), "carabiner-"));
    cleanUp.push(() => rmSync(directory, { recursive: true }));
    const store = { file: join(directory, "carabiner.db") };
    const first = await startCarabiner({ store });
    const { path, cookie, formToken } = await consentPage(first, await platformWith(first));
    await first.close();
    const second = await start({ store });
    expect((await go(second, path, { cookie, form: { form_token: formToken, action: "skip" } })).status).toBe(303);
  });
});
