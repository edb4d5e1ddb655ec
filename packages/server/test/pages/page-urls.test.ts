import { request as send } from "node:http";
import fc from "fast-check";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../scripts/test-database.ts";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { pageRoutes } from "../../src/pages/pages.ts";
import { type Platform, platformOfItsOwn, refusal } from "../platform-of-its-own.ts";
import { authorizePath, browser } from "./oauth/consent.ts";

let database: TestDatabase;
let servers: { name: string; server: Carabiner; platform: Platform }[];
beforeAll(async () => {
  database = await createTestDatabase();
  const started = { memory: await startCarabiner(), postgres: await startCarabiner({ store: { url: database.url } }) };
  servers = [];
  for (const [name, server] of Object.entries(started)) servers.push({ name, server, platform: await platformOfItsOwn(server) });
});
afterAll(async () => {
  await Promise.all(servers.map(({ server }) => server.close()));
  await database.drop();
});

const ASCII = /^[\x21-\x7e]*$/;
const on = (name: string) => servers.find((one) => one.name === name) as (typeof servers)[number];
const accountOf = async (stripe: Stripe) => (await stripe.accounts.create({ type: "express", business_type: "individual" })).id;
const link = (stripe: Stripe, account: string, urls: { refresh_url: string; return_url: string }) =>
  stripe.accountLinks.create({ account, type: "account_onboarding", ...urls });
const GOOD = "https://platform.example/done";

/** URLs that no browser should be sent to. */
const REFUSED = [
  "https://platform.example/a\r\nSet-Cookie: x=1",
  "https://platform.example/\nb",
  "https://platform.example/\tb",
  "https://platform.example/a b",
  "https://platform.example/\u007f",
  "https://platform.example/\u0085",
  "https://platform.example/\u2028",
  "https://platform\r\n.example/",
  "java\nscript:alert(1)",
  "https://x;sandbox/",
  "https://*/",
  "https://a,b/",
];

describe.each(["memory", "postgres"])("on %s", (name) => {
  test.each(REFUSED)("%j is refused wherever a browser would be sent to it, by the parameter's name", async (url) => {
    const { platform } = on(name);
    const account = await accountOf(platform.test);
    for (const param of ["refresh_url", "return_url"] as const)
      expect(await refusal(link(platform.test, account, { refresh_url: GOOD, return_url: GOOD, [param]: url }))).toMatchObject({
        status: 400,
        code: "url_invalid",
        param,
      });
    const application = await platform.test.rawRequest("GET", "/console/application");
    const redirects = platform.test.rawRequest("POST", "/console/application", { redirect_uris: [GOOD, url] });
    expect(await refusal(redirects)).toMatchObject({ status: 400, code: "url_invalid", param: "redirect_uris[1]" });
    expect(await platform.test.rawRequest("GET", "/console/application")).toEqual(application);
  });

  test("others are sent as URLs are written", async () => {
    const { server, platform } = on(name);
    const account = await accountOf(platform.test);
    const urls = { refresh_url: "https://漢.example/zurück?q=漢#é", return_url: "HTTPS://platform.example/ü" };
    const { url } = await link(platform.test, account, urls);
    const { go } = browser(server);
    const { location: path } = await go(url);
    const page = await go(path);
    expect((await go(path, { form_token: page.formToken, action: "leave" })).location).toBe("https://platform.example/%C3%BC");
    expect((await go(url)).location).toBe("https://xn--hex.example/zur%C3%BCck?q=%E6%BC%A2#%C3%A9");

    const redirectUri = "https://platform.example/zurück?a=ü";
    await platform.test.rawRequest("POST", "/console/application", { redirect_uris: [redirectUri] });
    const consent = authorizePath({ client_id: platform.applications.test, redirect_uri: redirectUri, state: "s\r\n漢" });
    const { formToken } = await go(consent);
    const sent = await go(consent, { form_token: formToken, action: "deny" });
    expect(sent.location).toMatch(ASCII);
    const { origin, pathname, searchParams } = new URL(sent.location);
    expect([origin, decodeURI(pathname), searchParams.get("a"), searchParams.get("state")]).toEqual([
      "https://platform.example",
      "/zurück",
      "ü",
      "s\r\n漢",
    ]);
  });

  test("any URL is refused, or leads away in ASCII", async () => {
    const { server, platform } = on(name);
    const account = await accountOf(platform.test);
    const part = fc.string({ unit: "binary", maxLength: 12 });
    const urls = fc.oneof(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc
        .tuple(fc.constantFrom("https://", "http://", "//", ""), part, fc.constantFrom("/", ":", "@", "?", "#", ""), part)
        .map((all) => all.join("")),
      fc.tuple(fc.constantFrom("platform.example", "[::1]", "1.2.3.4"), part).map(([host, rest]) => `https://${host}/${rest}`),
    );
    let followed = 0;
    await fc.assert(
      fc.asyncProperty(urls, fc.string({ unit: "binary", maxLength: 8 }), async (url, state) => {
        const made = await link(platform.test, account, { refresh_url: url, return_url: url }).catch(
          (error: { statusCode?: number }) => error,
        );
        if (!("url" in made)) {
          expect((made as { statusCode?: number }).statusCode).toBe(400);
          return;
        }
        followed++;
        const { go } = browser(server);
        const { location: path } = await go(String(made.url));
        const page = await go(path);
        expect(page.headers.get("content-security-policy")).toMatch(/form-action 'self' [^ ;,]+; base-uri/);
        const left = await go(path, { form_token: page.formToken, action: "leave" });
        const again = await go(String(made.url));
        expect(left.location).toBe(new URL(url).href);
        for (const { status, location } of [left, again]) {
          expect(status).toBe(303);
          expect(location).toMatch(ASCII);
        }
        // A redirect URI has neither fragment nor password.
        const registered = await platform.test
          .rawRequest("POST", "/console/application", { redirect_uris: [url] })
          .catch((error: { param?: string }) => error);
        if ("param" in registered) {
          expect(registered.param).toBe("redirect_uris[0]");
          return;
        }
        const consent = authorizePath({ client_id: platform.applications.test, state });
        const denied = await go(consent, { form_token: (await go(consent)).formToken, action: "deny" });
        expect(denied.status).toBe(303);
        expect(denied.location).toMatch(ASCII);
      }),
      { numRuns: 60, seed: 13 },
    );
    expect(followed).toBeGreaterThan(10);
  });

  test("no page answers 500, whatever the request", async () => {
    const { server, platform } = on(name);
    const odd = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }).map(escaped),
      fc.constantFrom(
        "%00",
        "%0d%0a",
        "%ff",
        "%",
        "..",
        "%2f",
        "__proto__",
        "a[b]",
        "acct_1",
        platform.account,
        platform.applications.test,
      ),
    );
    const field = fc.constantFrom(
      "client_id",
      "response_type",
      "scope",
      "state",
      "redirect_uri",
      "stripe_landing",
      "stripe_user[email]",
      "stripe_user[country]",
      "suggested_capabilities[]",
      "form_token",
      "action",
      "account",
      "key",
      "email",
      "business_name",
      "country",
      "grant_type",
      "code",
      "refresh_token",
      "client_secret",
      "stripe_user_id",
      "constructor",
      "a[b][c]",
    );
    const form = fc.array(fc.tuple(field, odd), { maxLength: 6 }).map((pairs) => pairs.map((pair) => pair.join("=")).join("&"));
    const asked = fc.record({
      route: fc.constantFrom(...pageRoutes),
      named: fc.array(odd, { minLength: 4, maxLength: 4 }),
      query: form,
      known: fc.boolean(),
      body: fc.oneof(form, fc.json({ maxDepth: 2 })),
      type: fc.constantFrom("application/x-www-form-urlencoded", "application/json", "text/plain"),
      cookie: fc.oneof(
        odd,
        odd.map((value) => `carabiner_consent=${value}; carabiner_page=${value}`),
      ),
      authorization: fc.option(fc.constantFrom("Bearer x", "Basic x", `Bearer ${platform.keys.test.secret}`), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(asked, async ({ route, named, query, known, body, type, cookie, authorization }) => {
        let place = 0;
        const path = route.path.replace(/:\w+/g, () => named[place++] ?? "");
        const request = known ? `client_id=${platform.applications.test}&response_type=code&${query}` : query;
        const headers = { "content-type": type, cookie, ...(authorization === undefined ? {} : { authorization }) };
        const { status, headers: answered } = await ask(server, {
          method: route.method,
          path: `${path}?${request}`,
          headers,
          body: route.method === "POST" ? body : "",
        });
        expect(status).toBeLessThan(500);
        expect(String(answered.location ?? "")).toMatch(ASCII);
      }),
      { numRuns: 300, seed: 13 },
    );
  });
});

/** As it stands in a path or a form. */
function escaped(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** On a bare request, because `fetch` would fix some of what is odd. */
function ask(server: Carabiner, { body, ...rest }: { method: string; path: string; headers: Record<string, string>; body: string }) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; headers: Record<string, unknown> }>();
  send({ host: server.host, port: server.port, ...rest }, (answer) => {
    answer.resume().on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers }));
  })
    .on("error", reject)
    .end(body);
  return promise;
}
