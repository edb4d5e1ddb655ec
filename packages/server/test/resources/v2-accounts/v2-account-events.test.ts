import { THIN_EVENT_TYPES } from "@carabiner/protocol";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { connect, withRedirects } from "../../pages/oauth/consent.ts";
import { platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";
import { startWebhookReceiver } from "../../webhook-receiver.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const OF_ACCOUNTS = THIN_EVENT_TYPES.filter((type) => type.startsWith("v2.core.account.") || type.startsWith("v2.core.account["));

/** A platform with a destination that takes every event of v2 about its accounts. */
async function listeningPlatform(events_from: string[] = ["@self"]) {
  const platform = await withRedirects(await platformOfItsOwn(server));
  const { test: stripe } = platform;
  await stripe.v2.core.eventDestinations.create({
    name: "Accounts",
    type: "webhook_endpoint",
    event_payload: "thin",
    enabled_events: OF_ACCOUNTS as never,
    events_from: events_from as never,
    webhook_endpoint: { url: "http://127.0.0.1:1/hook" },
  });
  let seen = 0;
  return {
    platform,
    stripe,
    /** What was recorded since the last call, oldest first, without the prefix that all share. */
    async told(): Promise<string[]> {
      const all: Stripe.V2.Core.Event[] = [];
      for await (const event of stripe.v2.core.events.list({ limit: 100 })) all.unshift(event);
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh.map((event) => {
        const { updated_capability: capability } = (event as { data?: { updated_capability?: string } }).data ?? {};
        return event.type.replace("v2.core.account", "") + (capability === undefined ? "" : ` ${capability}`);
      });
    },
  };
}

const RECIPIENT: Stripe.V2.Core.AccountCreateParams = {
  contact_email: "jenny@example.com",
  dashboard: "none",
  identity: { country: "us", entity_type: "individual" },
  defaults: { responsibilities: { fees_collector: "application", losses_collector: "application" } },
  configuration: { recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } } },
};

describe("events of v2 about an account", () => {
  test("tell that it was made, of its parts, and of its capabilities", async () => {
    const { stripe, told } = await listeningPlatform();
    await stripe.v2.core.accounts.create(RECIPIENT);
    expect(await told()).toEqual([
      ".created",
      "[identity].updated",
      "[defaults].updated",
      "[configuration.recipient].updated",
      "[requirements].updated",
      "[configuration.recipient].capability_status_updated stripe_balance.stripe_transfers",
      "[configuration.recipient].capability_status_updated stripe_balance.payouts",
    ]);
  });

  test("tell of the customer configuration, whichever API changes it", async () => {
    const { stripe, told } = await listeningPlatform();
    const { accounts } = stripe.v2.core;
    const { id } = await accounts.create({ identity: { country: "us" }, configuration: { customer: {} } });
    expect(await told()).toEqual([".created", "[identity].updated", "[defaults].updated", "[configuration.customer].updated"]);
    const update = (customer: object) => accounts.update(id, { configuration: { customer } });
    await update({ capabilities: { automatic_indirect_tax: { requested: true } } });
    expect(await told()).toEqual([
      "[configuration.customer].updated",
      "[configuration.customer].capability_status_updated automatic_indirect_tax",
    ]);
    await stripe.customers.update(id, { shipping: { name: "Jenny", address: { country: "FR" } } });
    expect(await told()).toEqual([
      "[configuration.customer].updated",
      "[configuration.customer].capability_status_updated automatic_indirect_tax",
    ]);
    await stripe.customers.update(id, { description: "Only of v1" });
    expect(await told()).toEqual([]);
    await stripe.customers.update(id, { address: { line1: "Main St 1" } });
    expect(await told()).toEqual(["[identity].updated"]);
    await stripe.customers.update(id, { email: "jenny@example.com" });
    expect(await told()).toEqual([".updated"]);
    const method = await stripe.paymentMethods.attach("pm_card_visa", { customer_account: id });
    await update({ billing: { default_payment_method: method.id } });
    expect(await told()).toEqual(["[configuration.customer].updated"]);
    await stripe.paymentMethods.detach(method.id);
    expect(await told()).toEqual(["[configuration.customer].updated"]);
    await update({ applied: false });
    expect(await told()).toEqual([".updated", "[configuration.customer].updated"]);
    await accounts.close(id, {});
    expect(await told()).toEqual([".closed"]);
  });

  test("tell nobody but the platform that created the account of its customer configuration", async () => {
    const { stripe, told } = await listeningPlatform();
    const other = await listeningPlatform();
    const { id } = await stripe.accounts.create({ type: "standard", country: "US" });
    await connect(server, other.platform, "test", { action: "connect", account: id });
    await told();
    await other.told();
    await stripe.v2.core.accounts.update(id, { display_name: "Rides" });
    expect([await told(), await other.told()]).toEqual([[".updated"], [".updated"]]);
    await stripe.v2.core.accounts.update(id, { configuration: { customer: { shipping: { name: "Jenny" } } } });
    expect([await told(), await other.told()]).toEqual([[".updated", "[configuration.customer].updated"], []]);
    const seen = await other.stripe.v2.core.accounts.retrieve(id, { include: ["configuration.customer"] });
    expect(seen).toMatchObject({ applied_configurations: ["merchant", "recipient"], configuration: { customer: null } });
    expect((await other.stripe.v2.core.accounts.list({ applied_configurations: ["customer"] })).data).toEqual([]);
    expect(await refusal(other.stripe.v2.core.accounts.update(id, { configuration: { customer: {} } }))).toMatchObject({
      param: "configuration.customer",
      message: expect.stringContaining("did not create"),
    });
    expect(await refusal(other.stripe.customers.retrieve(id))).toMatchObject({ status: 404 });
    const { message } = await refusal(other.stripe.v2.core.accounts.close(id, {}));
    expect(message).toMatch(/: merchant, recipient\.$/);
  });

  test("tell of each part that a request changes, and of no other", async () => {
    const { stripe, told } = await listeningPlatform();
    const { accounts } = stripe.v2.core;
    const { id } = await accounts.create(RECIPIENT);
    await told();
    await accounts.update(id, { display_name: "Rides", metadata: { a: "b" } });
    expect(await told()).toEqual([".updated"]);
    await accounts.update(id, { defaults: { locales: ["en-US"] } });
    expect(await told()).toEqual(["[defaults].updated"]);
    await accounts.update(id, { display_name: "Rides" });
    expect(await told()).toEqual([]);
    await accounts.update(id, { identity: { individual: { given_name: "Jenny" } } });
    expect(await told()).toEqual(["[identity].updated", "[requirements].updated"]);
    await accounts.update(id, { configuration: { merchant: { mcc: "5734", capabilities: { card_payments: { requested: true } } } } });
    expect(await told()).toEqual([
      ".updated",
      "[configuration.merchant].updated",
      "[requirements].updated",
      "[configuration.merchant].capability_status_updated card_payments",
      "[configuration.merchant].capability_status_updated stripe_balance.payouts",
    ]);
  });

  test("tell as well of what v1 does, and of what happens by itself; v1's own events are beside them", async () => {
    const { stripe, told } = await listeningPlatform();
    const { id } = await stripe.accounts.create({ type: "custom", country: "US", capabilities: { transfers: { requested: true } } });
    expect(await told()).toEqual([
      ".created",
      "[identity].updated",
      "[defaults].updated",
      "[configuration.recipient].updated",
      "[requirements].updated",
      "[configuration.recipient].capability_status_updated stripe_balance.stripe_transfers",
      "[configuration.recipient].capability_status_updated stripe_balance.payouts",
    ]);
    await stripe.accounts.update(id, { email: "jenny@example.com" });
    expect(await told()).toEqual([".updated"]);
    const v1 = await stripe.events.list({ types: ["account.updated"] }, { stripeAccount: id });
    expect(v1.data[0]?.data.previous_attributes).toEqual({ email: null });
  });

  test("tell of a verification that fails and of a deadline that passes", async () => {
    const { stripe, told } = await listeningPlatform();
    const { id } = await stripe.accounts.create({ type: "custom", country: "US", capabilities: { transfers: { requested: true } } });
    await stripe.rawRequest("POST", `/v1/test_helpers/accounts/${id}/complete_onboarding`, {});
    await server.clock.advance({ seconds: 3_600 });
    expect((await stripe.accounts.retrieve(id)).capabilities?.transfers).toBe("active");
    await told();
    await stripe.accounts.update(id, { individual: { id_number: "111111111" } });
    await server.clock.advance({ seconds: 3_600 });
    expect(await told()).toContain("[requirements].updated");
    const shown = await stripe.v2.core.accounts.retrieve(id, { include: ["requirements"] });
    const failed = shown.requirements?.entries?.find(({ errors }) => errors.length > 0);
    expect(failed).toMatchObject({
      awaiting_action_from: "user",
      minimum_deadline: { status: "currently_due" },
      requested_reasons: [{ code: "routine_verification" }],
    });
    expect(shown.requirements?.summary?.minimum_deadline?.time).toMatch(/^\d{4}-\d\d-\d\dT/);
    await server.clock.advance({ seconds: 20 * 24 * 3_600 });
    expect(await told()).toEqual([
      "[requirements].updated",
      "[configuration.recipient].capability_status_updated stripe_balance.stripe_transfers",
      "[configuration.recipient].capability_status_updated stripe_balance.payouts",
    ]);
    const [last] = (await stripe.v2.core.events.list({ limit: 1 })).data;
    expect(last).not.toHaveProperty("reason");
  });

  test("are the platform's own, with the account as related object, which can be fetched with its part", async () => {
    const receiver = await startWebhookReceiver();
    const { test: stripe } = await platformOfItsOwn(server);
    const type = "v2.core.account[identity].updated";
    const { webhook_endpoint } = await stripe.v2.core.eventDestinations.create({
      name: "Accounts",
      type: "webhook_endpoint",
      event_payload: "thin",
      enabled_events: [type],
      include: ["webhook_endpoint.signing_secret"],
      webhook_endpoint: { url: receiver.url("/thin") },
    });
    const { id } = await stripe.v2.core.accounts.create(RECIPIENT);
    await server.idle();
    const [{ body, headers }] = receiver.received as [(typeof receiver.received)[number]];
    const notification = stripe.parseEventNotification(body, headers["stripe-signature"] as string, webhook_endpoint?.signing_secret ?? "");
    expect(notification).toMatchObject({ type, related_object: { id, type: "v2.core.account" } });
    expect(notification.context).toBeUndefined();
    if (notification.type !== type) throw new Error(notification.type);
    expect(await notification.fetchRelatedObject()).toMatchObject({ id, identity: { country: "us" }, requirements: null });
    await receiver.close();
  });

  test("do not reach those who listen to connected accounts, nor other platforms, and are not kept for nobody", async () => {
    const connect = await listeningPlatform(["@accounts"]);
    const other = await listeningPlatform();
    const { id } = await connect.stripe.v2.core.accounts.create(RECIPIENT);
    expect(await connect.told()).toEqual([]);
    expect(await other.told()).toEqual([]);
    expect((await connect.stripe.v2.core.events.list({}, { stripeContext: id })).data).toEqual([]);
  });

  test("tell of an account that is closed, once, through v1 or v2", async () => {
    const { stripe, told } = await listeningPlatform();
    const { id } = await stripe.accounts.create({ type: "express" });
    await told();
    await stripe.accounts.del(id);
    expect(await told()).toEqual([".closed"]);
    const other = await stripe.v2.core.accounts.create(RECIPIENT);
    await told();
    await stripe.v2.core.accounts.close(other.id, { applied_configurations: ["recipient"] });
    expect(await told()).toEqual([".closed"]);
  });
});
