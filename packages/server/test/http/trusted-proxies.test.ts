import { request as send } from "node:http";
import { expect, test } from "vitest";
import { type Carabiner, type CarabinerOptions, startCarabiner } from "../../src/index.ts";
import { authorizePath, browser, withRedirects } from "../pages/oauth/consent.ts";
import { platformOfItsOwn, refusal } from "../platform-of-its-own.ts";
import { start } from "../server-of-its-own.ts";

/** Asks from another address of this machine. Resolves with the answer. */
function ask(server: Carabiner, from: string, method: string, path: string, headers: Record<string, string>, body = "") {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>();
  send({ host: "127.0.0.1", port: server.port, localAddress: from, method, path, headers, agent: false }, (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (part) => (text += part));
    answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
  })
    .on("error", reject)
    .end(body);
  return promise;
}

/** The reported address that a token is made from. */
async function toldAddress(server: Carabiner, from: string, forwardedFor: string): Promise<unknown> {
  const headers = {
    authorization: `Bearer ${server.keys.test.secret}`,
    "content-type": "application/x-www-form-urlencoded",
    "x-forwarded-for": forwardedFor,
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    forwarded: "for=198.51.100.66;proto=https",
  };
  const { text } = await ask(server, from, "POST", "/v1/tokens", headers, "pii[id_number]=000000000");
  return (JSON.parse(text) as { client_ip?: unknown }).client_ip;
}

const listen = (options: CarabinerOptions) => start({ host: "0.0.0.0", publicUrl: "http://127.0.0.1", ...options });

test("where a request comes from is taken from X-Forwarded-For when a trusted proxy sends it", async () => {
  const server = await listen({ trustedProxies: ["127.0.0.2/32"] });
  expect(await toldAddress(server, "127.0.0.2", "203.0.113.5")).toBe("203.0.113.5");
  expect(await toldAddress(server, "127.0.0.2", "1.1.1.1, 203.0.113.5, 127.0.0.2")).toBe("203.0.113.5");
  expect(await toldAddress(server, "127.0.0.3", "203.0.113.5")).toBe("127.0.0.3");
});

test("without trusted proxies it is the other end of the connection", async () => {
  const server = await listen({});
  expect(await toldAddress(server, "127.0.0.2", "203.0.113.5")).toBe("127.0.0.2");
});

test.each([
  ["127.0.0.2", "203.0.113.5"],
  ["127.0.0.3", "127.0.0.3"],
])("terms accepted on a page through %s are accepted from %s", async (peer, address) => {
  const server = await listen({ trustedProxies: ["127.0.0.2"] });
  const p = await platformOfItsOwn(server);
  const { id } = await p.test.accounts.create({ type: "express", business_type: "individual" });
  const urls = { refresh_url: "https://platform.example/again", return_url: "https://platform.example/done" };
  const { url } = await p.test.accountLinks.create({ account: id, type: "account_onboarding", ...urls });
  const forged = { "x-forwarded-for": "203.0.113.5", "x-forwarded-proto": "https", "x-forwarded-host": "evil.example" };
  const arrived = await ask(server, peer, "GET", new URL(url).pathname, forged);
  const path = String(arrived.headers.location);
  const [cookie = ""] = arrived.headers["set-cookie"] ?? [];
  // What the headers say of scheme and host is believed of nobody: the public URL says both.
  expect(path).toMatch(/^\/setup\/\w+$/);
  expect(cookie).toMatch(/^carabiner_page=/);
  const headers = { ...forged, cookie: cookie.split(";")[0] ?? "", "content-type": "application/x-www-form-urlencoded" };
  const page = await ask(server, peer, "GET", path, headers);
  const token = /name="form_token" value="(\w+)"/.exec(page.text)?.[1] ?? "";
  const filled = await ask(server, peer, "POST", path, headers, `form_token=${token}&action=fill`);
  const form = new URLSearchParams({ form_token: token, action: "save" });
  for (const [, name = "", value = ""] of filled.text.matchAll(/<(?:input|select)[^>]*\bname="([^"]+)"[^>]*?(?:value="([^"]*)")?>/g))
    if (!form.has(name)) form.set(name, value === "" ? "true" : value);
  const sent = await ask(server, peer, "POST", path, headers, String(form));
  expect(sent.status).toBe(303);
  expect((await p.test.accounts.retrieve(id)).tos_acceptance?.ip).toBe(address);
});

test.each(["proxy.internal", "10.0.0.0/33", ""])("%j is no proxy's address", async (range) => {
  await expect(startCarabiner({ trustedProxies: [range] })).rejects.toThrow("trustedProxies");
});

test("keys are guessed as slowly on pages and at /oauth/token as elsewhere", async () => {
  const server = await start({ limits: { requestsPerSecondPerKey: 0.001, requestBurstPerKey: 20 } });
  const p = await withRedirects(await platformOfItsOwn(server));
  const path = authorizePath({ client_id: p.applications.test });
  const { go } = browser(server);
  const { formToken } = await go(path);
  const tried: number[] = [];
  for (let n = 0; n < 12; n++) {
    const guess = { form_token: formToken, action: "connect", key: `sk_test_guess${n}` };
    tried.push((await go(path, guess)).status);
    const { status } = await refusal(
      p.test.rawRequest("POST", "/oauth/token", { client_secret: `guess${n}` }, { apiKey: `sk_test_guess${n}` }),
    );
    tried.push(status ?? 0);
  }
  expect(tried).toEqual(Array.from({ length: 24 }, (_, n) => (n >= 20 ? 429 : n % 2 === 0 ? 422 : 401)));
  const late = await go(path, { form_token: formToken, action: "connect", key: "sk_test_late" });
  expect([late.status, Number(late.headers.get("retry-after"))]).toEqual([429, expect.any(Number)]);
  expect(late.text).toContain("Too many keys have been tried from this address.");
  // A client that has proved a valid key continues with it.
  expect((await p.test.accounts.list()).data).toEqual([]);
});
