import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../../scripts/test-database.ts";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { isForOwnKeys, type Operation, type Procedure } from "../../../src/operations/operation.ts";
import { consent, withRedirects } from "../../pages/oauth/consent.ts";
import { type Platform, platformOfItsOwn } from "../../platform-of-its-own.ts";
import { ask, OPERATIONS, oneOfEach, PROCEDURES } from "../one-of-each.ts";

/** The calls that only the account's own keys may make. A new one shows here, and in `docs/connecting.md`. */
const FOR_OWN_KEYS = [
  "POST /v1/application_fees/:fee/refund",
  "GET /console/application",
  "POST /console/application",
  "GET /console/deliveries",
  "GET /console/deliveries/:delivery",
  "POST /console/deliveries/:delivery/release",
  "GET /console/event_types",
  "GET /console/event_types/:type",
  "GET /console/events",
  "GET /console/events/:event",
  "GET /console/requests",
  "GET /console/requests/:request",
  "GET /console/deliveries/:delivery/attempts",
  "GET /console/resend_jobs",
  "GET /console/resend_jobs/:job",
  "GET /console/platform",
  "POST /console/platform",
  "GET /console/search",
  "GET /console/system",
  "GET /console/audit",
  "GET /console/upcoming",
  "GET /console/webhook_endpoints/:endpoint/figures",
  "GET /console/account_names",
  "GET /console/endpoint_figures",
  "GET /console/given_up",
  "GET /console/accounts/:account/connections",
  "GET /console/accounts/:account/figures",
  "POST /console/resend_jobs",
  "POST /console/resend_jobs/:job/cancel",
  "POST /console/resend_jobs/:job/pause",
  "POST /console/resend_jobs/:job/resume",
  "POST /console/webhook_endpoints/:endpoint/disable",
  "POST /console/webhook_endpoints/:endpoint/enable",
  "POST /console/webhook_endpoints/:endpoint/pause",
  "POST /console/webhook_endpoints/:endpoint/resume",
  "GET /console/keys",
  "POST /console/keys",
  "POST /console/keys/:api_key/revoke",
  "POST /console/keys/:api_key/roll",
  "GET /console/webhook_endpoints",
  "GET /console/webhook_endpoints/:endpoint",
  "POST /console/webhook_endpoints/:endpoint",
  "POST /console/webhook_endpoints/:endpoint/reveal_secret",
  "POST /console/webhook_endpoints/:endpoint/roll_secret",
  "POST /console/webhook_endpoints/:endpoint/test",
  "POST /v1/account_links",
  "POST /v2/core/account_links",
  "POST /v1/account_sessions",
  "GET /v1/accounts",
  "POST /v1/accounts",
  "GET /v2/core/accounts",
  "POST /v2/core/accounts",
  "POST /v1/accounts/:account/login_links",
  "POST /v1/application_fees/:fee/refunds",
  "POST /v1/stripecli/sessions",
  "POST /v1/test_helpers/accounts/:account/deauthorize",
  "POST /v1/test_helpers/accounts/:account/keys",
  "GET /v1/test_helpers/clock",
  "POST /v1/test_helpers/clock/advance",
  "POST /v1/test_helpers/clock/freeze",
  "POST /v1/test_helpers/clock/release",
  "POST /v1/test_helpers/platforms",
  "POST /v1/transfers/:transfer/reversals",
];

type Called = Operation | Procedure;
const nameOf = ({ method, path }: Called): string => `${method} ${path}`;
const CALLS: readonly Called[] = [...OPERATIONS, ...PROCEDURES];

test("what is for own keys alone is what is meant to be", () => {
  const names = CALLS.filter(isForOwnKeys).map(nameOf);
  expect(names.sort()).toEqual([...FOR_OWN_KEYS].sort());
});

/**
 * What a call is tried with that would reach the account connected to the one acted for; else it is tried with the
 * least it takes.
 */
const REACHING: Readonly<Record<string, (ids: Record<string, string>) => string>> = {
  "POST /v1/charges": ({ account }) => `amount=500&currency=usd&source=tok_visa&transfer_data[destination]=${account}`,
  "POST /v1/payment_intents": ({ account }) =>
    `amount=500&currency=usd&payment_method=pm_card_visa&confirm=true&transfer_data[destination]=${account}`,
  "POST /v1/transfers": ({ account }) => `amount=500&currency=usd&destination=${account}`,
  "POST /v1/refunds": ({ destinationCharge }) => `charge=${destinationCharge}&amount=10&reverse_transfer=true`,
  "GET /v1/charges": () => "expand[]=data.transfer.destination_payment&expand[]=data.transfer_data.destination",
  "GET /v1/balance_transactions": () => "expand[]=data.source.charge.customer&expand[]=data.source.destination_payment",
  "GET /v1/transfers": () => "expand[]=data.destination&expand[]=data.destination_payment",
  "GET /v1/transfers/:transfer": () => "expand[]=destination&expand[]=destination_payment",
  "GET /v1/application_fees": () => "expand[]=data.account&expand[]=data.charge",
  "GET /v1/application_fees/:fee": () => "expand[]=account&expand[]=charge",
  "POST /v1/webhook_endpoints": () => "url=http://127.0.0.1:1/theirs&enabled_events[]=*&connect=true",
  "POST /v1/events/:event/retry": ({ endpoint }) => `webhook_endpoint=${endpoint}`,
};

/** A caller who acts for the account. */
interface Acting {
  key: string;
  headers: Record<string, string>;
  readOnly: boolean;
}

const CANARY = "canary of the connected account";

describe.each(["memory", "postgres"] as const)("a platform that acts for an account which is a platform, on %s", (kind) => {
  let server: Carabiner;
  let drop: () => Promise<void> = async () => undefined;
  let owner: Platform;
  let ids: Record<string, string>;
  let before: unknown;
  const acting: Record<string, Acting> = {};

  beforeAll(async () => {
    const database = kind === "postgres" ? await createTestDatabase() : null;
    if (database !== null) drop = database.drop;
    server = await startCarabiner({ store: database === null ? "memory" : { url: database.url } });
    owner = await platformOfItsOwn(server);
    await withRedirects(owner, "https://owner.example/secret-redirect");
    ids = { ...(await oneOfEach(server, owner)), ...(await connectedTo(owner.test)) };
    for (const scope of ["read_write", "read_only"] as const) {
      const platform = await withRedirects(await platformOfItsOwn(server));
      const key = platform.keys.test.secret;
      const user = { action: "connect", account: owner.account };
      const { code } = await consent(server, { client_id: platform.applications.test, scope }, user);
      const { access_token: token = "" } = await platform.test.oauth.token({ grant_type: "authorization_code", code });
      const readOnly = scope === "read_only";
      acting[`${scope}, by header`] = { key, headers: { "stripe-account": owner.account }, readOnly };
      acting[`${scope}, by context`] = { key, headers: { "stripe-context": owner.account }, readOnly };
      acting[`${scope}, by token`] = { key: token, headers: {}, readOnly };
    }
    await server.idle();
    before = await hidden();
  }, 60_000);
  afterAll(async () => {
    await server.close();
    await drop();
  });

  /** What hangs on accounts connected to the owner, beside what every platform has. */
  async function connectedTo(stripe: Stripe): Promise<Record<string, string>> {
    const { id: account } = await stripe.accounts.create({ type: "standard", metadata: { canary: CANARY } });
    const connect = await stripe.webhookEndpoints.create({ url: "http://127.0.0.1:1/connect", enabled_events: ["*"], connect: true });
    await stripe.customers.create({ name: CANARY }, { stripeAccount: account });
    const { id: destinationCharge } = await stripe.charges.create({
      amount: 1_000,
      currency: "usd",
      source: "tok_visa",
      transfer_data: { destination: account },
    });
    return { account, connectEndpoint: connect.id, destinationCharge };
  }

  /** All that no platform may change, or see, when it acts for the owner. */
  async function hidden(): Promise<unknown> {
    const { test: stripe } = owner;
    const account = ids.account as string;
    const as = { stripeAccount: account };
    return {
      application: await stripe.rawRequest("GET", "/console/application"),
      endpoints: await Promise.all([ids.endpoint, ids.connectEndpoint].map((id) => stripe.webhookEndpoints.retrieve(id as string))),
      connected: (await stripe.accounts.list({ limit: 100 })).data,
      customers: (await stripe.customers.list({}, as)).data,
      balance: await stripe.balance.retrieve({}, as),
      transactions: (await stripe.balanceTransactions.list({}, as)).data.length,
      endpointsThere: (await stripe.webhookEndpoints.list({}, as)).data,
    };
  }

  /** What stands in no answer: secrets, the application, the endpoints, and what the connected account keeps. */
  function expectNothingHidden(text: string, who: string): void {
    for (const word of [CANARY, "secret-redirect", ids.connectEndpoint as string, "http://127.0.0.1:1/hook", "http://127.0.0.1:1/connect"])
      expect(text, who).not.toContain(word);
    expect(text, who).not.toMatch(/whsec_\w|[sr]k_(test|live)_\w{12}/);
  }

  test.each(CALLS.map((call) => [nameOf(call), call] as const))("%s", async (name, call) => {
    const place = /:(\w+)/.exec(call.path)?.[1];
    // Countries and types of events belong to nobody: every caller sees the same.
    const nobodys: Record<string, string> = { country: "US", type: "payout.paid" };
    const id = place === undefined ? "" : (nobodys[place] ?? (ids[place] as string));
    expect(id, "every kind of object is tried").not.toBe(undefined);
    for (const [who, { key, headers, readOnly }] of Object.entries(acting)) {
      const asked = { id, headers, given: REACHING[name]?.(ids) };
      const { status, text } = await ask(server, key, call, asked);
      expectNothingHidden(text.replaceAll(id, "ID"), who);
      if (isForOwnKeys(call)) {
        expect([status, text], who).toEqual([403, expect.stringContaining("use one of the account's own keys")]);
      } else if (readOnly && call.method !== "GET") {
        expect([status, text], who).toEqual([403, expect.stringContaining("read_only")]);
      } else if (place === "account" || place === "endpoint" || place === "destination") {
        const unknownId = `${id.slice(0, -4)}zzzz`;
        const unknown = await ask(server, key, call, { ...asked, id: unknownId });
        expect([status, text.replaceAll(id, "ID")], who).toEqual([
          place === "account" && !call.path.startsWith("/v2/") ? 403 : 404,
          unknown.text.replaceAll(unknownId, "ID"),
        ]);
      } else expect(status, `${who}: ${text}`).toBeLessThan(500);
    }
  });

  test("and the account is still there to be read and changed", async () => {
    for (const [who, { key, headers, readOnly }] of Object.entries(acting)) {
      const itself = await ask(server, key, { method: "GET", path: "/v1/accounts/:account" }, { id: owner.account, headers });
      expect(itself.status, who).toBe(200);
      const made = await ask(server, key, { method: "POST", path: "/v1/customers" }, { headers });
      expect(made.status, who).toBe(readOnly ? 403 : 200);
    }
  });

  test("and by OAuth it is nobody but itself", async () => {
    for (const [who, { key, headers }] of Object.entries(acting)) {
      for (const [path, form] of [
        ["/oauth/token", { grant_type: "authorization_code", code: "ac_none" }],
        ["/oauth/deauthorize", { client_id: owner.applications.test, stripe_user_id: ids.account as string }],
      ] as const) {
        const answer = await fetch(server.url + path, {
          method: "POST",
          headers: { authorization: `Bearer ${key}`, ...headers },
          body: new URLSearchParams(form),
        });
        expect(answer.status, `${who} ${path}`).toBeGreaterThanOrEqual(400);
        expectNothingHidden(await answer.text(), who);
      }
    }
  });

  test("and its access token is no key by which the account's user could consent", async () => {
    const third = await withRedirects(await platformOfItsOwn(server));
    const tokens = Object.entries(acting).filter(([who]) => who.endsWith("by token"));
    expect(tokens).toHaveLength(2);
    for (const [who, { key }] of tokens)
      await expect(consent(server, { client_id: third.applications.test }, { action: "connect", key }), who).rejects.toThrow(
        /answered 422: .*access token/,
      );
  });

  test("and nothing that is hidden has changed", async () => {
    await server.idle();
    expect(await hidden()).toEqual(before);
  });
});
