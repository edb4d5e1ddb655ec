import { PERMISSIONS, type Permission } from "@carabiner/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { expandables } from "../../src/api/expandable-fields.ts";
import { permissionOfObject, permissionsOfCall } from "../../src/api/permissions-of-calls.ts";
import { clockProcedures } from "../../src/console/clock.ts";
import { consoleResources } from "../../src/console/console-resources.ts";
import { platforms } from "../../src/console/platforms.ts";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { resources } from "../../src/resources/resources.ts";
import { listenSessions } from "../../src/resources/stripe-cli/listen-sessions.ts";
import { consent, withRedirects } from "../pages/oauth/consent.ts";
import { client, type Platform, platformOfItsOwn, refusal } from "../platform-of-its-own.ts";

const ALL = [...resources, ...consoleResources, listenSessions({ enabled: true }), platforms];
const CALLS = [...ALL.flatMap(({ operations }) => operations), ...clockProcedures(null)];

interface Made {
  id: string;
  secret: string;
  permissions: string[] | null;
  connect_permissions: string[] | null;
}

let server: Carabiner;
let platform: Platform;

beforeAll(async () => {
  server = await startCarabiner();
  platform = await platformOfItsOwn(server);
  return () => server.close();
});

const ask = <Answer>(key: string, method: "GET" | "POST", path: string, params: object = {}, options: object = {}): Promise<Answer> =>
  client(server, key).rawRequest(method, path, params as Record<string, unknown>, options) as unknown as Promise<Answer>;

/** A restricted key of the platform. */
const restricted = async (permissions: readonly Permission[], connect: readonly Permission[] = [], mode: "test" | "live" = "test") =>
  (
    await ask<Made>(platform.keys[mode].secret, "POST", "/console/keys", {
      type: "restricted",
      ...(permissions.length === 0 ? {} : { permissions }),
      ...(connect.length === 0 ? {} : { connect_permissions: connect }),
    })
  ).secret;

const missing = (permission: string, account = platform.account) => ({
  status: 403,
  type: "StripePermissionError",
  message: expect.stringMatching(
    new RegExp(`on account '${account}'\\. Having the '${permission}' permission( for connected accounts)? would`),
  ),
});
const FORBIDDEN = { status: 403, message: expect.stringContaining("cannot be made with a restricted API key") };

test("a call that reads and makes what a test card's name stands for needs the permission to write, and no read-only connection", async () => {
  const path = "/v1/payment_methods/pm_card_visa";
  const reads = client(server, await restricted(["payment_method_read"], ["payment_method_read"]));
  expect(await refusal(reads.rawRequest("GET", path))).toMatchObject(missing("rak_payment_method_write"));
  const { id } = await ask<{ id: string }>(await restricted(["payment_method_write"]), "GET", path);
  expect(await reads.paymentMethods.retrieve(id)).toMatchObject({ id });
  const other = await withRedirects(await platformOfItsOwn(server));
  const user = { action: "connect", account: platform.account };
  const { code } = await consent(server, { client_id: other.applications.test, scope: "read_only" }, user);
  await other.test.oauth.token({ grant_type: "authorization_code", code });
  const as = { stripeAccount: platform.account };
  expect(await refusal(other.test.paymentMethods.retrieve("pm_card_visa", {}, as))).toMatchObject({
    status: 403,
    message: expect.stringContaining("read_only"),
  });
  expect(await other.test.paymentMethods.retrieve(id, {}, as)).toMatchObject({ id });
});

describe("the table of permissions", () => {
  test("has every call", () => {
    expect(CALLS.filter((call) => permissionsOfCall(call) === undefined).map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  test("has every kind of object that expand may load", () => {
    const kinds = [...expandables(ALL).fields.values()].flatMap((fields) => Object.values(fields).flatMap((field) => field?.objects ?? []));
    expect([...new Set(kinds)].filter((kind) => permissionOfObject(kind) === undefined)).toEqual([]);
  });

  test("uses every permission that a key can be given", () => {
    const used = new Set(CALLS.flatMap((call) => permissionsOfCall(call) ?? []));
    expect(PERMISSIONS.filter((permission) => !used.has(permission))).toEqual([]);
  });
});

test("a key with every permission but those of a call is refused it, whatever the call: the error names them", async () => {
  const all = await restricted(PERMISSIONS);
  for (const permission of PERMISSIONS) {
    const calls = CALLS.filter((call) => permissionsOfCall(call)?.includes(permission));
    // A key that may write may read.
    const others = PERMISSIONS.filter((one) => one !== permission && one !== permission.replace(/_read$/, "_write"));
    const key = await restricted(others);
    for (const { method, path } of calls) {
      const url = server.url + path.replace(/:\w+/g, "none");
      const asked = async (by: string) => {
        const answer = await fetch(url, { method, headers: { authorization: `Bearer ${by}` } });
        return { status: answer.status, body: await answer.text() };
      };
      expect(await asked(key), `${method} ${path}`).toEqual({
        status: 403,
        body: expect.stringContaining(`Having the 'rak_${permission}' permission`),
      });
      expect((await asked(all)).body, `${method} ${path}`).not.toContain("required permissions");
    }
  }
  for (const { method, path } of CALLS.filter((call) => permissionsOfCall(call) === null)) {
    const answer = await fetch(server.url + path.replace(/:\w+/g, "none"), { method, headers: { authorization: `Bearer ${all}` } });
    expect([answer.status, await answer.text()], `${method} ${path}`).toEqual([403, expect.stringContaining("restricted API key")]);
  }
});

describe("a restricted key", () => {
  test("reads what it may read and writes what it may write, in its mode; an error names what is missing", async () => {
    const reads = client(server, await restricted(["customer_read", "charge_write"]));
    const { id } = await platform.test.customers.create({ email: "a@example.com" });
    const { data } = await reads.customers.list();
    expect(data[0]?.id).toBe(id);
    expect(await refusal(reads.customers.create({}))).toMatchObject(missing("rak_customer_write"));
    expect(await refusal(reads.payouts.list())).toMatchObject(missing("rak_payout_read"));
    expect((await reads.charges.list()).data).toEqual([]);
    const live = client(server, await restricted(["customer_read"], [], "live"));
    expect(await refusal(live.customers.retrieve(id))).toMatchObject({ status: 404 });
    expect((await platform.test.customers.list()).data).toHaveLength(data.length);
  });

  test("needs the permission for connected accounts to act for one, and that does not hold for its own account", async () => {
    const account = await platform.test.accounts.create({ type: "express", country: "US" });
    const stripeAccount = account.id;
    const direct = client(server, await restricted(["balance_read", "connected_account_read"]));
    const acting = client(server, await restricted(["event_read"], ["balance_read"]));
    expect(await refusal(direct.balance.retrieve({}, { stripeAccount }))).toMatchObject(missing("rak_balance_read", stripeAccount));
    expect(await refusal(acting.balance.retrieve())).toMatchObject(missing("rak_balance_read"));
    expect((await acting.balance.retrieve({}, { stripeAccount })).object).toBe("balance");
    expect((await direct.accounts.retrieve(stripeAccount)).id).toBe(stripeAccount);
    // An account that is not the platform's counts as missing, whatever the key may do.
    expect(await refusal(acting.balance.retrieve({}, { stripeAccount: "acct_none" }))).toMatchObject({ code: "account_invalid" });
  });

  test("is not shown by expand what it may not read, nor by the answer that was kept for a wider key", async () => {
    const customer = await platform.test.customers.create({ email: "expanded@example.com" });
    const charge = await platform.test.charges.create({ amount: 100, currency: "usd", source: "tok_visa" });
    await platform.test.setupIntents.create({ customer: customer.id });
    const key = client(server, await restricted(["setup_intent_write", "charge_read"]));
    expect((await key.setupIntents.list()).data[0]?.customer).toBe(customer.id);
    expect(await refusal(key.setupIntents.list({ expand: ["data.customer"] }))).toMatchObject(missing("rak_customer_read"));
    expect((await key.charges.retrieve(charge.id, { expand: ["refunds"] })).refunds?.data).toEqual([]);
    expect(await refusal(key.charges.retrieve(charge.id, { expand: ["balance_transaction"] }))).toMatchObject(missing("rak_balance_read"));
    const wider = client(server, await restricted(["setup_intent_write", "customer_read"]));
    expect((await wider.setupIntents.list({ expand: ["data.customer"] })).data[0]?.customer).toMatchObject({
      email: "expanded@example.com",
    });

    const params = { customer: customer.id, expand: ["customer"] };
    const once = { idempotencyKey: "expanded" };
    const made = await platform.test.setupIntents.create(params, once);
    expect(made.customer).toMatchObject({ email: "expanded@example.com" });
    expect(await refusal(key.setupIntents.create(params, once))).toMatchObject(missing("rak_customer_read"));
    expect((await wider.setupIntents.create(params, once)).id).toBe(made.id);
    // What is refused after it was carried out is undone.
    const before = (await key.setupIntents.list()).data.length;
    expect(await refusal(key.setupIntents.create(params))).toMatchObject({ status: 403 });
    expect((await key.setupIntents.list()).data).toHaveLength(before);
  });

  test("sees what an event says in a delivery only if it may read events", async () => {
    const { id } = await platform.test.webhookEndpoints.create({
      url: "https://example.com/delivered",
      enabled_events: ["product.created"],
    });
    await platform.test.products.create({ name: "Not to be seen" });
    const key = await restricted(["webhook_write"]);
    const list = await ask<{ data: { id: string }[] }>(key, "GET", `/console/deliveries?endpoint=${id}`);
    const path = `/console/deliveries/${list.data[0]?.id}`;
    expect(await refusal(ask(key, "GET", path))).toMatchObject(missing("rak_event_read"));
    expect(JSON.stringify(await ask(key, "GET", `${path}/attempts`))).not.toContain("Not to be seen");
    const both = await restricted(["webhook_read", "event_read"]);
    expect(JSON.stringify(await ask(both, "GET", path))).toContain("Not to be seen");
  });

  test("is never given the answer that a wider key got for a call it may not make", async () => {
    const once = { idempotencyKey: "replayed" };
    const endpoint = { url: `${server.url}/hook`, enabled_events: ["*" as const] };
    const made = await platform.test.webhookEndpoints.create(endpoint, once);
    expect(made.secret).toMatch(/^whsec_/);
    const key = client(server, await restricted(["webhook_read"]));
    expect(await refusal(key.webhookEndpoints.create(endpoint, once))).toMatchObject(missing("rak_webhook_write"));
    expect((await key.webhookEndpoints.list()).data[0]?.secret).toBeUndefined();
  });

  test("makes no key and widens none: neither its own, nor ephemeral ones, nor through OAuth", async () => {
    const key = await restricted(PERMISSIONS, PERMISSIONS);
    const [own] = (await ask<{ data: Made[] }>(platform.keys.test.secret, "GET", "/console/keys")).data;
    for (const path of ["/console/keys", `/console/keys/${own?.id}/roll`, `/console/keys/${own?.id}/revoke`])
      expect(await refusal(ask(key, "POST", path))).toMatchObject(FORBIDDEN);
    const refused = await refusal(client(server, key).oauth.token({ grant_type: "authorization_code", code: "ac_none" }));
    expect(refused).toMatchObject({ message: expect.stringContaining("restricted API key") });
    const deauthorized = client(server, key).oauth.deauthorize({ client_id: platform.applications.test, stripe_user_id: "acct_none" });
    expect((await refusal(deauthorized)).message).toContain("restricted API key");

    const customer = await platform.test.customers.create({});
    const some = client(server, await restricted(["ephemeral_key_write", "customer_read", "source_write"]));
    const ephemeral = (by: typeof some) => by.ephemeralKeys.create({ customer: customer.id }, { apiVersion: "2024-06-20" });
    expect((await refusal(ephemeral(some))).message).toContain(
      "Having the 'rak_customer_write', 'rak_payment_method_write' permissions would",
    );
    expect((await ephemeral(client(server, key))).secret).toMatch(/^ek_test_/);
  });

  test("listens with the permission that Stripe asks for, and with no other", async () => {
    const params = { websocket_features: ["webhooks"] };
    const listen = async (permissions: Permission[]) =>
      ask<{ websocket_id: string }>(await restricted(permissions), "POST", "/v1/stripecli/sessions", params);
    expect(await refusal(listen(["event_write", "webhook_write"]))).toMatchObject(missing("rak_stripecli_session_write"));
    expect((await listen(["stripecli_session_write"])).websocket_id).toMatch(/^cliws_/);
  });

  test("keeps its permissions when it is rolled; the list and the answer show them, errors show its hint alone", async () => {
    const made = await ask<Made>(platform.keys.test.secret, "POST", "/console/keys", {
      type: "restricted",
      permissions: ["rak_payout_read", "balance_read", "balance_read"],
      connect_permissions: ["event_read"],
    });
    const may = { type: "restricted", permissions: ["balance_read", "payout_read"], connect_permissions: ["event_read"] };
    expect(made).toMatchObject(may);
    expect(made.secret).toMatch(/^rk_test_\w{24}$/);
    const rolled = await ask<Made>(platform.keys.test.secret, "POST", `/console/keys/${made.id}/roll`);
    expect(rolled).toMatchObject(may);
    const { data } = await ask<{ data: Made[] }>(platform.keys.test.secret, "GET", "/console/keys");
    expect(data.find(({ id }) => id === rolled.id)).toMatchObject(may);
    expect(data.find(({ id }) => id !== rolled.id && id !== made.id && id !== undefined)).toHaveProperty("permissions");
    expect((await client(server, rolled.secret).payouts.list()).data).toEqual([]);
    expect(await refusal(client(server, made.secret).payouts.list())).toMatchObject({ code: "api_key_expired" });
    const { message } = await refusal(client(server, rolled.secret).customers.list());
    expect(message).toContain(`'rk_test_****${rolled.secret.slice(-4)}'`);
  });

  test.each([
    [{ type: "restricted" }, "permissions", "needs permissions"],
    [{ type: "restricted", permissions: ["charge_read", "all"] }, "permissions[1]", "all is not a permission"],
    [{ type: "restricted", connect_permissions: ["balance_write"] }, "connect_permissions[0]", "balance_write is not a permission"],
    [{ permissions: ["charge_read"] }, "permissions", "only restricted keys"],
    [{ type: "publishable", connect_permissions: ["charge_read"] }, "connect_permissions", "only restricted keys"],
  ])("is not made of %j", async (params, param, says) => {
    const key = platform.keys.live.secret;
    const ids = async () => (await ask<{ data: Made[] }>(key, "GET", "/console/keys")).data.map(({ id }) => id);
    const before = await ids();
    expect(await refusal(ask(key, "POST", "/console/keys", params))).toMatchObject({
      status: 400,
      param,
      message: expect.stringContaining(says),
    });
    expect(await ids()).toEqual(before);
  });
});

test("a session of the dashboard that a restricted key opened may do what the key may, in its mode alone", async () => {
  const key = await restricted(["event_read"]);
  const origin = { origin: server.url, "sec-fetch-site": "same-origin", "content-type": "application/json" };
  const opened = await fetch(`${server.url}/console/session`, { method: "POST", headers: origin, body: JSON.stringify({ key }) });
  const cookie = opened.headers.get("set-cookie")?.split(";")[0] ?? "";
  const asked = async (method: string, path: string, mode = "test") =>
    (await fetch(server.url + path, { method, headers: { ...origin, cookie, "carabiner-mode": mode } })).status;
  expect(opened.status).toBe(200);
  expect(await asked("GET", "/console/events")).toBe(200);
  for (const path of ["/console/deliveries", "/v1/customers"]) expect(await asked("GET", path), path).toBe(403);
  for (const path of ["/console/keys", "/v1/events"]) expect(await asked("POST", path), path).toBe(403);
});
