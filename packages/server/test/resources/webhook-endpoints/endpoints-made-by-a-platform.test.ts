import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase } from "../../../../../scripts/test-database.ts";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { consent, withRedirects } from "../../pages/oauth/consent.ts";
import { client, type Platform, platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";
import { startWebhookReceiver } from "../../webhook-receiver.ts";

const HOOK = "http://127.0.0.1:1/hook";
const ALL = { url: HOOK, enabled_events: ["*" as const] };

describe.each(["memory", "postgres"] as const)("endpoints that a platform makes where it acts for an account, on %s", (kind) => {
  let server: Carabiner;
  let drop: () => Promise<void> = async () => undefined;
  beforeAll(async () => {
    const database = kind === "postgres" ? await createTestDatabase() : null;
    if (database !== null) drop = database.drop;
    server = await startCarabiner({ store: database === null ? "memory" : { url: database.url }, limits: { endpointsPerMode: 2 } });
  });
  afterAll(async () => {
    await server.close();
    await drop();
  });

  /** An account that is a platform itself. */
  const owner = () => platformOfItsOwn(server);

  /** A platform that the account's user has connected, and the access token it was given. */
  async function connected(to: Platform, mode: "test" | "live" = "test", by?: Platform): Promise<{ platform: Platform; token: Stripe }> {
    const platform = by ?? (await withRedirects(await platformOfItsOwn(server)));
    const query = { client_id: platform.applications[mode], scope: "read_write" };
    const { code } = await consent(server, query, {
      action: "connect",
      ...(mode === "test" ? { account: to.account } : { key: to.keys.live.secret }),
    });
    const { access_token = "" } = await platform[mode].oauth.token({ grant_type: "authorization_code", code });
    return { platform, token: client(server, access_token) };
  }

  const idsOf = async (stripe: Stripe, options: Stripe.RequestOptions = {}) =>
    (await stripe.webhookEndpoints.list({}, options)).data.map(({ id }) => id);

  test("are all it sees and changes there; the account sees and changes all", async () => {
    const account = await owner();
    const [{ platform: p, token }, { platform: q }] = [await connected(account), await connected(account)];
    const as = { stripeAccount: account.account };
    const own = await account.test.webhookEndpoints.create(ALL);
    const ofP = await p.test.webhookEndpoints.create(ALL, as);
    const ofQ = await q.test.webhookEndpoints.create(ALL, as);
    expect(ofP.secret).toMatch(/^whsec_/);
    expect(await idsOf(p.test, as)).toEqual([ofP.id]);
    expect(await idsOf(token)).toEqual([ofP.id]);
    expect(await idsOf(q.test, as)).toEqual([ofQ.id]);
    expect(await idsOf(account.test)).toEqual([ofQ.id, ofP.id, own.id]);
    expect(await idsOf(p.test)).toEqual([]);
    for (const [who, stripe, options] of [
      ["by header", p.test, as],
      ["by token", token, {}],
    ] as const) {
      for (const id of [own.id, ofQ.id]) {
        for (const call of [
          () => stripe.webhookEndpoints.retrieve(id, {}, options),
          () => stripe.webhookEndpoints.update(id, { disabled: true }, options),
          () => stripe.webhookEndpoints.del(id, {}, options),
        ])
          expect(await refusal(call()), `${who} ${id}`).toMatchObject({ status: 404 });
        expect(await refusal(stripe.webhookEndpoints.list({ starting_after: id }, options))).toMatchObject({ status: 400 });
      }
      expect(await stripe.webhookEndpoints.update(ofP.id, { description: who }, options)).toMatchObject({ description: who });
    }
    expect(await account.test.webhookEndpoints.update(ofQ.id, { disabled: true })).toMatchObject({ status: "disabled" });
    expect(await account.test.webhookEndpoints.del(ofQ.id)).toMatchObject({ deleted: true });
    expect(await idsOf(q.test, as)).toEqual([]);
  });

  test("count for the platform, not for the account or for other platforms", async () => {
    const account = await owner();
    const [{ platform: p }, { platform: q }] = [await connected(account), await connected(account)];
    const as = { stripeAccount: account.account };
    for (let n = 0; n < 2; n++) await p.test.webhookEndpoints.create(ALL, as);
    expect((await refusal(p.test.webhookEndpoints.create(ALL, as))).message).toContain("maximum of 2");
    for (let n = 0; n < 2; n++) await account.test.webhookEndpoints.create(ALL);
    expect((await refusal(account.test.webhookEndpoints.create(ALL))).message).toContain("maximum of 2");
    await q.test.webhookEndpoints.create(ALL, as);
  });

  test("are never Connect endpoints: those hear of accounts that are not the platform's", async () => {
    const account = await owner();
    const { platform, token } = await connected(account);
    for (const call of [
      () => platform.test.webhookEndpoints.create({ ...ALL, connect: true }, { stripeAccount: account.account }),
      () => token.webhookEndpoints.create({ ...ALL, connect: true }),
    ])
      expect(await refusal(call())).toMatchObject({ status: 403, param: "connect" });
    expect(await idsOf(account.test)).toEqual([]);
  });

  test("are the only ones of the account that it can have an event sent to again", async () => {
    const account = await owner();
    const { platform, token } = await connected(account);
    const as = { stripeAccount: account.account };
    const own = await account.test.webhookEndpoints.create(ALL);
    const ofPlatform = await platform.test.webhookEndpoints.create(ALL, as);
    await account.test.customers.create();
    const [event] = (await account.test.events.list()).data;
    const retry = (stripe: Stripe, given: Record<string, string>, options: Stripe.RawRequestOptions = {}) =>
      stripe.rawRequest("POST", `/v1/events/${event?.id}/retry`, given, options);
    const sent = async (endpoint: string) =>
      ((await account.test.rawRequest("GET", `/console/deliveries?endpoint=${endpoint}`)) as unknown as { data: unknown[] }).data.length;
    for (const call of [
      () => retry(platform.test, { webhook_endpoint: own.id }, as),
      () => retry(platform.test, { webhook_endpoint: own.id, account: account.account }),
      () => retry(token, { webhook_endpoint: own.id }),
    ])
      expect(await refusal(call())).toMatchObject({ status: 400, param: "webhook_endpoint" });
    await retry(platform.test, { webhook_endpoint: ofPlatform.id }, as);
    await retry(token, { for_stripecli: "true" });
    expect([await sent(own.id), await sent(ofPlatform.id)]).toEqual([1, 3]);
  });

  test("end with the connection: what they are owed is not sent any more, nor anything new", async () => {
    let status = 500;
    const receiver = await startWebhookReceiver(() => status);
    try {
      const account = await owner();
      const { platform } = await connected(account);
      const as = { stripeAccount: account.account };
      const endpoint = await platform.test.webhookEndpoints.create({ ...ALL, url: receiver.url("/") }, as);
      await account.test.customers.create();
      await server.idle();
      expect(receiver.received).toHaveLength(1);

      await platform.test.oauth.deauthorize({ client_id: platform.applications.test, stripe_user_id: account.account });
      status = 200;
      await account.test.customers.create();
      await server.clock.advance({ seconds: 24 * 3_600 });
      expect(receiver.received).toHaveLength(1);
      expect(await refusal(account.test.webhookEndpoints.retrieve(endpoint.id))).toMatchObject({ status: 404 });
      const { data } = (await account.test.rawRequest("GET", `/console/deliveries?endpoint=${endpoint.id}`)) as unknown as {
        data: { state: string }[];
      };
      expect(data.map(({ state }) => state)).toEqual(["cancelled"]);

      await connected(account, "test", platform);
      expect(await idsOf(platform.test, as)).toEqual([]);
    } finally {
      await receiver.close();
    }
  });

  test("stay for as long as another connection lets the platform act in their mode", async () => {
    const account = await owner();
    const { platform } = await connected(account, "live");
    await connected(account, "test", platform);
    const as = { stripeAccount: account.account };
    const secure = { ...ALL, url: "https://example.com/hook" };
    const [test, live] = [await platform.test.webhookEndpoints.create(secure, as), await platform.live.webhookEndpoints.create(secure, as)];
    const leave = (mode: "test" | "live") =>
      platform[mode].oauth.deauthorize({ client_id: platform.applications[mode], stripe_user_id: account.account });
    await leave("test");
    expect(await idsOf(platform.test, as)).toEqual([test.id]);
    expect(await idsOf(platform.live, as)).toEqual([live.id]);
    await connected(account, "test", platform);
    await leave("live");
    expect([await idsOf(account.test), await idsOf(account.live)]).toEqual([[test.id], []]);
    await leave("test");
    expect(await idsOf(account.test)).toEqual([]);
  });
});
