import type Stripe from "stripe";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { browser, formOf } from "../../pages/oauth/consent.ts";
import { client, ownKeys, platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";
import { startWebhookReceiver } from "../../webhook-receiver.ts";

let server: Carabiner;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
beforeAll(async () => {
  server = await startCarabiner();
  receiver = await startWebhookReceiver();
});
afterEach(() => {
  receiver.received.length = 0;
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

const URLS = { refresh_url: "https://platform.example/again", return_url: "https://platform.example/done" };
const onboarding = (account: string, more: object = {}): Stripe.V2.Core.AccountLinkCreateParams => ({
  account,
  use_case: { type: "account_onboarding", account_onboarding: { ...URLS, ...more } },
});

const listening = (stripe: Stripe, path: string) =>
  stripe.v2.core.eventDestinations.create({
    name: path,
    type: "webhook_endpoint",
    event_payload: "thin",
    enabled_events: ["v2.core.account_link.returned"],
    events_from: ["@self"],
    webhook_endpoint: { url: receiver.url(path) },
  });

/** Follows a link to the page behind it. */
async function follow(url: string) {
  const { go } = browser(server);
  const arrived = await go(url);
  const page = arrived.location.startsWith("/") ? await go(arrived.location) : arrived;
  return { go, arrived, path: arrived.location, page };
}

describe("an account link of the v2 API", () => {
  test("leads to the pages of v1's, once and for five minutes", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "express", capabilities: { transfers: { requested: true } } });
    const given = onboarding(id, { collection_options: { fields: "eventually_due", future_requirements: "include" } });
    const { lastResponse: _, ...link } = await stripe.v2.core.accountLinks.create(given);
    expect(link).toEqual({
      object: "v2.core.account_link",
      account: id,
      created: expect.any(String),
      expires_at: new Date(Date.parse(link.created) + 300_000).toISOString(),
      livemode: false,
      url: expect.stringMatching(new RegExp(`^${server.url}/setup/e/${id}/\\w{32}$`)),
      use_case: given.use_case,
    });
    expect((await follow(link.url)).page.status).toBe(200);
    expect((await follow(link.url)).arrived).toMatchObject({ status: 303, location: URLS.refresh_url });
    const late = (await stripe.v2.core.accountLinks.create(given)).url;
    await server.clock.advance({ seconds: 300 });
    expect((await follow(late)).arrived).toMatchObject({ status: 303, location: URLS.refresh_url });
  });

  test("tells the platform once that its user has returned, with what the link was for", async () => {
    const { test: stripe, account: platform } = await platformOfItsOwn(server);
    await listening(stripe, "/returned");
    const { id } = await stripe.accounts.create({ type: "express", capabilities: { transfers: { requested: true } } });
    const { url } = await stripe.v2.core.accountLinks.create(onboarding(id));
    const { go, path, page } = await follow(url);
    const left = await go(path, { form_token: page.formToken, action: "leave" });
    expect(left).toMatchObject({ status: 303, location: URLS.return_url });
    await go(path, { form_token: page.formToken, action: "leave" });
    await server.idle();
    expect(receiver.at("/returned")).toHaveLength(1);
    const pushed = JSON.parse(receiver.at("/returned")[0]?.body ?? "") as { id: string };
    expect(pushed).toEqual({
      id: expect.any(String),
      object: "v2.core.event",
      type: "v2.core.account_link.returned",
      livemode: false,
      created: expect.any(String),
    });
    expect(await stripe.v2.core.events.retrieve(pushed.id)).toMatchObject({
      data: { account_id: id, configurations: ["recipient"], use_case: "account_onboarding" },
    });
    expect(platform).not.toBe(id);
    const second = { ...onboarding(id, { configurations: ["merchant", "recipient"] }) };
    const { url: again } = await stripe.v2.core.accountLinks.create(second);
    const followed = await follow(again);
    await followed.go(followed.path, { form_token: followed.page.formToken, action: "leave" });
    const [event] = (await stripe.v2.core.events.list()).data;
    expect(event).toMatchObject({ data: { configurations: ["merchant", "recipient"] } });
  });

  test("tells the same when its user has given everything", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    await listening(stripe, "/complete");
    const { id } = await stripe.accounts.create({ type: "express", capabilities: { transfers: { requested: true } } });
    const { url } = await stripe.v2.core.accountLinks.create(onboarding(id));
    const { go, path, page } = await follow(url);
    let { formToken: form_token } = page;
    for (let sent = ""; sent !== URLS.return_url; ) {
      const { text } = await go(path, { form_token, action: "fill" });
      const answer = await go(path, { ...formOf(text), form_token, action: "save" });
      expect(answer.status).toBe(303);
      sent = answer.location;
      if (sent.startsWith("/")) form_token = (await go(sent)).formToken;
    }
    await server.idle();
    expect(receiver.at("/complete")).toHaveLength(1);
    expect((await stripe.accounts.retrieve(id)).details_submitted).toBe(true);
  });

  test("of v1 tells nothing, and other platforms are not told", async () => {
    const [owner, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    for (const { test: stripe } of [owner, other]) await listening(stripe, "/quiet");
    const { id } = await owner.test.accounts.create({ type: "express", capabilities: { transfers: { requested: true } } });
    const { url } = await owner.test.accountLinks.create({ account: id, type: "account_onboarding", ...URLS });
    const { go, path, page } = await follow(url);
    await go(path, { form_token: page.formToken, action: "leave" });
    await server.idle();
    expect(receiver.received).toEqual([]);
    expect((await owner.test.v2.core.events.list()).data).toEqual([]);
  });

  test("ends on a page of the server without a return_url", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "custom", capabilities: { transfers: { requested: true } } });
    const { url, use_case } = await stripe.v2.core.accountLinks.create({
      account: id,
      use_case: { type: "account_update", account_update: { refresh_url: URLS.refresh_url } },
    });
    expect(use_case).toEqual({ type: "account_update", account_update: { refresh_url: URLS.refresh_url } });
    const { go, path, page } = await follow(url);
    expect(page.status).toBe(200);
    expect(await go(path, { form_token: page.formToken, action: "leave" })).toMatchObject({ status: 303, location: "/" });
  });

  const options = { refresh_url: "https://platform.example/again" };
  test.each([
    [{ use_case: { type: "account_onboarding" } }, "use_case.account_onboarding"],
    [{ use_case: { type: "account_offboarding", account_onboarding: options } }, "use_case.type"],
    [{ use_case: { type: "account_onboarding", account_onboarding: options, account_update: options } }, "use_case.account_update"],
    [{ use_case: { type: "account_onboarding", account_onboarding: {} } }, "use_case.account_onboarding.refresh_url"],
    [
      { use_case: { type: "account_onboarding", account_onboarding: { refresh_url: "ftp://example.com" } } },
      "use_case.account_onboarding.refresh_url",
    ],
    [
      { use_case: { type: "account_onboarding", account_onboarding: { ...options, return_url: "nowhere" } } },
      "use_case.account_onboarding.return_url",
    ],
    [
      { use_case: { type: "account_onboarding", account_onboarding: { ...options, configurations: ["storer"] } } },
      "use_case.account_onboarding.configurations[0]",
    ],
    [
      { use_case: { type: "account_onboarding", account_onboarding: { ...options, collection_options: { fields: "all" } } } },
      "use_case.account_onboarding.collection_options.fields",
    ],
    [{ use_case: { type: "account_update", account_update: options } }, "account"],
  ])("is refused with %j, by the name of the field", async (given, param) => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "express" });
    const create = stripe.rawRequest("POST", "/v2/core/account_links", { account: id, ...given });
    expect(await refusal(create)).toMatchObject({ status: 400, code: "invalid_fields", param });
  });

  test("is for accounts of the platform that asks, and in live mode for https", async () => {
    const [owner, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const { id } = await owner.test.accounts.create({ type: "standard" });
    expect(await refusal(other.test.v2.core.accountLinks.create(onboarding(id)))).toMatchObject({ status: 403, code: "account_invalid" });
    const own = client(server, (await ownKeys(owner.test, id)).test.secret);
    expect(await refusal(own.v2.core.accountLinks.create(onboarding(id)))).toMatchObject({ status: 400, param: "account" });
    const live = await owner.live.accounts.create({ type: "express" });
    expect(
      await refusal(owner.live.v2.core.accountLinks.create(onboarding(live.id, { return_url: "http://platform.example/done" }))),
    ).toMatchObject({ status: 400, param: "use_case.account_onboarding.return_url" });
  });
});
