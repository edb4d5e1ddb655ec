import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { client, ownKeys, type Platform, platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";
import { startWebhookReceiver } from "../../webhook-receiver.ts";
import { authorizePath, browser, connect, consent, REDIRECT_URI, withRedirects } from "./consent.ts";

let server: Carabiner;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
beforeAll(async () => {
  server = await startCarabiner({ limits: { authorizationCodeMs: 60_000, authorizationCodeKeptMs: 120_000 } });
  receiver = await startWebhookReceiver();
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

const platform = async () => withRedirects(await platformOfItsOwn(server));

/** Calls an OAuth address without the SDK. */
async function post(path: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(server.url + path, { method: "POST", headers, body: new URLSearchParams(form) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown>, headers: response.headers };
}

/** What an OAuth call was refused with, as the SDK tells it. */
async function oauthRefusal(call: Promise<unknown>) {
  const { status, message } = await refusal(call);
  const error = await call.catch((thrown: Stripe.errors.StripeError) => thrown.rawType as string | undefined);
  return { status, error, message };
}

const skip = { action: "skip" };
const exchange = (stripe: Stripe, code: string) => stripe.oauth.token({ grant_type: "authorization_code", code });

/** The events of the connection that endpoints of a platform got, with the endpoint they came to. */
async function listenTo(platform: Platform, name: string) {
  for (const mode of ["test", "live"] as const)
    for (const connect of [true, false])
      await platform[mode].webhookEndpoints.create({
        url: receiver.url(`/${name}-${mode}-${connect ? "connect" : "account"}`),
        enabled_events: ["*"],
        connect,
      });
}
const heardBy = async (name: string) => {
  await server.idle();
  return receiver.received
    .filter(({ path }) => path.startsWith(`/${name}-`))
    .map(({ path, event }) => [path.slice(name.length + 2), event.type, event.account, (event.data.object as { id: string }).id]);
};

describe("a connection", () => {
  test("is made by consent and a code, and told to the platform concerned alone, in its mode", async () => {
    const [p, other] = [await platform(), await platform()];
    await listenTo(p, "made");
    await listenTo(other, "unconcerned");
    const { code, scope, state } = await consent(server, { client_id: p.applications.test, state: "x y&z" }, skip);
    expect({ scope, state }).toEqual({ scope: "read_write", state: "x y&z" });
    expect(code).toMatch(/^ac_\w{32}$/);
    expect(await heardBy("made")).toEqual([]);

    const token = await exchange(p.test, code);
    expect(token).toMatchObject({ livemode: false, scope: "read_write", token_type: "bearer" });
    expect(token.access_token).toMatch(/^sk_test_/);
    expect(token.stripe_publishable_key).toMatch(/^pk_test_/);
    expect(token.refresh_token).toMatch(/^rt_/);
    const id = token.stripe_user_id ?? "";
    expect(await p.test.accounts.retrieve(id)).toMatchObject({ id, type: "standard", controller: { type: "account" } });
    expect(await heardBy("made")).toEqual([["test-connect", "account.application.authorized", id, p.applications.test]]);
    expect(await heardBy("unconcerned")).toEqual([]);
    expect((await p.test.events.list({}, { stripeAccount: id })).data.map(({ type }) => type)).toEqual(["account.application.authorized"]);
  });

  test("of an Express account is the platform's, which controls it", async () => {
    const p = await platform();
    const query = { client_id: p.applications.test, "stripe_user[country]": "DE", "suggested_capabilities[]": "transfers" };
    const { code } = await consent(server, query, { action: "create", email: "anna@example.com", country: "DE" }, true);
    const { stripe_user_id: id = "", scope } = await exchange(p.test, code);
    expect(scope).toBe("read_write");
    expect(await p.test.accounts.retrieve(id)).toMatchObject({
      type: "express",
      country: "DE",
      email: "anna@example.com",
      controller: { is_controller: true },
      capabilities: { transfers: expect.any(String) },
    });
    expect(await oauthRefusal(p.test.oauth.deauthorize({ client_id: p.applications.test, stripe_user_id: id }))).toMatchObject({
      status: 401,
      error: "invalid_client",
      message: expect.stringContaining("no_deauth_on_controlled_account"),
    });
  });

  test("can be had by several platforms, and be ended by one without the others' noticing", async () => {
    const [p, q] = [await platform(), await platform()];
    const { id } = await p.test.accounts.create({ type: "standard" });
    expect(await connect(server, q, "test", { action: "connect", account: id })).toBe(id);
    await listenTo(p, "first");
    await listenTo(q, "second");
    await p.test.accounts.update(id, { metadata: { a: "1" } });
    expect(await heardBy("first")).toEqual([["test-connect", "account.updated", id, id]]);
    expect(await heardBy("second")).toEqual([["test-connect", "account.updated", id, id]]);

    expect(await q.test.oauth.deauthorize({ client_id: q.applications.test, stripe_user_id: id })).toMatchObject({ stripe_user_id: id });
    await p.test.accounts.update(id, { metadata: { a: "2" } });
    expect((await heardBy("second")).slice(1)).toEqual([["test-connect", "account.application.deauthorized", id, q.applications.test]]);
    expect((await heardBy("first")).slice(1)).toEqual([["test-connect", "account.updated", id, id]]);
    expect(await refusal(q.test.accounts.retrieve(id))).toMatchObject({ status: 403, code: "account_invalid" });
    expect(await refusal(q.test.customers.list({}, { stripeAccount: id }))).toMatchObject({ status: 403, code: "account_invalid" });
    expect(await refusal(q.test.events.list({}, { stripeAccount: id }))).toMatchObject({ status: 403 });
    expect((await q.test.accounts.list()).data).toEqual([]);
  });

  test("is one for each mode: the other goes on, with its keys and its events", async () => {
    const p = await platform();
    const { id } = await p.test.accounts.create({ type: "standard" });
    await connect(server, p, "live", { action: "connect", account: id });
    await listenTo(p, "both");
    await p.live.oauth.deauthorize({ client_id: p.applications.live, stripe_user_id: id });
    expect(await heardBy("both")).toEqual([["live-connect", "account.application.deauthorized", id, p.applications.live]]);
    expect(await refusal(p.live.accounts.retrieve(id))).toMatchObject({ status: 403, code: "account_invalid" });
    await p.test.accounts.update(id, { metadata: { a: "1" } });
    expect((await heardBy("both")).slice(1)).toEqual([["test-connect", "account.updated", id, id]]);
  });

  test("ends once, is told once, and can be made again", async () => {
    const p = await platform();
    const id = await connect(server, p, "test", skip);
    await listenTo(p, "again");
    const end = () => p.test.oauth.deauthorize({ client_id: p.applications.test, stripe_user_id: id });
    await end();
    expect(await oauthRefusal(end())).toMatchObject({ status: 401, error: "invalid_client" });
    expect(await connect(server, p, "test", { action: "connect", account: id })).toBe(id);
    expect((await p.test.accounts.retrieve(id)).id).toBe(id);
    await end();
    const told = (what: string) => ["test-connect", `account.application.${what}`, id, p.applications.test];
    expect(await heardBy("again")).toEqual([told("deauthorized"), told("authorized"), told("deauthorized")]);
  });

  test("that is there already stays, with the wider scope, and is not told of again", async () => {
    const p = await platform();
    const read = await consent(server, { client_id: p.applications.test, scope: "read_only" }, skip);
    const { stripe_user_id: id = "", scope } = await exchange(p.test, read.code);
    expect(scope).toBe("read_only");
    expect((await p.test.accounts.retrieve(id)).id).toBe(id);
    for (const change of [
      () => p.test.accounts.update(id, { metadata: { a: "1" } }),
      () => p.test.customers.create({}, { stripeAccount: id }),
      () => p.test.accounts.del(id),
    ])
      expect(await refusal(change())).toMatchObject({ status: 403, message: expect.stringContaining("read_only") });
    await connect(server, p, "test", { action: "connect", account: id });
    await p.test.customers.create({}, { stripeAccount: id });
    const types = (await p.test.events.list({}, { stripeAccount: id })).data.map(({ type }) => type);
    expect(types).toEqual(["customer.created", "account.application.authorized"]);
  });

  test("is ended by the account's user too, and by whoever deletes the account", async () => {
    const p = await platform();
    const [left, deleted] = [await connect(server, p, "test", skip), (await p.test.accounts.create({ type: "standard" })).id];
    await listenTo(p, "user");
    const leave = (stripe: Stripe, id: string) => stripe.rawRequest("POST", `/v1/test_helpers/accounts/${id}/deauthorize`);
    expect(await leave(p.test, left)).toMatchObject({ account: left, application: p.applications.test, livemode: false });
    await p.test.accounts.del(deleted);
    expect(await heardBy("user")).toEqual(
      [left, deleted].map((id) => ["test-connect", "account.application.deauthorized", id, p.applications.test]),
    );
    expect(await refusal(leave(p.test, left))).toMatchObject({ status: 403, code: "account_invalid" });
    const { id: custom } = await p.test.accounts.create({ type: "custom" });
    expect((await refusal(leave(p.test, custom))).message).toContain("controlled by your platform");
    const { id: live } = await p.live.accounts.create({ type: "standard" });
    expect((await refusal(leave(p.test, live))).message).toContain("live mode alone");
    expect((await refusal(leave(p.test, p.account))).message).toContain("your own");
  });

  test("that ends leaves what was sent before to run to its end, and what is planned for the account", async () => {
    const p = await platform();
    let status = 500;
    const flaky = await startWebhookReceiver(() => status);
    try {
      const id = await connect(server, p, "test", skip);
      await p.test.webhookEndpoints.create({
        url: flaky.url("/"),
        enabled_events: ["account.updated", "account.application.deauthorized"],
        connect: true,
      });
      await p.test.accounts.update(id, { metadata: { a: "1" } });
      await server.idle();
      await p.test.oauth.deauthorize({ client_id: p.applications.test, stripe_user_id: id });
      await server.idle();
      status = 200;
      await server.clock.advance({ seconds: 24 * 3_600 });
      expect(new Set(flaky.received.map(({ event }) => event.type))).toEqual(
        new Set(["account.updated", "account.application.deauthorized"]),
      );
      expect(flaky.received.filter(({ event }) => event.type === "account.updated").length).toBeGreaterThan(1);
    } finally {
      await flaky.close();
    }
  });
});

describe("an access token", () => {
  test("is the platform, acting for that account, until the connection ends", async () => {
    const p = await platform();
    const { code } = await consent(server, { client_id: p.applications.test }, skip);
    const { access_token: key = "", stripe_user_id: id = "", stripe_publishable_key: publishable = "" } = await exchange(p.test, code);
    const stripe = client(server, key);
    expect((await stripe.accounts.retrieveCurrent()).id).toBe(id);
    await stripe.customers.create({ name: "Jenny" });
    expect((await p.test.customers.list({}, { stripeAccount: id })).data).toHaveLength(1);
    const { id: other } = await p.test.accounts.create();
    expect(await refusal(stripe.customers.list({}, { stripeAccount: other }))).toMatchObject({ status: 403, code: "account_invalid" });
    expect(await refusal(client(server, publishable).customers.list())).toMatchObject({ status: 403, code: "secret_key_required" });
    expect(await oauthRefusal(stripe.oauth.deauthorize({ client_id: p.applications.test, stripe_user_id: id }))).toMatchObject({
      error: "invalid_client",
    });

    await p.test.oauth.deauthorize({ client_id: p.applications.test, stripe_user_id: id });
    expect(await refusal(stripe.customers.list())).toMatchObject({ status: 401, code: "platform_api_key_expired" });
    await connect(server, p, "test", { action: "connect", account: id });
    expect(await refusal(stripe.customers.list())).toMatchObject({ status: 401, code: "platform_api_key_expired" });
  });

  test("can be had again with the refresh token: in both modes of a live connection, and with a narrower scope", async () => {
    const p = await platform();
    const { id } = await p.live.accounts.create({ type: "standard" });
    const { code } = await consent(server, { client_id: p.applications.live }, { action: "connect", account: id });
    const { refresh_token: refreshToken = "" } = await exchange(p.live, code);
    const refresh = (stripe: Stripe, scope?: string) =>
      stripe.oauth.token({ grant_type: "refresh_token", refresh_token: refreshToken, ...(scope === undefined ? {} : { scope }) });
    const live = await refresh(p.live);
    expect(live).toMatchObject({ livemode: true, scope: "read_write", stripe_user_id: id, refresh_token: refreshToken });
    const narrow = await refresh(p.test, "read_only");
    expect(narrow).toMatchObject({ livemode: false, scope: "read_only" });
    const stripe = client(server, narrow.access_token ?? "");
    expect((await stripe.customers.list()).data).toEqual([]);
    expect(await refusal(stripe.customers.create())).toMatchObject({ status: 403 });
    await client(server, live.access_token ?? "").customers.create();
    expect(await oauthRefusal(refresh(p.live, "everything"))).toMatchObject({ error: "invalid_scope" });
    await p.live.oauth.deauthorize({ client_id: p.applications.live, stripe_user_id: id });
    expect(await oauthRefusal(refresh(p.live))).toMatchObject({ error: "invalid_grant" });
    expect(await refusal(stripe.customers.list())).toMatchObject({ status: 401, code: "platform_api_key_expired" });
  });

  test("of a test connection is never live, of a read-only one never more, and of another platform nobody's", async () => {
    const [p, q] = [await platform(), await platform()];
    const { code } = await consent(server, { client_id: p.applications.test, scope: "read_only" }, skip);
    const { refresh_token = "" } = await exchange(p.test, code);
    const refresh = (stripe: Stripe, scope = "read_only") => stripe.oauth.token({ grant_type: "refresh_token", refresh_token, scope });
    expect(await oauthRefusal(refresh(p.live))).toMatchObject({ status: 400, error: "invalid_grant" });
    expect(await oauthRefusal(refresh(q.test))).toMatchObject({ status: 400, error: "invalid_grant" });
    expect(await oauthRefusal(refresh(p.test, "read_write"))).toMatchObject({ status: 400, error: "invalid_scope" });
  });
});

describe("a code", () => {
  test("that is used again revokes the connection it made", async () => {
    const p = await platform();
    await listenTo(p, "reuse");
    const { code } = await consent(server, { client_id: p.applications.test }, skip);
    const { stripe_user_id: id = "" } = await exchange(p.test, code);
    expect(await oauthRefusal(exchange(p.test, code))).toMatchObject({ status: 400, error: "invalid_grant" });
    expect((await heardBy("reuse")).map(([, type]) => type)).toEqual([
      "account.application.authorized",
      "account.application.deauthorized",
    ]);
    expect(await refusal(p.test.accounts.retrieve(id))).toMatchObject({ status: 403, code: "account_invalid" });
    expect(await oauthRefusal(exchange(p.test, code))).toMatchObject({ error: "invalid_grant" });
  });

  test("may be sent again by the same request, whose first answer was lost", async () => {
    const p = await platform();
    const { code } = await consent(server, { client_id: p.applications.test }, skip);
    const send = (idempotencyKey: string) => p.test.oauth.token({ grant_type: "authorization_code", code }, { idempotencyKey });
    const first = await send("once");
    expect(await send("once")).toMatchObject({ stripe_user_id: first.stripe_user_id });
    expect((await p.test.accounts.retrieve(first.stripe_user_id ?? "")).id).toBe(first.stripe_user_id);
    expect(await oauthRefusal(send("twice"))).toMatchObject({ error: "invalid_grant" });
  });

  test("is refused when it is unknown, another's, of the other mode or too old, and then changes nothing", async () => {
    const [p, q] = [await platform(), await platform()];
    const { code } = await consent(server, { client_id: p.applications.test }, skip);
    for (const [stripe, given] of [
      [p.test, "ac_unknown"],
      [q.test, code],
      [p.live, code],
    ] as const)
      expect(await oauthRefusal(exchange(stripe, given))).toMatchObject({ status: 400, error: "invalid_grant" });
    const { stripe_user_id: id = "" } = await exchange(p.test, code);
    expect(await oauthRefusal(exchange(q.test, code))).toMatchObject({ error: "invalid_grant" });
    expect((await p.test.accounts.retrieve(id)).id).toBe(id);

    const late = await consent(server, { client_id: p.applications.test }, skip);
    await server.clock.advance({ seconds: 60 });
    expect(await oauthRefusal(exchange(p.test, late.code))).toMatchObject({
      status: 400,
      error: "invalid_grant",
      message: expect.stringContaining("expired"),
    });
    await server.clock.advance({ seconds: 60 });
    expect((await oauthRefusal(exchange(p.test, late.code))).message).not.toContain("expired");
  });

  test("given before the user left is no good afterwards", async () => {
    const p = await platform();
    const id = await connect(server, p, "test", skip);
    const { code } = await consent(server, { client_id: p.applications.test }, { action: "connect", account: id });
    await p.test.oauth.deauthorize({ client_id: p.applications.test, stripe_user_id: id });
    expect(await oauthRefusal(exchange(p.test, code))).toMatchObject({ error: "invalid_grant" });
  });

  test("of an account that was deleted meanwhile is no good", async () => {
    const [p, q] = [await platform(), await platform()];
    const { id } = await q.test.accounts.create({ type: "standard" });
    const { code } = await consent(server, { client_id: p.applications.test }, { action: "connect", account: id });
    await q.test.accounts.del(id);
    expect(await oauthRefusal(exchange(p.test, code))).toMatchObject({ error: "invalid_grant" });
  });
});

describe("/oauth/token and /oauth/deauthorize", () => {
  test("take the key as Bearer, as Basic user or as client_secret", async () => {
    const p = await platform();
    const key = p.keys.test.secret;
    const ways: [Record<string, string>, Record<string, string>][] = [
      [{}, { authorization: `Bearer ${key}` }],
      [{}, { authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}` }],
      [{ client_secret: key }, {}],
    ];
    for (const [form, headers] of ways) {
      const { code } = await consent(server, { client_id: p.applications.test }, skip);
      const token = await post("/oauth/token", { grant_type: "authorization_code", code, ...form }, headers);
      expect(token).toMatchObject({ status: 200, body: { token_type: "bearer" } });
      expect(token.headers.get("cache-control")).toBe("no-store");
      expect(token.headers.get("request-id")).toMatch(/^req_/);
    }
  });

  test.each<[string, number, string, Record<string, string>]>([
    ["/oauth/token", 400, "invalid_request", {}],
    ["/oauth/token", 400, "unsupported_grant_type", { grant_type: "password" }],
    ["/oauth/token", 400, "invalid_request", { grant_type: "authorization_code" }],
    ["/oauth/token", 400, "invalid_request", { grant_type: "refresh_token" }],
    ["/oauth/token", 400, "invalid_grant", { grant_type: "refresh_token", refresh_token: "rt_unknown" }],
    ["/oauth/deauthorize", 400, "invalid_request", {}],
    ["/oauth/deauthorize", 400, "invalid_request", { client_id: "ca_x" }],
    ["/oauth/deauthorize", 401, "invalid_client", { client_id: "ca_x", stripe_user_id: "acct_x" }],
  ])("%s answers %i %s to %j", async (path, status, error, form) => {
    const p = await platform();
    const answer = await post(path, form, { authorization: `Bearer ${p.keys.test.secret}` });
    expect(answer).toMatchObject({ status, body: { error, error_description: expect.any(String) } });
  });

  test.each<[string, Record<string, string>]>([
    ["no key", {}],
    ["a wrong key", { authorization: "Bearer sk_test_wrong" }],
    ["a publishable key", { authorization: "Bearer pk_test_carabinerForLocalTesting" }],
    ["no such scheme", { authorization: "Digest x" }],
  ])("answer 401 invalid_client to %s", async (_, headers) => {
    expect(await post("/oauth/token", { grant_type: "authorization_code", code: "ac_x" }, headers)).toMatchObject({
      status: 401,
      body: { error: "invalid_client" },
    });
  });

  test("answer invalid_client to an account that is no platform, to the other mode's key, and to an account not connected", async () => {
    const [p, q] = [await platform(), await platform()];
    const { id } = await p.test.accounts.create({ type: "standard" });
    const end = (stripe: Stripe, clientId: string, account = id) =>
      oauthRefusal(stripe.oauth.deauthorize({ client_id: clientId, stripe_user_id: account }));
    const refused = { status: 401, error: "invalid_client" };
    expect(await end(client(server, (await ownKeys(p.test, id)).test.secret), p.applications.test)).toMatchObject(refused);
    expect(await end(p.live, p.applications.live)).toMatchObject(refused);
    expect(await end(p.live, p.applications.test)).toMatchObject(refused);
    expect(await end(p.test, p.applications.live)).toMatchObject(refused);
    expect(await end(q.test, q.applications.test)).toMatchObject(refused);
    expect(await end(q.test, p.applications.test)).toMatchObject(refused);
    expect(await end(p.test, p.applications.test, "acct_unknown")).toMatchObject(refused);
    expect((await p.test.accounts.retrieve(id)).id).toBe(id);
  });

  test("answer a body that cannot be read in their own form", async () => {
    const response = await fetch(`${server.url}/oauth/token`, {
      method: "POST",
      body: new URLSearchParams([
        ["a", "1"],
        ["a", "2"],
      ]),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: "invalid_request" });
  });
});

describe("the consent page", () => {
  const page = (query: Record<string, string>) => browser(server).go(`/oauth/authorize?${new URLSearchParams(query)}`);

  test("refuses a link that is wrong with JSON, and sends nobody anywhere", async () => {
    const p = await platform();
    const client_id = p.applications.test;
    const good = { client_id, response_type: "code" };
    for (const [error, query] of [
      ["invalid_request", { response_type: "code" }],
      ["invalid_client", { ...good, client_id: "ca_unknown" }],
      ["invalid_request", { client_id }],
      ["unsupported_response_type", { ...good, response_type: "token" }],
      ["invalid_scope", { ...good, scope: "all" }],
      ["invalid_redirect_uri", { ...good, redirect_uri: `${REDIRECT_URI}/` }],
      ["invalid_redirect_uri", { ...good, redirect_uri: "https://elsewhere.example" }],
    ] as const) {
      const answer = await page(query as Record<string, string>);
      expect(answer).toMatchObject({ status: 400, location: "" });
      expect(JSON.parse(answer.text)).toMatchObject({ error, error_description: expect.any(String) });
    }
    const express = await browser(server).go(`/express/oauth/authorize?${new URLSearchParams({ client_id, state: "x" })}`);
    expect(express.status).toBe(200);
    const none = await platformOfItsOwn(server);
    expect(JSON.parse((await page({ ...good, client_id: none.applications.test })).text)).toMatchObject({ error: "invalid_redirect_uri" });
  });

  test("is a page that nothing can run in, load into, frame or keep", async () => {
    const p = await platform();
    const { status, headers, text } = await page({ client_id: p.applications.test, response_type: "code" });
    expect(status).toBe(200);
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self' https:\/\/platform\.example; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("set-cookie")).toMatch(/HttpOnly; SameSite=Lax$/);
    expect(text).not.toMatch(/<script|src=|style=|https?:\/\/(?!platform)/);
    expect(text).toContain("Test mode");
    expect((await page({ client_id: p.applications.live, response_type: "code" })).text).not.toContain("Test mode");
  });

  test("sends a user who denies back with the state, and connects nothing", async () => {
    const p = await platform();
    const { address, code } = await consent(server, { client_id: p.applications.test, state: "s" }, { action: "deny" });
    expect(code).toBe("");
    expect(Object.fromEntries(address.searchParams)).toEqual({
      error: "access_denied",
      error_description: "The user denied your request",
      state: "s",
    });
  });

  test("keeps the query a redirect URI has, and defaults to the first one registered", async () => {
    const p = await withRedirects(await platformOfItsOwn(server), "https://platform.example/a?tenant=1", "https://platform.example/b");
    const first = await consent(server, { client_id: p.applications.test }, skip);
    expect([first.address.pathname, first.address.searchParams.get("tenant"), first.state]).toEqual(["/a", "1", null]);
    const second = await consent(server, { client_id: p.applications.test, redirect_uri: "https://platform.example/b" }, skip);
    expect(second.address.pathname).toBe("/b");
  });

  test("takes its forms from the browser it gave them to alone", async () => {
    const p = await platform();
    const path = authorizePath({ client_id: p.applications.test });
    const victim = browser(server);
    await victim.go(path);
    const stolen = (await browser(server).go(path)).formToken;
    for (const form_token of ["", "guess", stolen])
      expect(await victim.go(path, { form_token, ...skip })).toMatchObject({ status: 403, location: "" });
  });

  test("shows what is wrong beside the field, and does nothing", async () => {
    const p = await platform();
    const path = authorizePath({ client_id: p.applications.test });
    const { go } = browser(server);
    const { formToken: form_token } = await go(path);
    await p.test.rawRequest("POST", "/console/application", { name: "<Acme>" });
    for (const [form, message] of [
      [{ action: "create" }, "Enter an email address."],
      [{ action: "create", email: "nobody" }, "Invalid email address"],
      [{ action: "create", email: "a@example.com", country: "XX" }, "XX is not currently supported"],
      [{ action: "connect" }, "Choose an account."],
      [{ action: "connect", key: "acct_unknown" }, "This account does not exist."],
      [{ action: "connect", key: "sk_test_unknown" }, "This is not the secret key of an account on this server."],
      [{ action: "connect", key: p.keys.live.secret }, "live mode key"],
      [{ action: "connect", key: p.account }, "the platform&#39;s own account"],
      [{ action: "connect", key: (await p.test.accounts.create({ type: "custom" })).id }, "full Dashboard"],
    ] as const) {
      const shown = await go(path, { form_token, ...form });
      expect(shown).toMatchObject({ status: 422, location: "" });
      expect(shown.text).toMatch(new RegExp(`<p class="error" id="\\w+-error">[^<]*${message}`));
      expect(shown.text).toContain("&lt;Acme&gt;");
    }
    expect((await p.test.accounts.list()).data).toHaveLength(1);
  });

  test("lets an account be shown by its own secret key", async () => {
    const [p, q] = [await platform(), await platform()];
    const { id } = await q.test.accounts.create({ type: "standard" });
    const { test: own } = await ownKeys(q.test, id);
    expect(await connect(server, p, "test", { action: "connect", key: own.secret })).toBe(id);
  });

  test("refuses an account with the platform's own address", async () => {
    const [p, q] = [await platform(), await platform()];
    await connect(server, q, "test", { action: "connect", account: p.account });
    await q.test.accounts.update(p.account, { email: "same@example.com" });
    const { id } = await q.test.accounts.create({ type: "standard", email: "Same@example.com" });
    await expect(connect(server, p, "test", { action: "connect", account: id })).rejects.toThrow("same email address as the platform");
    await q.test.accounts.update(id, { email: "other@example.com" });
    expect(await connect(server, p, "test", { action: "connect", account: id })).toBe(id);
  });

  test("fills in what the platform knows, and ignores what is not valid", async () => {
    const p = await platform();
    const user = {
      "stripe_user[email]": "jo@example.com",
      "stripe_user[country]": "gb",
      "stripe_user[business_name]": 'A "B" & Sons',
      "stripe_user[url]": "not a url",
      "stripe_user[business_type]": "sole_prop",
      "stripe_user[first_name]": "Jo",
      "stripe_user[dob_day]": "1",
      "stripe_user[dob_month]": "13",
      "stripe_user[dob_year]": "1990",
      "stripe_user[phone_number]": "12",
      "stripe_user[city]": "Leeds",
      "stripe_user[unknown][x]": "y",
    };
    const path = authorizePath({ client_id: p.applications.test, ...user });
    const { text } = await browser(server).go(path);
    expect(text).toContain('value="jo@example.com"');
    expect(text).toContain('value="A &quot;B&quot; &amp; Sons"');
    expect(text).toContain('<option value="GB" selected>');
    const { code } = await consent(server, { client_id: p.applications.test, ...user }, skip);
    const { stripe_user_id: id = "" } = await exchange(p.test, code);
    const account = await p.test.accounts.retrieve(id);
    expect(account).toMatchObject({ email: "jo@example.com", country: "GB", business_type: "individual" });
    expect(account.business_profile).toMatchObject({ name: 'A "B" & Sons', url: null });
  });

  test("leaves out a prefilled address or date of birth that the account cannot have", async () => {
    const p = await platform();
    const made = async (user: Record<string, string>, form: Record<string, string>) => {
      const named = Object.fromEntries(Object.entries(user).map(([key, value]) => [`stripe_user[${key}]`, value]));
      const { code } = await consent(server, { client_id: p.applications.test, ...named }, form);
      const { stripe_user_id: id = "" } = await exchange(p.test, code);
      return p.test.accounts.retrieve(id);
    };
    const dob = { dob_day: "1", dob_month: "1", dob_year: String(new Date().getUTCFullYear() - 5) };
    const jo = { business_type: "sole_prop", country: "us", first_name: "Jo", ...dob };
    expect((await made({ ...jo, city: "Austin", zip: "K1A 0B1" }, skip)).business_type).toBe("individual");
    const company = { business_type: "llc", business_name: "Rides", country: "us", city: "Austin", state: "TX", zip: "73301" };
    const elsewhere = { action: "create", email: "jo@example.com", business_name: "Rides", country: "DE" };
    expect(await made(company, elsewhere)).toMatchObject({ country: "DE", business_type: "company" });
  });
});

describe("an application", () => {
  test("has redirect URIs in each mode: live ones are https", async () => {
    const p = await platformOfItsOwn(server);
    const register = (stripe: Stripe, ...redirect_uris: string[]) => stripe.rawRequest("POST", "/console/application", { redirect_uris });
    expect(await register(p.test, "http://localhost:4242/back", "http://localhost:4242/back")).toMatchObject({
      id: p.applications.test,
      object: "application",
      livemode: false,
      redirect_uris: ["http://localhost:4242/back"],
    });
    expect(await p.live.rawRequest("GET", "/console/application")).toMatchObject({ id: p.applications.live, redirect_uris: [] });
    expect(await refusal(register(p.live, "https://a.example", "http://a.example"))).toMatchObject({
      status: 400,
      code: "url_invalid",
      param: "redirect_uris[1]",
    });
    for (const uri of ["nonsense", "javascript:alert(1)", "https://a.example/#x", "https://user@a.example"])
      expect(await refusal(register(p.test, uri))).toMatchObject({ status: 400, code: "url_invalid", param: "redirect_uris[0]" });
    const { id } = await p.test.accounts.create({ type: "standard" });
    const own = client(server, (await ownKeys(p.test, id)).test.secret);
    expect(await refusal(own.rawRequest("GET", "/console/application"))).toMatchObject({
      code: "platform_account_required",
    });
  });
});
