import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { platformOfItsOwn, refusal, refusals } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

type Create = Stripe.V2.Core.AccountCreateParams;

const EVERYTHING: Create["include"] = [
  "configuration.customer",
  "configuration.merchant",
  "configuration.recipient",
  "defaults",
  "future_requirements",
  "identity",
  "requirements",
];

const MERCHANT: Create = {
  contact_email: "jenny@example.com",
  display_name: "Jenny's Rides",
  dashboard: "none",
  identity: { country: "us", entity_type: "company", business_details: { registered_name: "Rides Inc." } },
  defaults: {
    currency: "usd",
    locales: ["en-US"],
    profile: { business_url: "https://rides.example.com" },
    responsibilities: { fees_collector: "application", losses_collector: "application" },
  },
  configuration: {
    merchant: { mcc: "4121", capabilities: { card_payments: { requested: true } } },
    recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } },
  },
  metadata: { a: "b" },
};

describe("an account of v2", () => {
  test("is made and retrieved, with what is asked for", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const made = await stripe.v2.core.accounts.create(MERCHANT);
    expect(made).toMatchObject({
      object: "v2.core.account",
      applied_configurations: ["merchant", "recipient"],
      closed: false,
      contact_email: "jenny@example.com",
      dashboard: "none",
      display_name: "Jenny's Rides",
      livemode: false,
      metadata: { a: "b" },
      configuration: null,
      defaults: null,
      future_requirements: null,
      identity: null,
      requirements: null,
    });
    expect(Date.parse(made.created)).toBeCloseTo(Date.now(), -5);
    const all = await stripe.v2.core.accounts.retrieve(made.id, { include: EVERYTHING });
    const restricted = { status: "restricted", status_details: [{ code: "requirements_past_due", resolution: "provide_info" }] };
    expect(all).toMatchObject({
      configuration: {
        customer: null,
        merchant: { applied: true, mcc: "4121", capabilities: { card_payments: restricted, stripe_balance: { payouts: restricted } } },
        recipient: { applied: true, capabilities: { stripe_balance: { payouts: restricted, stripe_transfers: restricted } } },
      },
      defaults: {
        currency: "usd",
        locales: ["en-US"],
        profile: { business_url: "https://rides.example.com" },
        responsibilities: { fees_collector: "application", losses_collector: "application", requirements_collector: "application" },
      },
      identity: { country: "us", entity_type: "company", business_details: { registered_name: "Rides Inc." } },
      requirements: { summary: { minimum_deadline: { status: "past_due", time: null } } },
    });
    for (const query of ["include=defaults", "include[]=defaults", "include[0]=defaults"])
      expect(await stripe.rawRequest("GET", `/v2/core/accounts/${made.id}?${query}`)).toMatchObject({ defaults: { currency: "usd" } });
    const one = await stripe.v2.core.accounts.retrieve(made.id, { include: ["configuration.recipient"] });
    expect(one).toMatchObject({ configuration: { customer: null, merchant: null, recipient: { applied: true } }, identity: null });
  });

  test("is shown by v1, which v2 shows in turn", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.v2.core.accounts.create(MERCHANT);
    const v1 = await stripe.accounts.retrieve(id);
    expect(v1).toMatchObject({
      type: "none",
      email: "jenny@example.com",
      business_type: "company",
      business_profile: { mcc: "4121", url: "https://rides.example.com" },
      capabilities: { card_payments: "inactive", transfers: "inactive" },
      company: { name: "Rides Inc." },
      controller: {
        fees: { payer: "application" },
        losses: { payments: "application" },
        requirement_collection: "application",
        stripe_dashboard: { type: "none" },
      },
      country: "US",
      default_currency: "usd",
      metadata: { a: "b" },
      settings: { dashboard: { display_name: "Jenny's Rides" } },
    });
    await stripe.accounts.update(id, {
      email: "new@example.com",
      company: { address: { line1: "Market St 1", country: "US" }, tax_id: "000000000" },
      tos_acceptance: { date: 1_769_860_800, ip: "127.0.0.1" },
    });
    expect(await stripe.v2.core.accounts.retrieve(id, { include: ["identity"] })).toMatchObject({
      contact_email: "new@example.com",
      identity: {
        attestations: { terms_of_service: { account: { date: "2026-01-31T12:00:00.000Z", ip: "127.0.0.1" } } },
        business_details: { address: { country: "us", line1: "Market St 1" }, id_numbers: [{ type: "us_ein" }] },
      },
    });
  });

  test("of an individual has that person in both", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const made = await stripe.v2.core.accounts.create({
      ...MERCHANT,
      identity: {
        country: "us",
        entity_type: "individual",
        individual: {
          given_name: "Jenny",
          surname: "Rosen",
          date_of_birth: { day: 1, month: 1, year: 1901 },
          address: { country: "us", line1: "address_full_match", city: "Reno", postal_code: "89501", state: "NV" },
          id_numbers: [{ type: "us_ssn", value: "000000000" }],
        },
      },
      include: ["identity"],
    });
    expect(made.identity?.individual).toMatchObject({
      account: made.id,
      object: "v2.core.account_person",
      given_name: "Jenny",
      surname: "Rosen",
      date_of_birth: { day: 1, month: 1, year: 1901 },
      address: { country: "us", city: "Reno" },
      id_numbers: [{ type: "us_ssn" }],
    });
    expect((await stripe.accounts.retrieve(made.id)).individual).toMatchObject({
      id: made.identity?.individual?.id,
      first_name: "Jenny",
      id_number_provided: true,
    });
  });

  test("is told parts of an address in an update, and all of it when it is made", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const business = (address: Stripe.V2.Core.AccountUpdateParams.Identity.BusinessDetails.Address) => ({ business_details: { address } });
    const company = { country: "us", entity_type: "company" } as const;
    const made = await stripe.v2.core.accounts.create({
      ...MERCHANT,
      identity: {
        ...company,
        ...business({ country: "us", line1: "Main St 1", city: "Reno" }),
      } as Stripe.V2.Core.AccountCreateParams.Identity,
    });
    const moved = await stripe.v2.core.accounts.update(made.id, {
      identity: business({ line1: "Main St 2", postal_code: "89501" }),
      include: ["identity"],
    });
    const address = { country: "us", line1: "Main St 2", city: "Reno", postal_code: "89501" };
    expect(moved.identity?.business_details?.address).toMatchObject(address);
    const partial = { ...company, ...business({ line1: "Main St 1" }) } as Stripe.V2.Core.AccountCreateParams.Identity;
    expect(await refusal(stripe.v2.core.accounts.create({ ...MERCHANT, identity: partial }))).toMatchObject({
      param: "identity.business_details.address.country",
    });
  });

  test("of v1 is shown as Stripe maps it", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const standard = await stripe.accounts.create({ type: "standard" });
    expect(await stripe.v2.core.accounts.retrieve(standard.id, { include: ["defaults"] })).toMatchObject({
      applied_configurations: ["merchant", "recipient"],
      dashboard: "full",
      defaults: { responsibilities: { fees_collector: "stripe", losses_collector: "stripe", requirements_collector: "stripe" } },
    });
    const express = await stripe.accounts.create({ type: "express", capabilities: { transfers: { requested: true } } });
    expect(await stripe.v2.core.accounts.retrieve(express.id, { include: ["defaults", "configuration.merchant"] })).toMatchObject({
      applied_configurations: ["recipient"],
      configuration: { merchant: null },
      dashboard: "express",
      defaults: {
        responsibilities: { fees_collector: "application_express", losses_collector: "application", requirements_collector: "stripe" },
      },
    });
  });
});

describe("an update", () => {
  test("changes what it names, and unsets with null", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.v2.core.accounts.create(MERCHANT);
    const changed = await stripe.v2.core.accounts.update(id, {
      display_name: "Other",
      metadata: { a: null, c: "d" } as unknown as Record<string, string>,
      identity: { business_details: { registered_name: null as unknown as string, phone: "+1 555 0100 100" } },
      include: ["identity", "configuration.merchant"],
      configuration: { merchant: { statement_descriptor: { descriptor: "RIDES" } } },
    });
    expect(changed).toMatchObject({
      display_name: "Other",
      contact_email: "jenny@example.com",
      metadata: { c: "d" },
      identity: { business_details: { phone: expect.any(String) }, country: "us" },
      configuration: { merchant: { mcc: "4121", statement_descriptor: { descriptor: "RIDES" } } },
    });
    expect(changed.metadata).not.toHaveProperty("a");
    expect(changed.identity?.business_details).not.toHaveProperty("registered_name");
    expect((await stripe.accounts.retrieve(id)).settings?.payments.statement_descriptor).toBe("RIDES");
  });

  test("deactivates a configuration and its capabilities, and keeps the rest of it", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.v2.core.accounts.create(MERCHANT);
    const off = await stripe.v2.core.accounts.update(id, {
      configuration: { merchant: { applied: false } },
      include: ["configuration.merchant"],
    });
    expect(off).toMatchObject({
      applied_configurations: ["recipient"],
      configuration: { merchant: { applied: false, mcc: "4121", capabilities: null } },
    });
    expect((await stripe.accounts.retrieve(id)).capabilities).toEqual({ transfers: "inactive" });
    const on = await stripe.v2.core.accounts.update(id, {
      configuration: { merchant: { applied: true, capabilities: { card_payments: { requested: true } } } },
    });
    expect(on.applied_configurations).toEqual(["merchant", "recipient"]);
  });

  test("of an account that v1 made works as well", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "custom", country: "DE" });
    const changed = await stripe.v2.core.accounts.update(id, {
      contact_email: "jenny@example.com",
      configuration: { recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } } },
    });
    expect(changed.applied_configurations).toEqual(["recipient"]);
    expect(await stripe.accounts.retrieve(id)).toMatchObject({ email: "jenny@example.com", capabilities: { transfers: "inactive" } });
  });

  test("that deactivates what an account of v1 has by itself leaves the rest of v1's rules in force", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { accounts } = stripe.v2.core;
    const { id } = await stripe.accounts.create({ type: "standard", country: "US" });
    const merchant = (applied: boolean) => accounts.update(id, { configuration: { merchant: { applied } } });
    expect((await merchant(false)).applied_configurations).toEqual(["recipient"]);
    expect(Object.keys((await stripe.accounts.retrieve(id)).capabilities ?? {})).toEqual(["transfers"]);
    await accounts.update(id, { configuration: { recipient: { applied: false } } });
    expect(await refusal(accounts.update(id, { identity: { country: "fr" } }))).toMatchObject({
      param: "identity.country",
      message: expect.stringContaining("through v1"),
    });
    const sepa = { capabilities: { sepa_debit_payments: { requested: true } } };
    expect(await refusal(stripe.accounts.update(id, sepa))).toMatchObject({ status: 400 });
    expect((await merchant(true)).applied_configurations).toEqual(["merchant"]);
    expect((await stripe.accounts.retrieve(id)).capabilities).toEqual({ card_payments: "inactive" });
  });
});

describe("a list", () => {
  test("has the accounts of either API, page by page, of configurations, closed or not", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { accounts } = stripe.v2.core;
    const made: string[] = [];
    for (let n = 0; n < 3; n++) {
      made.unshift((await accounts.create(MERCHANT)).id);
      made.unshift((await stripe.accounts.create({ type: "express", capabilities: { transfers: { requested: true } } })).id);
    }
    const ids = async (params: Stripe.V2.Core.AccountListParams) => {
      const found: string[] = [];
      for await (const { id } of accounts.list(params)) found.push(id);
      return found;
    };
    expect(await ids({ limit: 2 })).toEqual(made);
    const merchants = made.filter((_, at) => at % 2 === 1);
    expect(await ids({ limit: 2, applied_configurations: ["merchant"] })).toEqual(merchants);
    expect(await ids({ applied_configurations: ["merchant", "recipient"] })).toEqual(merchants);
    expect(await ids({ closed: true })).toEqual([]);
    const first = await accounts.list({ limit: 1, applied_configurations: ["merchant"] });
    type Shown = { data: { id: string }[]; next_page_url: string | null; previous_page_url: string | null };
    const page = (url: string | null) => stripe.rawRequest("GET", url ?? "") as unknown as Promise<Shown>;
    const second = await page(first.next_page_url);
    expect(second.data.map(({ id }) => id)).toEqual([merchants[1]]);
    expect((await page(second.previous_page_url)).data.map(({ id }) => id)).toEqual([merchants[0]]);
    const stranger = await platformOfItsOwn(server);
    expect(await refusal(stranger.test.rawRequest("GET", first.next_page_url ?? ""))).toMatchObject({ param: "page" });

    const [gone = "", other = ""] = merchants;
    await accounts.close(gone, { applied_configurations: ["merchant", "recipient"] });
    await stripe.accounts.del(other);
    expect(await ids({ closed: true, limit: 1 })).toEqual([gone, other]);
    expect(await ids({ applied_configurations: ["merchant"] })).toEqual(merchants.slice(2));
    for await (const { closed } of accounts.list({ closed: true })) expect(closed).toBe(true);
  });
});

describe("closing", () => {
  test("needs the names of all configurations, happens once, and leaves the account to be looked at", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { accounts } = stripe.v2.core;
    const { id } = await accounts.create(MERCHANT);
    for (const named of [undefined, ["merchant"], ["customer", "merchant", "recipient"]] as const)
      expect(await refusal(accounts.close(id, named === undefined ? {} : { applied_configurations: [...named] }))).toMatchObject({
        param: "applied_configurations",
        message: expect.stringContaining("merchant, recipient"),
      });
    const all = { applied_configurations: ["merchant" as const, "recipient" as const] };
    expect(await accounts.close(id, all)).toMatchObject({ id, closed: true });
    expect(await accounts.retrieve(id, { include: ["identity"] })).toMatchObject({ closed: true, identity: { entity_type: "company" } });
    expect(await refusal(accounts.close(id, all))).toMatchObject({ status: 400, message: expect.stringContaining("closed") });
    expect(await refusal(accounts.update(id, { display_name: "X" }))).toMatchObject({ status: 400 });
    expect(await refusal(stripe.accounts.retrieve(id))).toMatchObject({ status: 403 });
    const stranger = await platformOfItsOwn(server);
    expect(await refusal(stranger.test.v2.core.accounts.retrieve(id))).toMatchObject({ status: 404 });
  });
});

describe("a wrong request", () => {
  test.each<[string, object, object]>([
    ["without responsibilities", { defaults: undefined }, { param: "defaults.responsibilities" }],
    [
      "with responsibilities that contradict each other",
      { defaults: { responsibilities: { fees_collector: "stripe", losses_collector: "application" } } },
      { param: "defaults.responsibilities.fees_collector" },
    ],
    [
      "with the full dashboard where the platform bears losses",
      { dashboard: "full" },
      { param: "defaults.responsibilities.losses_collector" },
    ],
    [
      "with the Express dashboard where the platform only collects fees",
      { dashboard: "express", defaults: { responsibilities: { fees_collector: "application", losses_collector: "stripe" } } },
      { param: "defaults.responsibilities.losses_collector" },
    ],
    ["with an unknown field", { nickname: "J" }, { param: "nickname" }],
    ["with a word that is none of an enum", { dashboard: "half" }, { param: "dashboard" }],
    ["with an include that is not there", { include: ["everything"] }, { param: "include[0]" }],
    ["with a country that is not supported", { identity: { country: "zz" } }, { param: "identity.country" }],
    ["with no email address", { contact_email: "jenny" }, { param: "contact_email" }],
    [
      "with no time",
      { identity: { attestations: { terms_of_service: { account: { date: "yesterday", ip: "127.0.0.1" } } } } },
      { param: "identity.attestations.terms_of_service.account.date" },
    ],
    [
      "with an individual whose email is none",
      { identity: { country: "us", entity_type: "individual", individual: { email: "jenny" } } },
      { param: "identity.individual.email" },
    ],
    ["with what is not here", { defaults: { ...MERCHANT.defaults, payout_methods: { usd: "x" } } }, { param: "defaults.payout_methods" }],
  ])("%s is refused in v2's form, and makes nothing", async (_, wrong, error) => {
    const { test: stripe } = await platformOfItsOwn(server);
    expect(await refusal(stripe.v2.core.accounts.create({ ...MERCHANT, ...wrong }))).toMatchObject({
      status: 400,
      code: "invalid_fields",
      ...error,
    });
    expect((await stripe.accounts.list()).data).toEqual([]);
  });

  test("for what was fixed is refused, and changes nothing", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.v2.core.accounts.create(MERCHANT);
    const { accounts } = stripe.v2.core;
    const other = { responsibilities: { fees_collector: "stripe", losses_collector: "stripe" } } as const;
    expect(await refusal(accounts.update(id, { display_name: "X", defaults: other }))).toMatchObject({
      param: "defaults.responsibilities",
    });
    expect(await refusal(accounts.update(id, { identity: { country: "de" } }))).toMatchObject({ param: "identity.country" });
    const typed = await stripe.accounts.create({ type: "express" });
    expect(await refusal(accounts.update(typed.id, { dashboard: "none" }))).toMatchObject({ param: "dashboard" });
    const both = { merchant: { applied: false, capabilities: { card_payments: { requested: true } } } };
    expect(await refusal(accounts.update(id, { configuration: both }))).toMatchObject({ param: "configuration.merchant.capabilities" });
    expect((await accounts.retrieve(id)).applied_configurations).toEqual(["merchant", "recipient"]);
    expect((await accounts.retrieve(id)).display_name).toBe("Jenny's Rides");
    expect(await accounts.update(id, { defaults: MERCHANT.defaults as object })).toMatchObject({ id });
  });

  test("for a country that is not supported is refused in an update as well", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { accounts } = stripe.v2.core;
    const { id } = await accounts.create({});
    expect(await refusal(accounts.update(id, { identity: { country: "zz" } }))).toMatchObject({ param: "identity.country" });
    const { country: _, ...identity } = MERCHANT.identity ?? {};
    const whole = { ...(MERCHANT as Stripe.V2.Core.AccountUpdateParams), identity: { ...identity, country: "zz" } };
    expect(await refusal(accounts.update(id, whole))).toMatchObject({ param: "identity.country" });
    expect((await accounts.update(id, { identity: { country: "de" }, include: ["identity"] })).identity?.country).toBe("de");
  });

  test("is refused without a version, and with a publishable key", async () => {
    const { keys } = await platformOfItsOwn(server);
    const ask = async (key: string, headers: Record<string, string> = { "stripe-version": "2026-08-26.dahlia" }) => {
      const answer = await fetch(`${server.url}/v2/core/accounts`, { headers: { authorization: `Bearer ${key}`, ...headers } });
      return { status: answer.status, ...(((await answer.json()) as { error?: object }).error ?? {}) };
    };
    expect(await ask(keys.test.secret)).toEqual({ status: 200 });
    expect(await ask(keys.test.secret, {})).toMatchObject({ status: 400, message: expect.stringContaining("Stripe-Version") });
    expect(await ask(keys.test.publishable)).toMatchObject({ status: 403 });
  });

  test("with an idempotency key is made once", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const options = { idempotencyKey: "once" };
    const [one, two] = [await stripe.v2.core.accounts.create(MERCHANT, options), await stripe.v2.core.accounts.create(MERCHANT, options)];
    expect(two.id).toBe(one.id);
    expect((await stripe.v2.core.accounts.list()).data).toHaveLength(1);
  });

  test("for an account of another platform or mode does not find it", async () => {
    const [mine, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const { id } = await mine.test.v2.core.accounts.create(MERCHANT);
    for (const stripe of [other.test, mine.live])
      for (const refused of await refusals([
        stripe.v2.core.accounts.retrieve(id),
        stripe.v2.core.accounts.update(id, { display_name: "X" }),
      ]))
        expect(refused).toMatchObject({ status: 404, code: "not_found" });
    expect((await mine.test.v2.core.accounts.retrieve(id)).display_name).toBe("Jenny's Rides");
  });
});
