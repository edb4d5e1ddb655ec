import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { client, type Platform, platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";
import { fund } from "../money/payable-account.ts";
import { payoutStory } from "../payouts/payout-story.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const JENNY = {
  first_name: "Jenny",
  last_name: "Rosen",
  email: "jenny@example.com",
  phone: "0000000000",
  dob: { day: 1, month: 1, year: 1901 },
  address: { line1: "address_full_match", city: "Austin", postal_code: "73301", state: "TX" },
};
const BOTH = { card_payments: { requested: true }, transfers: { requested: true } };

describe("an account that is one person", () => {
  test("shows a company, its number's end, and what follows from its website", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const account = await stripe.accounts.create({
      type: "custom",
      business_type: "individual",
      business_profile: { url: "https://www.rocket-rides.example/shop" },
      individual: { ...JENNY, id_number: "000000000", nationality: "US" } as Stripe.AccountCreateParams.Individual,
      external_account: "btok_us",
    });
    expect(account).toMatchObject({
      company: { address: { city: null, line1: null }, owners_provided: true, verification: { document: { front: null } } },
      external_accounts: { total_count: 1 },
      individual: {
        id_number_provided: true,
        nationality: "US",
        phone: "+10000000000",
        relationship: { authorizer: false, legal_guardian: false, representative: true },
        ssn_last_4_provided: true,
      },
      settings: { dashboard: { display_name: "rocket-rides.example" }, payments: { statement_descriptor: "ROCKET-RIDES.EXAMPLE" } },
    });
    const changed = await stripe.accounts.update(account.id, {
      business_profile: { name: "Rocket" },
      settings: { payments: { statement_descriptor: "ROCKET RIDES" } },
    });
    expect(changed.settings).toMatchObject({ dashboard: { display_name: "Rocket" }, payments: { statement_descriptor: "ROCKET RIDES" } });
  });

  test("whose platform clears a description says nothing of it any more", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "custom", business_profile: { product_description: "rides" } });
    const cleared = await stripe.accounts.update(id, { business_profile: { product_description: "" } });
    expect(cleared.business_profile?.product_description).toBeNull();
  });
});

describe("people where nobody is known by a number", () => {
  const told = async (country: string, individual: object) => {
    const { test: stripe } = await platformOfItsOwn(server);
    const agreement = ["IN", "KR"].includes(country) ? { tos_acceptance: { service_agreement: "recipient" } } : {};
    const account = await stripe.accounts.create({ type: "custom", country, business_type: "individual", ...agreement, individual });
    const { id_number_provided, ssn_last_4_provided } = account.individual ?? {};
    const person = await stripe.accounts.retrievePerson(account.id, account.individual?.id ?? "");
    expect([person.id_number_provided, person.ssn_last_4_provided]).toEqual([id_number_provided, ssn_last_4_provided]);
    return [id_number_provided, ssn_last_4_provided];
  };

  test.each(["AU", "IN", "LI", "MC", "NO"])("of %s show nothing of one until it is given", async (country) => {
    expect(await told(country, { first_name: "Jenny" })).toEqual([undefined, undefined]);
    expect(await told(country, { first_name: "Jenny", id_number: "000000000" })).toEqual([true, true]);
  });

  test.each(["US", "KR"])("of %s show that there is none", async (country) => {
    expect(await told(country, { first_name: "Jenny" })).toEqual([false, false]);
  });
});

test("a person abroad whose document is checked is pending until it was, and an event tells of each", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const date = Math.floor(server.clock.now() / 1_000);
  const { id, individual } = await stripe.accounts.create({
    type: "custom",
    country: "KR",
    business_type: "individual",
    capabilities: { transfers: { requested: true } },
    individual: { ...JENNY, address: { line1: "address_full_match", city: "Seoul", postal_code: "10169" }, id_number: "000000000" },
    tos_acceptance: { date, ip: "127.0.0.1", service_agreement: "recipient" },
  });
  const person = individual?.id ?? "";
  const { requirements, verification } = await stripe.accounts.updatePerson(id, person, {
    verification: { document: { front: "file_identity_document_success" } },
  });
  expect([verification?.status, requirements?.eventually_due, requirements?.pending_verification]).toEqual(["pending", [], []]);
  await server.clock.advance({ seconds: 120 });
  expect((await stripe.accounts.retrievePerson(id, person)).verification?.status).toBe("verified");
  const { data } = await stripe.events.list({ type: "person.updated" }, { stripeAccount: id });
  expect(data.map(({ data: { previous_attributes }, request }) => [previous_attributes, request?.id === null])).toMatchObject([
    [{ verification: { status: "pending" } }, true],
    [{ requirements: { eventually_due: ["verification.document"] }, verification: { status: "unverified" } }, false],
  ]);
});

test("a company that is told of its representative as an individual shows no individual", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const account = await stripe.accounts.create({ type: "custom", business_type: "company", individual: JENNY });
  expect(account.individual).toBeUndefined();
  expect((await stripe.accounts.listPersons(account.id)).data).toMatchObject([{ relationship: { representative: true } }]);
});

describe("a platform's category", () => {
  const due = async (stripe: Stripe, mcc?: string) => {
    const profile = mcc === undefined ? {} : { business_profile: { mcc } };
    const { business_profile, requirements } = await stripe.accounts.create({ type: "custom", capabilities: BOTH, ...profile });
    return [business_profile?.mcc, requirements?.currently_due?.includes("business_profile.mcc")];
  };
  const platform = async (params: object): Promise<Stripe> => {
    const made = await client(server, server.keys.test.secret).rawRequest("POST", "/v1/test_helpers/platforms", { ...params });
    return client(server, (made as unknown as Pick<Platform, "keys">).keys.test.secret);
  };

  test("is that of accounts that name none", async () => {
    const stripe = await platform({ default_mcc: "7299" });
    expect(await due(stripe)).toEqual(["7299", false]);
    expect(await due(stripe, "5734")).toEqual(["5734", false]);
    expect(await due(await platform({}))).toEqual([null, true]);
    expect((await stripe.accounts.retrieveCurrent()).business_profile?.mcc).toBe("7299");
  });

  test("has four digits", async () => {
    expect(await refusal(platform({ default_mcc: "12a4" }))).toMatchObject({ status: 400, param: "default_mcc" });
    await expect(startCarabiner({ defaultMcc: "1" })).rejects.toThrow(TypeError);
  });
});

describe("a platform", () => {
  test("is told what is reserved for its accounts, and an account is not", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "custom" });
    expect((await stripe.balance.retrieve()).connect_reserved).toEqual([{ amount: 0, currency: "usd" }]);
    expect((await stripe.balance.retrieve({}, { stripeAccount: id })).connect_reserved).toBeUndefined();
  });

  test("debits an account that it controls by a transfer to itself", async () => {
    const { test: stripe, account: platform } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "custom", capabilities: BOTH });
    const as = { stripeAccount: id };
    const payment = { amount: 10_000, currency: "usd", payment_method: "pm_card_bypassPending", confirm: true };
    await stripe.paymentIntents.create(payment, as);
    const available = async (of?: Stripe.RequestOptions) => (await stripe.balance.retrieve({}, of)).available[0]?.amount;
    const [own, theirs] = [await available(), await available(as)];
    const debit = await stripe.transfers.create({ amount: 700, currency: "usd", destination: platform }, as);
    expect(debit).toMatchObject({ amount: 700, destination: platform, reversals: { data: [], total_count: 0 } });
    expect([await available(), await available(as)]).toEqual([(own ?? 0) + 700, (theirs ?? 0) - 700]);
    expect((await stripe.charges.retrieve(debit.destination_payment as string)).amount).toBe(700);
    const tooMuch = stripe.transfers.create({ amount: 99_000, currency: "usd", destination: platform }, as);
    expect(await refusal(tooMuch)).toMatchObject({ status: 400, code: "balance_insufficient" });
  });

  test("is told how many reversals a transfer has", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "custom", capabilities: BOTH });
    await stripe.paymentIntents.create({ amount: 10_000, currency: "usd", payment_method: "pm_card_bypassPending", confirm: true });
    const transfer = await stripe.transfers.create({ amount: 700, currency: "usd", destination: id });
    expect(transfer.reversals).toMatchObject({ data: [], total_count: 0 });
    for (const amount of [100, 200]) await stripe.transfers.createReversal(transfer.id, { amount });
    expect((await stripe.transfers.retrieve(transfer.id)).reversals).toMatchObject({
      data: [{ amount: 200 }, { amount: 100 }],
      total_count: 2,
    });
  });

  test("debits no account that it does not control, and none debits another platform", async () => {
    const [one, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const standard = await one.test.accounts.create({ type: "standard" });
    const custom = await one.test.accounts.create({ type: "custom", capabilities: BOTH });
    for (const [id, destination] of [
      [standard.id, one.account],
      [custom.id, other.account],
      [custom.id, custom.id],
    ] as const) {
      const transfer = one.test.transfers.create({ amount: 1, currency: "usd", destination }, { stripeAccount: id });
      expect(await refusal(transfer), `${id} to ${destination}`).toMatchObject({ param: "destination" });
    }
  });
});

describe("a Standard account that a platform creates", () => {
  const FULL = {
    fees: { payer: "account" },
    is_controller: true,
    losses: { payments: "stripe" },
    requirement_collection: "stripe",
    stripe_dashboard: { type: "full" },
    type: "application",
  };
  const DUE = [
    "business_profile.product_description",
    "business_profile.support_phone",
    "business_profile.url",
    "external_account",
    "tos_acceptance.date",
    "tos_acceptance.ip",
  ];

  test.each([undefined, "non_profit"] as const)("shows little as due until its user submits its details: %s", async (business_type) => {
    const { test: stripe } = await platformOfItsOwn(server);
    const email = "jenny@example.com";
    const made = await stripe.accounts.create({ type: "standard", country: "AU", email, ...(business_type && { business_type }) });
    expect(made).toMatchObject({
      charges_enabled: false,
      controller: FULL,
      settings: { invoices: { hosted_payment_method_save: "offer" }, payouts: { schedule: { delay_days: 2, interval: "daily" } } },
    });
    expect(made.capabilities).toEqual({});
    expect(made.requirements).toMatchObject({
      alternatives: [],
      currently_due: DUE,
      disabled_reason: "requirements.past_due",
      eventually_due: DUE,
      past_due: DUE,
    });
    const changed = await stripe.accounts.update(made.id, { business_profile: { url: "https://rides.example" } });
    expect(changed.requirements?.currently_due).toEqual(DUE.filter((field) => field !== "business_profile.url"));
    const [event] = (await stripe.events.list({ type: "account.updated" }, { stripeAccount: made.id })).data;
    expect(event?.data.object).toMatchObject({
      capabilities: {},
      controller: FULL,
      requirements: { currently_due: changed.requirements?.currently_due },
    });
    await stripe.rawRequest("POST", `/v1/test_helpers/accounts/${made.id}/complete_onboarding`);
    expect(await stripe.accounts.retrieve(made.id)).toMatchObject({ capabilities: { card_payments: "active", transfers: "active" } });
  });

  test("shows all once a capability is requested, and also asks for a missing email", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const plain = await stripe.accounts.create({ type: "standard" });
    expect(plain.requirements?.currently_due).toEqual([...DUE.slice(0, 3), "email", ...DUE.slice(3)]);
    const asked = await stripe.accounts.create({ type: "standard", capabilities: BOTH });
    expect(asked.capabilities).toMatchObject({ card_payments: "inactive" });
    expect(asked.requirements?.currently_due).toContain("business_profile.mcc");
  });

  test("shows the platform's part to the platform only", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "standard" });
    const keys = (await stripe.rawRequest("POST", `/v1/test_helpers/accounts/${id}/keys`)) as unknown as Platform["keys"];
    const own = await client(server, keys.test.secret).accounts.retrieveCurrent();
    expect(own.controller).toEqual({ type: "application" });
  });
});

describe("payouts", () => {
  test("are of as much as many payments come to", async () => {
    const story = await payoutStory();
    for (let payments = 0; payments < 4; payments++) await fund(story.stripe, story, 80_000_000);
    const payout = await story.stripe.payouts.create({ amount: 308_583_406, currency: "usd" }, story.as);
    expect(payout.amount).toBe(308_583_406);
  });

  test("to a bank account are instant up to 9,999 dollars", async () => {
    const story = await payoutStory();
    await fund(story.stripe, story, 3_000_000);
    const asked = { currency: "usd", method: "instant", destination: story.bankId } as const;
    expect(await refusal(story.stripe.payouts.create({ ...asked, amount: 999_901 }, story.as))).toMatchObject({
      status: 400,
      code: "instant_payouts_limit_exceeded",
      param: "amount",
    });
    expect(await story.stripe.payouts.create({ ...asked, amount: 999_900 }, story.as)).toMatchObject({ method: "instant" });
    expect(await story.stripe.payouts.create({ ...asked, amount: 999_901, method: "standard" }, story.as)).toMatchObject({
      amount: 999_901,
    });
  });
});

test("a token for a card says its currency, its networks, and that it is of no wallet", async () => {
  const { test: stripe } = await platformOfItsOwn(server);
  const { card } = await stripe.tokens.create({ card: { number: "4000056655665556", exp_month: "12", exp_year: "2030", currency: "usd" } });
  expect(card).toMatchObject({ currency: "usd", networks: { preferred: null }, regulated_status: "unregulated", wallet: null });
});
