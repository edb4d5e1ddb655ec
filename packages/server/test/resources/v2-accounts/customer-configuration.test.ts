import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { client, platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

type Create = Stripe.V2.Core.AccountCreateParams;
type Update = Stripe.V2.Core.AccountUpdateParams;
type OfCustomer = NonNullable<NonNullable<Update["configuration"]>["customer"]>;

const ADDRESS = { city: "Reno", country: "us", line1: "Main St 1", postal_code: "89501", state: "NV" };

const JENNY: Create = {
  contact_email: "jenny@example.com",
  display_name: "Jenny Rosen",
  identity: { country: "us", entity_type: "individual", individual: { given_name: "Jenny", phone: "+15550100100", address: ADDRESS } },
  defaults: { locales: ["en-US"] },
  configuration: {
    customer: {
      automatic_indirect_tax: { exempt: "reverse", ip_address: "203.0.113.7" },
      billing: {
        invoice: {
          custom_fields: [{ name: "Order", value: "12" }],
          footer: "Thank you",
          next_sequence: 7,
          prefix: "JENNY1",
          rendering: { amount_tax_display: "exclude_tax" },
        },
      },
      shipping: { name: "Jenny", phone: "+15550100101", address: { ...ADDRESS, line1: "Side St 2", country: "fr" } },
    },
  },
  include: ["configuration.customer"],
  metadata: { a: "b" },
};

/** A platform, an account that is a customer of it, and the customer. */
async function withCustomer(params: Create = JENNY) {
  const platform = await platformOfItsOwn(server);
  const { test: stripe } = platform;
  const account = await stripe.v2.core.accounts.create(params);
  const customer = await living(stripe, account.id);
  const update = (told: OfCustomer, rest: Update = {}) =>
    stripe.v2.core.accounts.update(account.id, {
      ...rest,
      configuration: { customer: told },
      include: ["configuration.customer"],
    });
  return { platform, stripe, account, id: account.id, customer, update };
}

/** A customer that was not deleted, by either of its ids. */
async function living(stripe: Stripe, id: string): Promise<Stripe.Customer> {
  const customer = await stripe.customers.retrieve(id);
  if (customer.deleted === true) throw new Error("the customer was deleted");
  return customer;
}

const typesOf = async (stripe: Stripe) => (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type).reverse();

describe("the customer configuration", () => {
  test("is made with all that it can have, and shown where it is included", async () => {
    const { stripe, account, id } = await withCustomer();
    const configuration = {
      applied: true,
      automatic_indirect_tax: { exempt: "reverse", ip_address: "203.0.113.7", location: null, location_source: null },
      billing: {
        default_payment_method: null,
        invoice: {
          custom_fields: [{ name: "Order", value: "12" }],
          footer: "Thank you",
          next_sequence: 7,
          prefix: "JENNY1",
          rendering: { amount_tax_display: "exclude_tax", template: null },
        },
      },
      capabilities: {},
      shipping: { name: "Jenny", phone: "+15550100101", address: { ...ADDRESS, line1: "Side St 2", country: "fr" } },
      test_clock: null,
    };
    expect(account).toMatchObject({ applied_configurations: ["customer"], configuration: { customer: configuration, merchant: null } });
    expect((await stripe.v2.core.accounts.retrieve(id)).configuration).toBeNull();
    const listed = await stripe.v2.core.accounts.list({ applied_configurations: ["customer"] });
    expect(listed.data.map((one) => one.id)).toEqual([id]);
    expect((await stripe.v2.core.accounts.list({ applied_configurations: ["customer", "merchant"] })).data).toEqual([]);
  });

  test("asks for nothing, and leaves the account a connected account", async () => {
    const { stripe, id } = await withCustomer({ configuration: { customer: {} } });
    const shown = await stripe.v2.core.accounts.retrieve(id, {
      include: ["configuration.customer", "requirements", "future_requirements"],
    });
    expect(shown).toMatchObject({
      dashboard: null,
      requirements: { entries: [] },
      configuration: {
        customer: { applied: true, billing: { invoice: { next_sequence: 1, prefix: expect.stringMatching(/^[A-Z0-9]{8}$/) } } },
      },
    });
    expect(await stripe.accounts.retrieve(id)).toMatchObject({ type: "none", capabilities: {}, requirements: { currently_due: [] } });
    expect((await stripe.accounts.list()).data.map((one) => one.id)).toEqual([id]);
    await stripe.rawRequest("POST", `/v1/test_helpers/accounts/${id}/complete_onboarding`, {});
    expect(await stripe.v2.core.accounts.retrieve(id, { include: ["identity"] })).toMatchObject({
      applied_configurations: ["customer"],
      identity: { entity_type: null, individual: null },
    });
    // Through v1 it becomes a recipient, who is asked for what recipients are.
    await stripe.accounts.update(id, { capabilities: { transfers: { requested: true } } });
    const recipient = await stripe.v2.core.accounts.retrieve(id, { include: ["requirements"] });
    expect(recipient.applied_configurations).toEqual(["customer", "recipient"]);
    expect(recipient.requirements?.entries?.length).toBeGreaterThan(0);
  });

  test("is added to an account of v1, updated in part, and unset", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({
      type: "express",
      capabilities: { transfers: { requested: true } },
      email: "a@example.com",
    });
    const update = (customer: object) =>
      stripe.v2.core.accounts.update(id, { configuration: { customer }, include: ["configuration.customer"] });
    expect((await update({ shipping: { name: "Jenny", address: ADDRESS } })).applied_configurations).toEqual(["customer", "recipient"]);
    expect(await living(stripe, id)).toMatchObject({ customer_account: id, email: "a@example.com", shipping: { name: "Jenny" } });
    const updated = await update({ shipping: { address: { line1: "Side St 2" } }, automatic_indirect_tax: { exempt: "exempt" } });
    expect(updated.configuration?.customer).toMatchObject({
      shipping: { name: "Jenny", address: { ...ADDRESS, line1: "Side St 2" } },
      automatic_indirect_tax: { exempt: "exempt" },
    });
    expect((await update({ shipping: null, automatic_indirect_tax: null })).configuration?.customer).toMatchObject({
      shipping: null,
      automatic_indirect_tax: { exempt: "none", ip_address: null },
    });
    expect(await living(stripe, id)).toMatchObject({ shipping: null, tax_exempt: "none" });
  });

  test("is deactivated and applied again, and keeps what it was told", async () => {
    const { stripe, id, update, customer } = await withCustomer();
    await update({ capabilities: { automatic_indirect_tax: { requested: true } } });
    const off = await update({ applied: false });
    expect(off).toMatchObject({
      applied_configurations: [],
      configuration: { customer: { applied: false, capabilities: null, shipping: { name: "Jenny" } } },
    });
    for (const named of [{ customer_account: id }, { customer: customer.id }])
      expect(await refusal(stripe.paymentIntents.create({ amount: 1_000, currency: "usd", ...named }))).toMatchObject({
        status: 400,
        param: Object.keys(named)[0],
        message: expect.stringContaining("not applied"),
      });
    expect((await stripe.customers.list()).data.map((one) => one.id)).toEqual([customer.id]);
    expect((await stripe.paymentIntents.list({ customer_account: id })).data).toEqual([]);
    const on = await update({});
    expect(on).toMatchObject({ applied_configurations: ["customer"], configuration: { customer: { applied: true, capabilities: {} } } });
    expect(await stripe.paymentIntents.create({ amount: 1_000, currency: "usd", customer_account: id })).toMatchObject({
      customer: customer.id,
    });
  });

  test("has a tax capability, which is active once the customer's location is known", async () => {
    const { update, id, stripe } = await withCustomer({
      identity: { country: "de" },
      configuration: { customer: { capabilities: { automatic_indirect_tax: { requested: true } } } },
    });
    const status = (account: Stripe.V2.Core.Account) => account.configuration?.customer?.capabilities?.automatic_indirect_tax;
    const shown = () => stripe.v2.core.accounts.retrieve(id, { include: ["configuration.customer"] });
    expect(status(await shown())).toEqual({
      status: "restricted",
      status_details: [{ code: "requirements_past_due", resolution: "provide_info" }],
    });
    const validated = { automatic_indirect_tax: { validate_location: "immediately" as const } };
    expect(await refusal(update(validated))).toMatchObject({
      status: 400,
      code: "invalid_fields",
      param: "configuration.customer.automatic_indirect_tax.validate_location",
    });
    await update({ shipping: { address: { country: "us" } } });
    expect(status(await shown())).toMatchObject({ status: "restricted" });
    const located = await update({ ...validated, shipping: { address: { postal_code: "89501" } } });
    expect(status(located)).toEqual({ status: "active", status_details: [] });
    expect(located.configuration?.customer?.automatic_indirect_tax).toMatchObject({
      location: { country: "us", state: null },
      location_source: "shipping_address",
    });
    const identified = await update({ shipping: null as never }, { identity: { business_details: { address: { country: "de" } } } });
    expect(identified.configuration?.customer?.automatic_indirect_tax).toMatchObject({
      location: { country: "de" },
      location_source: "identity_address",
    });
    await stripe.accounts.reject(id, { reason: "fraud" });
    expect(status(await shown())).toMatchObject({ status: "rejected" });
  });

  test("refuses bad values by name, and changes nothing", async () => {
    const { stripe, id, update, platform } = await withCustomer();
    const before = await stripe.v2.core.accounts.retrieve(id, { include: ["configuration.customer", "identity"] });
    const events = (await stripe.events.list({ limit: 100 })).data.length;
    const refused: readonly (readonly [object, string])[] = [
      [{ automatic_indirect_tax: { exempt: "maybe" } }, "automatic_indirect_tax.exempt"],
      [{ automatic_indirect_tax: { ip_address: "nowhere" } }, "automatic_indirect_tax.ip_address"],
      [{ automatic_indirect_tax: { validate_location: "later" } }, "automatic_indirect_tax.validate_location"],
      [{ billing: { default_payment_method: "pm_none" } }, "billing.default_payment_method"],
      [{ billing: { invoice: { prefix: "ab" } } }, "billing.invoice.prefix"],
      [{ billing: { invoice: { next_sequence: 0 } } }, "billing.invoice.next_sequence"],
      [{ billing: { invoice: { custom_fields: Array(5).fill({ name: "a", value: "b" }) } } }, "billing.invoice.custom_fields"],
      [{ shipping: { address: { country: "1x" } } }, "shipping.address.country"],
      [{ capabilities: { card_payments: { requested: true } } }, "capabilities.card_payments"],
      [{ applied: false, capabilities: { automatic_indirect_tax: { requested: true } } }, "capabilities"],
      [{ test_clock: "clock_1" }, "test_clock"],
      [{ tax: "none" }, "tax"],
    ];
    for (const [told, param] of refused) {
      const { status, param: named } = await refusal(update({ shipping: { name: "Changed" }, ...told } as OfCustomer));
      expect({ status, named }, JSON.stringify(told)).toEqual({ status: 400, named: `configuration.customer.${param}` });
    }
    expect(await refusal(stripe.v2.core.accounts.create({ configuration: { customer: { applied: true } as object } }))).toMatchObject({
      param: "configuration.customer.applied",
    });
    expect(await stripe.v2.core.accounts.retrieve(id, { include: ["configuration.customer", "identity"] })).toEqual(before);
    expect((await stripe.events.list({ limit: 100 })).data.length).toBe(events);
    // With a live key it is another mode's account.
    expect(await refusal(platform.live.v2.core.accounts.update(id, { configuration: { customer: {} } }))).toMatchObject({ status: 404 });
  });

  test("is made once for one idempotency key", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const idempotencyKey = `customer-${Date.now()}`;
    const [one, same] = [
      await stripe.v2.core.accounts.create(JENNY, { idempotencyKey }),
      await stripe.v2.core.accounts.create(JENNY, { idempotencyKey }),
    ];
    expect(same.id).toBe(one.id);
    expect((await stripe.customers.list()).data).toHaveLength(1);
  });

  test("is of the platform that created the account, and nobody else sees it", async () => {
    const { stripe, id, customer } = await withCustomer();
    const stranger = await platformOfItsOwn(server);
    expect(await refusal(stranger.test.customers.retrieve(id))).toMatchObject({ status: 404 });
    expect(await refusal(stranger.test.customers.retrieve(customer.id))).toMatchObject({ status: 404 });
    for (const call of [
      () => stranger.test.paymentIntents.create({ amount: 1_000, currency: "usd", customer_account: id }),
      () => stranger.test.paymentIntents.list({ customer_account: id }),
      () => stripe.paymentIntents.create({ amount: 1_000, currency: "usd", customer_account: id }, { stripeAccount: id }),
    ])
      expect(await refusal(call())).toMatchObject({ status: 400, param: "customer_account" });
    const own = (await stripe.v2.core.accounts.retrieve(id, { include: ["configuration.customer"] })).applied_configurations;
    expect(own).toEqual(["customer"]);
    const acting = { stripeAccount: id };
    expect((await stripe.customers.list({}, acting)).data).toEqual([]);
  });
});

describe("a customer of live mode", () => {
  test("is one with live keys alone, though test keys reach its account", async () => {
    const { live, test: stripe } = await platformOfItsOwn(server);
    const { accounts } = stripe.v2.core;
    const { id } = await live.v2.core.accounts.create({ identity: { country: "us" } });
    const customer = { shipping: { name: "Jenny" } };
    expect(await refusal(accounts.update(id, { configuration: { customer } }))).toMatchObject({
      param: "configuration.customer",
      message: expect.stringContaining("created in live mode"),
    });
    const applied = await live.v2.core.accounts.update(id, { configuration: { customer }, include: ["configuration.customer"] });
    expect(applied.configuration?.customer).toMatchObject(customer);
    expect(await accounts.retrieve(id, { include: ["configuration.customer"] })).toMatchObject({
      applied_configurations: [],
      configuration: { customer: null },
    });
    expect((await accounts.list({ applied_configurations: ["customer"] })).data).toEqual([]);
    expect((await live.v2.core.accounts.list({ applied_configurations: ["customer"] })).data).toHaveLength(1);
    expect(await refusal(stripe.customers.retrieve(id))).toMatchObject({ status: 404 });
    expect(await refusal(stripe.customers.update(id, { email: "new@example.com" }))).toMatchObject({ status: 404 });
    const naming = { amount: 1_000, currency: "usd", customer_account: id };
    expect(await refusal(stripe.paymentIntents.create(naming))).toMatchObject({ status: 400, param: "customer_account" });
    expect(await live.customers.update(id, { email: "new@example.com" })).toMatchObject({ customer_account: id, livemode: true });
  });
});

describe("an account as a customer", () => {
  test("is one customer in v1, and what one API writes shows in the other", async () => {
    const { stripe, id, customer, update } = await withCustomer();
    expect(customer).toMatchObject({
      id: expect.stringMatching(/^cus_/),
      customer_account: id,
      address: { ...ADDRESS, country: "US" },
      email: "jenny@example.com",
      invoice_prefix: "JENNY1",
      invoice_settings: {
        custom_fields: [{ name: "Order", value: "12" }],
        footer: "Thank you",
        rendering_options: { amount_tax_display: "exclude_tax", template: null },
      },
      metadata: { a: "b" },
      name: "Jenny Rosen",
      next_invoice_sequence: 7,
      phone: "+15550100100",
      preferred_locales: ["en-US"],
      shipping: { name: "Jenny", address: { country: "FR", line1: "Side St 2" } },
      tax_exempt: "reverse",
    });
    expect(await living(stripe, customer.id)).toEqual(customer);
    await stripe.customers.update(id, {
      address: { line1: "Other St 3" },
      description: "Of v1 alone",
      email: "rosen@example.com",
      invoice_settings: { footer: "Bye" },
      metadata: { a: "", c: "d" },
      name: "J. Rosen",
      phone: "+15550100199",
      preferred_locales: ["de"],
      shipping: { name: "Rosen", address: { country: "DE" } },
      tax_exempt: "none",
    });
    expect(await stripe.v2.core.accounts.retrieve(id, { include: ["configuration.customer", "defaults", "identity"] })).toMatchObject({
      contact_email: "rosen@example.com",
      display_name: "J. Rosen",
      metadata: { c: "d" },
      defaults: { locales: ["de"] },
      identity: { individual: { given_name: "Jenny", phone: "+15550100199", address: { ...ADDRESS, line1: "Other St 3" } } },
      configuration: {
        customer: {
          automatic_indirect_tax: { exempt: "none" },
          billing: { invoice: { footer: "Bye" } },
          shipping: { name: "Rosen", address: { country: "de" } },
        },
      },
    });
    expect(await stripe.accounts.retrieve(id)).toMatchObject({
      email: "rosen@example.com",
      settings: { dashboard: { display_name: "J. Rosen" } },
    });
    await stripe.accounts.update(id, { email: "third@example.com" });
    await update({ billing: { invoice: { footer: "Again" } } });
    expect(await living(stripe, customer.id)).toMatchObject({
      description: "Of v1 alone",
      email: "third@example.com",
      invoice_settings: { footer: "Again" },
    });
    for await (const found of stripe.customers.list({ email: "third@example.com" })) expect(found.id).toBe(customer.id);
  });

  test("has the company's address and phone unless it is an individual", async () => {
    const { stripe, id } = await withCustomer({
      identity: {
        country: "us",
        entity_type: "company",
        business_details: { registered_name: "Rides Inc.", address: ADDRESS, phone: "+15550100100" },
      },
      configuration: { customer: {} },
    });
    expect(await living(stripe, id)).toMatchObject({ address: { line1: "Main St 1" }, business_name: "Rides Inc.", phone: "+15550100100" });
    await stripe.customers.update(id, { business_name: "Rides Ltd.", address: { country: "us", line1: "High St 4" }, phone: "" });
    expect(await stripe.v2.core.accounts.retrieve(id, { include: ["identity"] })).toMatchObject({
      identity: { business_details: { registered_name: "Rides Ltd.", address: { country: "us", line1: "High St 4" } } },
    });
    expect((await living(stripe, id)).phone).toBeNull();
  });

  test("refuses what an account cannot be told, by the customer's name for it, and changes nothing", async () => {
    const { stripe, id, customer } = await withCustomer();
    for (const [told, param] of [
      [{ email: "nobody" }, "email"],
      [{ phone: "none" }, "phone"],
      [{ address: { country: "Germany" } }, "address[country]"],
      [{ preferred_locales: ["tlh"] }, "preferred_locales[0]"],
      [{ invoice_settings: { default_payment_method: "pm_none" } }, "invoice_settings[default_payment_method]"],
    ] as const)
      expect(await refusal(stripe.customers.update(id, { description: "Changed", ...told } as object)), param).toMatchObject({
        status: 400,
        param,
      });
    expect(await living(stripe, id)).toEqual(customer);
    expect(await refusal(stripe.customers.del(id))).toMatchObject({ status: 400, message: expect.stringContaining(id) });
  });

  test("pays, saves cards and signs codes as customer_account, and every object shows both", async () => {
    const { stripe, id, customer, update } = await withCustomer();
    const both = { customer: customer.id, customer_account: id };
    const attached = await stripe.paymentMethods.attach("pm_card_visa", { customer_account: id });
    expect(attached).toMatchObject(both);
    const setUp = await stripe.setupIntents.create({ customer_account: id, confirm: true, payment_method: attached.id, ...RETURN });
    expect(setUp).toMatchObject({ ...both, status: "succeeded" });
    expect((await stripe.setupAttempts.list({ setup_intent: setUp.id })).data).toMatchObject([both]);
    const paid = await stripe.paymentIntents.create({
      amount: 1_000,
      currency: "usd",
      confirm: true,
      customer_account: id,
      payment_method: attached.id,
      ...RETURN,
    });
    expect(paid).toMatchObject({ ...both, status: "succeeded" });
    expect(await stripe.charges.retrieve(String(paid.latest_charge))).toMatchObject({ customer: customer.id });
    expect(await stripe.refunds.create({ payment_intent: paid.id })).toMatchObject(both);
    const later = await stripe.paymentIntents.create({ amount: 1_000, currency: "usd" });
    expect(await stripe.paymentIntents.update(later.id, { customer_account: id })).toMatchObject(both);
    const saved = await stripe.setupIntents.create({});
    expect(await stripe.setupIntents.update(saved.id, { customer_account: id })).toMatchObject(both);
    const session = await stripe.checkout.sessions.create({
      mode: "setup",
      currency: "usd",
      customer_account: id,
      success_url: "https://example.com",
    });
    expect(session).toMatchObject({ ...both, customer_creation: null });
    const coupon = await stripe.coupons.create({ percent_off: 10 });
    const code = await stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: coupon.id }, customer_account: id });
    expect(code).toMatchObject(both);
    const lists = {
      codes: await stripe.promotionCodes.list({ customer_account: id }),
      intents: await stripe.paymentIntents.list({ customer_account: id }),
      methods: await stripe.paymentMethods.list({ customer_account: id }),
      ofCustomer: await stripe.customers.listPaymentMethods(id),
      sessions: await stripe.checkout.sessions.list({ customer_account: id }),
      setups: await stripe.setupIntents.list({ customer_account: id }),
    };
    expect(Object.fromEntries(Object.entries(lists).map(([name, { data }]) => [name, data.map((one) => one.id)]))).toEqual({
      codes: [code.id],
      intents: [later.id, paid.id],
      methods: [attached.id],
      ofCustomer: [attached.id],
      sessions: [session.id],
      setups: [saved.id, setUp.id],
    });
    const withDefault = await update({ billing: { default_payment_method: attached.id } });
    expect(withDefault.configuration?.customer?.billing?.default_payment_method).toBe(attached.id);
    expect(await living(stripe, id)).toMatchObject({ invoice_settings: { default_payment_method: attached.id } });
    expect(await stripe.paymentMethods.detach(attached.id)).toMatchObject({ customer: null, customer_account: null });
    expect((await update({})).configuration?.customer?.billing?.default_payment_method).toBeNull();
    expect(await refusal(stripe.paymentIntents.create({ amount: 1_000, currency: "usd", ...both }))).toMatchObject({
      code: "parameters_exclusive",
      param: "customer_account",
    });
    const other = await stripe.v2.core.accounts.create({ identity: { country: "us" } });
    expect(await refusal(stripe.paymentMethods.attach("pm_card_visa", { customer_account: other.id }))).toMatchObject({
      status: 400,
      param: "customer_account",
      message: expect.stringContaining("not a customer"),
    });
  });

  test("pays with its default source, which the older calls give it by the account's id", async () => {
    const { stripe, id, customer } = await withCustomer();
    const source = await stripe.customers.createSource(id, { source: "tok_visa" });
    expect(source).toMatchObject({ customer: customer.id });
    expect(await living(stripe, id)).toMatchObject({ default_source: source.id });
    expect(await stripe.charges.create({ amount: 1_000, currency: "usd", customer: customer.id })).toMatchObject({ paid: true });
    expect((await stripe.customers.listSources(id)).data.map((one) => one.id)).toEqual([source.id]);
  });

  test("stays with the platform, as no account's, when the account leaves", async () => {
    const { test: stripe, applications } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "standard", country: "US", email: "jenny@example.com" });
    await stripe.v2.core.accounts.update(id, { configuration: { customer: { shipping: { name: "Jenny", address: ADDRESS } } } });
    const customer = await living(stripe, id);
    await stripe.paymentMethods.attach("pm_card_visa", { customer_account: id });
    await stripe.oauth.deauthorize({ client_id: applications.test, stripe_user_id: id });
    const left = await living(stripe, customer.id);
    expect(left).toEqual({ ...customer, customer_account: null });
    expect((await stripe.events.list({ type: "customer.updated" })).data).toMatchObject([
      { data: { object: { id: customer.id }, previous_attributes: { customer_account: id } } },
    ]);
    expect(await refusal(stripe.customers.retrieve(id))).toMatchObject({ status: 404 });
    expect(await stripe.customers.update(customer.id, { email: "own@example.com" })).toMatchObject({ email: "own@example.com" });
    expect(await stripe.paymentIntents.create({ amount: 1_000, currency: "usd", customer: customer.id })).toMatchObject({
      customer: customer.id,
      customer_account: null,
    });
    expect(await stripe.customers.del(customer.id)).toMatchObject({ deleted: true });
  });

  test("is deleted when the account is closed, through either API", async () => {
    const { stripe, id, customer } = await withCustomer();
    const method = await stripe.paymentMethods.attach("pm_card_visa", { customer_account: id });
    expect(await refusal(stripe.v2.core.accounts.close(id, {}))).toMatchObject({ message: expect.stringContaining("customer") });
    await stripe.v2.core.accounts.close(id, { applied_configurations: ["customer"] });
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ deleted: true });
    expect(await refusal(stripe.customers.retrieve(id))).toMatchObject({ status: 404 });
    expect((await stripe.customers.list()).data).toEqual([]);
    expect(await stripe.paymentMethods.retrieve(method.id)).toMatchObject({ customer: null });
    expect(await stripe.v2.core.accounts.retrieve(id, { include: ["configuration.customer"] })).toMatchObject({
      closed: true,
      configuration: { customer: { shipping: { name: "Jenny" } } },
    });
    const other = await stripe.v2.core.accounts.create(JENNY);
    const { id: second } = await living(stripe, other.id);
    await stripe.accounts.del(other.id);
    expect(await stripe.customers.retrieve(second)).toMatchObject({ deleted: true });
  });
});

const RETURN = { automatic_payment_methods: { enabled: true, allow_redirects: "never" as const } };

describe("v1's events of a customer that is an account", () => {
  test("happen on the platform, whichever API made the change, and only where the customer shows it", async () => {
    const { stripe, id, update } = await withCustomer();
    expect(await typesOf(stripe)).toEqual(["customer.created"]);
    await update({ shipping: { name: "Other" } });
    await update({ shipping: { name: "Other" } });
    await update({ automatic_indirect_tax: { ip_address: "203.0.113.8" } });
    await stripe.accounts.update(id, { email: "new@example.com" });
    await stripe.customers.update(id, { description: "One" });
    await stripe.accounts.update(id, { business_profile: { mcc: "5734" } });
    expect(await typesOf(stripe)).toEqual(["customer.created", ...Array(3).fill("customer.updated")]);
    const [, second] = (await stripe.events.list({ type: "customer.updated" })).data;
    expect(second?.data).toMatchObject({ object: { customer_account: id }, previous_attributes: { email: "jenny@example.com" } });
    await stripe.v2.core.accounts.close(id, { applied_configurations: ["customer"] });
    expect((await typesOf(stripe)).at(-1)).toBe("customer.deleted");
  });
});

describe("an ephemeral key", () => {
  test("changes what is the customer's alone", async () => {
    const { stripe, customer, id } = await withCustomer();
    const { secret = "" } = await stripe.ephemeralKeys.create({ customer: customer.id }, { apiVersion: "2026-10-28.endive" });
    const app = client(server, secret);
    expect(await app.customers.update(customer.id, { description: "One" })).toMatchObject({ description: "One" });
    expect(await refusal(app.customers.update(customer.id, { email: "new@example.com" }))).toMatchObject({ status: 403 });
    expect(await refusal(app.customers.retrieve(id))).toMatchObject({ status: 403 });
    expect(await living(stripe, id)).toMatchObject({ description: "One", email: "jenny@example.com" });
  });
});

describe("a restricted key", () => {
  test("changes what is the account's only if it may change accounts", async () => {
    const { stripe, id } = await withCustomer();
    const keyOf = async (...permissions: string[]) => {
      const made = await stripe.rawRequest("POST", "/console/keys", { type: "restricted", permissions });
      return client(server, (made as unknown as { secret: string }).secret);
    };
    const customers = await keyOf("customer_write");
    expect(await customers.customers.update(id, { description: "One" })).toMatchObject({ description: "One" });
    expect(await refusal(customers.customers.update(id, { email: "new@example.com", description: "Two" }))).toMatchObject({
      status: 403,
      message: expect.stringContaining("connected"),
    });
    expect(await living(stripe, id)).toMatchObject({ description: "One", email: "jenny@example.com" });
    const both = await keyOf("customer_write", "connected_account_write");
    expect(await both.customers.update(id, { email: "new@example.com" })).toMatchObject({ email: "new@example.com" });
    expect(await refusal(customers.v2.core.accounts.update(id, { configuration: { customer: {} } }))).toMatchObject({ status: 403 });
  });
});
