import { describe, expect, test } from "vitest";
import { client, ownKeys, refusal } from "../platform-of-its-own.ts";
import { stage, type Told } from "./stage.ts";

/**
 * The document the project was started from, statement by statement. Source: https://docs.stripe.com/connect/webhooks
 */

const on = stage();

const DAY_S = 24 * 3_600;
const GOOD_BANK = {
  object: "bank_account",
  country: "US",
  currency: "usd",
  routing_number: "110000000",
  account_number: "000123456789",
} as const;
const CLOSED_BANK = { ...GOOD_BANK, account_number: "000111111113" } as const;

const connected = (account: string, type: string, previous?: unknown): Told => ({
  at: "test Connect endpoint",
  type,
  account,
  livemode: false,
  ...(previous === undefined ? {} : { previous }),
});
const types = (told: readonly Told[]) => told.map(({ type }) => type);

/** A Custom account that can charge and be paid out, with an account at a bank that returns what it gets, and funds. */
async function merchant(bank: object, schedule: "manual" | "daily" = "manual"): Promise<string> {
  const account = await on.stripe.accounts.create({
    type: "custom",
    country: "US",
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
    settings: { payouts: { schedule: { interval: schedule } } },
    external_account: bank as never,
  });
  await on.force(`accounts/${account.id}/complete_onboarding`);
  await on.stripe.paymentIntents.create(
    { amount: 10_000, currency: "usd", confirm: true, payment_method: "pm_card_bypassPending" },
    { stripeAccount: account.id },
  );
  await on.told();
  return account.id;
}

describe("Standard accounts connect, and their user may leave", () => {
  test("account.application.deauthorized comes to the Connect endpoint, once, names account and application, and is the last", async () => {
    const { id } = await on.stripe.accounts.create({ type: "standard" });
    expect(await on.told()).toEqual([connected(id, "account.application.authorized")]);
    await on.force(`accounts/${id}/deauthorize`);
    expect(await on.told()).toEqual([connected(id, "account.application.deauthorized")]);
    expect(on.events[0]?.data.object).toMatchObject({ object: "application", id: expect.stringMatching(/^ca_/) });
    expect(await refusal(on.stripe.accounts.retrieve(id))).toMatchObject({ status: 403, code: "account_invalid" });
    await on.turn(30 * DAY_S);
    expect(await on.told()).toEqual([]);
  });
});

describe("Express and Custom accounts", () => {
  test("account.updated tells of requirements and of status", async () => {
    const { id } = await on.stripe.accounts.create({
      type: "custom",
      country: "US",
      business_type: "individual",
      capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
    });
    await on.told();
    await on.force(`accounts/${id}/complete_onboarding`, { verification: "delayed" });
    const submitted = await on.told();
    expect(new Set(types(submitted))).toEqual(new Set(["account.external_account.created", "account.updated", "capability.updated"]));
    const account = submitted.find(({ type }) => type === "account.updated");
    expect(account).toMatchObject({ at: "test Connect endpoint", account: id, previous: { details_submitted: false } });
    await on.turn(120);
    const verified = await on.told();
    expect(verified[0]).toMatchObject({
      type: "account.updated",
      previous: { charges_enabled: false, payouts_enabled: false, capabilities: { card_payments: "pending", transfers: "pending" } },
    });
    expect(on.events[0]?.request).toEqual({ id: null, idempotency_key: null });
    expect(await on.stripe.accounts.retrieve(id)).toMatchObject({ charges_enabled: true, payouts_enabled: true });
  });

  test("a requirement that falls due is told of when it is asked for, and again when its time is over", async () => {
    const id = await merchant(GOOD_BANK);
    const now = Math.floor(on.server.clock.now() / 1_000);
    await on.force(`accounts/${id}/requirements`, { requirement: "individual.verification.document", due_at: now + 7 * DAY_S });
    const asked = await on.told();
    expect(asked[0]).toMatchObject({ type: "account.updated", previous: { requirements: { currently_due: [], current_deadline: null } } });
    expect(on.events[0]?.data.object).toMatchObject({
      requirements: { currently_due: ["individual.verification.document"], current_deadline: now + 7 * DAY_S, past_due: [] },
      payouts_enabled: true,
    });
    await on.turn(7 * DAY_S);
    const over = await on.told();
    expect(over[0]).toMatchObject({ type: "account.updated", previous: { requirements: { past_due: [], disabled_reason: null } } });
    expect(on.events[0]?.data.object).toMatchObject({
      requirements: { past_due: ["individual.verification.document"], disabled_reason: "requirements.past_due" },
    });
  });

  test("person.updated tells of requirements and status of people, where the Persons API is used", async () => {
    const { id } = await on.stripe.accounts.create({
      type: "custom",
      country: "US",
      business_type: "company",
      capabilities: { transfers: { requested: true } },
    });
    const person = await on.stripe.accounts.createPerson(id, { first_name: "Ada", relationship: { representative: true } });
    expect(types(await on.told())).toContain("person.created");
    await on.stripe.accounts.updatePerson(id, person.id, { last_name: "Lovelace" });
    const [updated] = await on.told();
    expect(updated).toMatchObject({ type: "person.updated", at: "test Connect endpoint", account: id, previous: { last_name: null } });
    expect(on.events[0]?.data.object).toMatchObject({ id: person.id, object: "person", account: id });
  });

  test("nobody who does not use the Persons API hears of people", async () => {
    const { id } = await on.stripe.accounts.create({ type: "custom", country: "US", business_type: "individual" });
    await on.stripe.accounts.update(id, { individual: { first_name: "Ada" } });
    await on.stripe.accounts.update(id, { individual: { last_name: "Lovelace" } });
    const told = types(await on.told());
    expect(told).toContain("account.updated");
    expect(told.filter((type) => type.startsWith("person."))).toEqual([]);
  });

  test("account.external_account.updated tells of bank accounts", async () => {
    const id = await merchant(GOOD_BANK);
    const [bank] = (await on.stripe.accounts.listExternalAccounts(id)).data;
    await on.stripe.accounts.updateExternalAccount(id, bank?.id ?? "", { metadata: { note: "new" } });
    expect(await on.told()).toContainEqual(connected(id, "account.external_account.updated", { metadata: { note: null } }));
  });

  test("payout.failed disables the bank account, and nothing is paid out until it is updated: not by hand, not by schedule", async () => {
    const id = await merchant(CLOSED_BANK, "daily");
    const acting = { stripeAccount: id };
    const payout = await on.stripe.payouts.create({ amount: 1_000, currency: "usd" }, acting);
    expect(types(await on.told())).toEqual(["payout.created"]);
    await on.turn(7 * DAY_S);
    const told = await on.told();
    const failed = told.findIndex(({ type }) => type === "payout.failed");
    expect(told.slice(failed, failed + 3)).toMatchObject([
      connected(id, "payout.failed"),
      connected(id, "account.external_account.updated", { status: "new" }),
      { ...connected(id, "account.updated"), previous: { payouts_enabled: true } },
    ]);
    expect(on.events[failed]?.data.object).toMatchObject({ status: "failed", failure_code: "account_closed" });
    expect(await on.stripe.payouts.retrieve(payout.id, {}, acting)).toMatchObject({ status: "failed" });

    expect(await refusal(on.stripe.payouts.create({ amount: 1_000, currency: "usd" }, acting))).toMatchObject({
      status: 400,
      code: "payouts_not_allowed",
    });
    const before = (await on.stripe.payouts.list({ limit: 100 }, acting)).data.length;
    await on.turn(14 * DAY_S);
    expect(types(await on.told())).not.toContain("payout.created");
    expect((await on.stripe.payouts.list({ limit: 100 }, acting)).data).toHaveLength(before);

    const [bank] = (await on.stripe.accounts.listExternalAccounts(id)).data;
    await on.stripe.accounts.updateExternalAccount(id, bank?.id ?? "", {});
    expect((await on.told()).slice(0, 2)).toMatchObject([
      connected(id, "account.external_account.updated", { status: "errored" }),
      { ...connected(id, "account.updated"), previous: { payouts_enabled: false } },
    ]);
    // A weekend may lie between.
    await on.turn(4 * DAY_S);
    expect(await on.told()).toContainEqual(connected(id, "payout.created"));
    expect((await on.stripe.payouts.list({ limit: 1 }, acting)).data[0]).toMatchObject({ automatic: true });
  });
});

describe("kinds of webhooks", () => {
  test("account webhooks are of one's own activity, Connect webhooks of that of connected accounts", async () => {
    const { id } = await on.stripe.accounts.create({ type: "express", country: "US" });
    await on.told();
    await on.stripe.customers.create({ name: "mine" });
    await on.stripe.customers.create({ name: "theirs" }, { stripeAccount: id });
    expect(await on.told()).toEqual([
      { at: "test account endpoint", type: "customer.created", account: undefined, livemode: false },
      connected(id, "customer.created"),
    ]);
  });

  test("production endpoints get live and test webhooks, development endpoints test ones alone; livemode says which", async () => {
    const { id } = await on.platform.live.accounts.create({ type: "standard" });
    const own = await ownKeys(on.platform.live, id);
    await on.told();
    await client(on.server, own.live.secret).customers.create({});
    await client(on.server, own.test.secret).customers.create({});
    const live: Told = { at: "live Connect endpoint", type: "customer.created", account: id, livemode: true };
    expect(await on.told()).toEqual([live, { ...live, livemode: false }]);
  });

  test("an event of a connected account looks as the document shows it", async () => {
    const { id } = await on.platform.live.accounts.create({ type: "standard" });
    await on.told();
    const customer = await on.platform.live.customers.create({}, { stripeAccount: id });
    await on.told();
    expect(on.events).toHaveLength(1);
    expect(on.events[0]).toMatchObject({
      id: expect.stringMatching(/^evt_/),
      livemode: true,
      object: "event",
      type: "customer.created",
      account: id,
      pending_webhooks: 1,
      created: expect.any(Number),
      data: { object: { id: customer.id } },
    });
  });
});
