import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { officialTypeErrors, type Said } from "../../official-types.ts";
import { type Platform, platformOfItsOwn, refusal } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

/** What has happened on a platform, the oldest first. */
async function told({ test: stripe }: Platform): Promise<Stripe.Event[]> {
  return (await stripe.events.list({ limit: 100 })).data.reverse();
}
const types = async (platform: Platform): Promise<string[]> => (await told(platform)).map(({ type }) => type);

/** The body of an answer as it came, without what the SDK reads into it. */
async function raw(platform: Platform, path: string): Promise<unknown> {
  const answer = await fetch(server.url + path, { headers: { authorization: `Bearer ${platform.keys.test.secret}` } });
  return answer.json();
}

describe("products", () => {
  test("are created, changed, listed and deleted, and each change is told once", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const made = await stripe.products.create({ id: "ride", name: "Ride", images: ["https://example.com/ride.png"], shippable: false });
    expect(made).toMatchObject({ id: "ride", active: true, type: "service", default_price: null, shippable: false });
    await stripe.products.update("ride", { name: "Long ride", metadata: { km: "30" } });
    await stripe.products.update("ride", { name: "Long ride" });
    const [, changed] = await told(platform);
    expect(changed).toMatchObject({
      type: "product.updated",
      data: { object: { name: "Long ride" }, previous_attributes: { name: "Ride", metadata: { km: null } } },
    });
    expect(await stripe.products.del("ride")).toEqual({ id: "ride", object: "product", deleted: true });
    expect(await refusal(stripe.products.retrieve("ride"))).toMatchObject({ status: 404, code: "resource_missing" });
    expect((await stripe.products.list()).data).toEqual([]);
    // Its id is free again.
    await stripe.products.create({ id: "ride", name: "Ride" });
    expect(await types(platform)).toEqual(["product.created", "product.updated", "product.deleted", "product.created"]);
  });

  test("with ids of their platform's choice do not meet those of another, nor of the other mode", async () => {
    const [one, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    for (const stripe of [one.test, one.live, other.test]) await stripe.products.create({ id: "same", name: "Same" });
    expect(await refusal(one.test.products.create({ id: "same", name: "Again" }))).toMatchObject({
      status: 400,
      code: "resource_already_exists",
      param: "id",
    });
    await one.test.products.del("same");
    expect(await other.test.products.retrieve("same")).toMatchObject({ name: "Same" });
    expect(await one.live.products.retrieve("same")).toMatchObject({ name: "Same", livemode: true });
    expect((await refusal(one.test.products.retrieve("same"))).message).toContain("a similar object exists in live mode");
  });

  test("are listed by ids, by what they are, and from an id of their platform's choice on", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    for (const id of ["a", "b", "c"]) await stripe.products.create({ id, name: id, active: id !== "b" });
    const ids = async (params: Stripe.ProductListParams) => (await stripe.products.list(params)).data.map(({ id }) => id);
    expect(await ids({})).toEqual(["c", "b", "a"]);
    expect(await ids({ active: true })).toEqual(["c", "a"]);
    expect(await ids({ ids: ["a", "c", "nothing"] })).toEqual(["c", "a"]);
    expect(await ids({ starting_after: "c", limit: 1 })).toEqual(["b"]);
    expect(await ids({ ending_before: "a" })).toEqual(["c", "b"]);
  });

  test("take a price with them, and no price of another product", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const ride = await stripe.products.create({
      name: "Ride",
      default_price_data: { currency: "usd", unit_amount: 500 },
      expand: ["default_price"],
    });
    expect(ride.default_price).toMatchObject({ object: "price", unit_amount: 500, product: ride.id });
    expect(await types(platform)).toEqual(["product.created", "price.created", "product.updated"]);
    const other = await stripe.products.create({ name: "Other" });
    const id = (ride.default_price as Stripe.Price).id;
    expect(await refusal(stripe.products.update(other.id, { default_price: id }))).toMatchObject({ status: 400, param: "default_price" });
    expect((await refusal(stripe.products.del(ride.id))).message).toContain("one or more user-created prices");
  });
});

describe("prices and plans", () => {
  test("are one object where they recur, and both are told of", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const price = await stripe.prices.create({
      currency: "USD",
      unit_amount: 1_500,
      recurring: { interval: "month" },
      product_data: { name: "Plan" },
    });
    const plan = await stripe.plans.retrieve(price.id);
    expect(plan).toMatchObject({ object: "plan", amount: 1_500, currency: "usd", interval: "month", product: price.product });
    await stripe.prices.update(price.id, { nickname: "Monthly" });
    expect(await stripe.plans.del(plan.id)).toEqual({ id: plan.id, object: "plan", deleted: true });
    expect(await refusal(stripe.prices.retrieve(price.id))).toMatchObject({ code: "resource_missing" });
    expect(await types(platform)).toEqual([
      "product.created",
      "price.created",
      "plan.created",
      "price.updated",
      "plan.updated",
      "price.deleted",
      "plan.deleted",
    ]);
  });

  test("that do not recur are no plans", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const { id } = await stripe.prices.create({ currency: "usd", unit_amount: 1, product_data: { name: "Ride" } });
    expect((await refusal(stripe.plans.retrieve(id))).message).toBe(`No such plan: '${id}'`);
    expect((await stripe.plans.list()).data).toEqual([]);
    expect(await types(platform)).toEqual(["product.created", "price.created"]);
  });

  test("amounts are whole, decimal, in tiers or the customer's own", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const { id: product } = await stripe.products.create({ name: "Ride" });
    const shown = async (params: Partial<Stripe.PriceCreateParams>) => {
      const { id } = await stripe.prices.create({ currency: "usd", product, ...params });
      const { unit_amount, unit_amount_decimal, tiers, custom_unit_amount } = (await raw(
        platform,
        `/v1/prices/${id}?expand[]=tiers`,
      )) as Stripe.Price;
      return { unit_amount, unit_amount_decimal, tiers, custom_unit_amount };
    };
    const decimal = (text: string) => text as unknown as Stripe.Decimal;
    const plain = { custom_unit_amount: null, tiers: null };
    expect(await shown({ unit_amount: 0 })).toEqual({ ...plain, unit_amount: 0, unit_amount_decimal: "0" });
    expect(await shown({ unit_amount_decimal: decimal("10.50") })).toEqual({ ...plain, unit_amount: null, unit_amount_decimal: "10.5" });
    expect(await shown({ unit_amount_decimal: decimal("12.0") })).toEqual({ ...plain, unit_amount: 12, unit_amount_decimal: "12" });
    expect(await shown({ custom_unit_amount: { enabled: true, preset: 500 } })).toMatchObject({
      unit_amount: null,
      custom_unit_amount: { maximum: null, minimum: null, preset: 500 },
    });
    const tiers = [
      { up_to: 10, unit_amount: 5 },
      { up_to: "inf" as const, flat_amount: 40 },
    ];
    expect(await shown({ billing_scheme: "tiered", tiers_mode: "graduated", tiers, recurring: { interval: "month" } })).toMatchObject({
      unit_amount: null,
      tiers: [
        { up_to: 10, unit_amount: 5, unit_amount_decimal: "5", flat_amount: null },
        { up_to: null, unit_amount: null, flat_amount: 40, flat_amount_decimal: "40" },
      ],
    });
  });

  test("a lookup key belongs to one price, and goes to another only when told to", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const { id: product } = await stripe.products.create({ name: "Ride" });
    const params = { currency: "usd", unit_amount: 100, product, lookup_key: "standard" };
    const first = await stripe.prices.create(params);
    expect(await refusal(stripe.prices.create(params))).toMatchObject({ status: 400, param: "lookup_key" });
    const second = await stripe.prices.create({ ...params, transfer_lookup_key: true });
    expect((await stripe.prices.retrieve(first.id)).lookup_key).toBeNull();
    const named = await stripe.prices.list({ lookup_keys: ["standard", "none"] });
    expect(named.data.map(({ id }) => id)).toEqual([second.id]);
    expect(await types(platform)).toEqual(["product.created", "price.created", "price.updated", "price.created"]);
  });

  test("lists are narrowed by product, currency, type and how they recur", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: product } = await stripe.products.create({ name: "Ride" });
    const monthly = await stripe.prices.create({ currency: "usd", unit_amount: 1, product, recurring: { interval: "month" } });
    const yearly = await stripe.prices.create({ currency: "eur", unit_amount: 1, product, recurring: { interval: "year" } });
    const once = await stripe.prices.create({ currency: "eur", unit_amount: 1, product_data: { name: "Other" } });
    const ids = async (params: Stripe.PriceListParams) => (await stripe.prices.list(params)).data.map(({ id }) => id);
    expect(await ids({ product })).toEqual([yearly.id, monthly.id]);
    expect(await ids({ currency: "EUR" })).toEqual([once.id, yearly.id]);
    expect(await ids({ type: "one_time" })).toEqual([once.id]);
    expect(await ids({ recurring: { interval: "month" } })).toEqual([monthly.id]);
    expect((await stripe.plans.list({ product })).data.map(({ id }) => id)).toEqual([yearly.id, monthly.id]);
  });
});

describe("coupons and promotion codes", () => {
  test("a coupon is valid until its time is over", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const redeem_by = Math.floor(server.clock.now() / 1_000) + 60;
    const { id, valid } = await stripe.coupons.create({ amount_off: 100, currency: "usd", redeem_by });
    expect(valid).toBe(true);
    const code = await stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: id }, code: "soon", expires_at: redeem_by });
    await server.clock.advance({ seconds: 61 });
    expect((await stripe.coupons.retrieve(id)).valid).toBe(false);
    expect((await stripe.promotionCodes.retrieve(code.id)).active).toBe(false);
    expect((await stripe.promotionCodes.list({ active: true })).data).toEqual([]);
    // The code is free again.
    const { id: other } = await stripe.coupons.create({ percent_off: 5 });
    expect(await stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: other }, code: "SOON" })).toMatchObject({
      code: "SOON",
    });
  });

  test("a code is active once, whatever the case of its letters, and is found by it", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: coupon } = await stripe.coupons.create({ percent_off: 12.5, duration: "repeating", duration_in_months: 3 });
    const promotion = { type: "coupon", coupon } as const;
    const first = await stripe.promotionCodes.create({ promotion, code: "Fall20" });
    expect(await refusal(stripe.promotionCodes.create({ promotion, code: "FALL20" }))).toMatchObject({ status: 400, param: "code" });
    await stripe.promotionCodes.update(first.id, { active: false });
    const second = await stripe.promotionCodes.create({ promotion, code: "FALL20" });
    expect(await refusal(stripe.promotionCodes.update(first.id, { active: true }))).toMatchObject({ param: "code" });
    const ids = async (params: Stripe.PromotionCodeListParams) => (await stripe.promotionCodes.list(params)).data.map(({ id }) => id);
    expect(await ids({ code: "fall20" })).toEqual([second.id, first.id]);
    expect(await ids({ active: true, coupon })).toEqual([second.id]);
  });

  test("versions that name the coupon alone are understood", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: coupon } = await stripe.coupons.create({ percent_off: 10 });
    const made = (await stripe.rawRequest("POST", "/v1/promotion_codes", { coupon })) as unknown as Stripe.PromotionCode;
    expect(made.promotion).toEqual({ coupon, type: "coupon" });
  });

  test("a coupon's changes are told", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const { id } = await stripe.coupons.create({ percent_off: 10 });
    await stripe.coupons.update(id, { name: "Fall" });
    await stripe.coupons.del(id);
    const { id: rate } = await stripe.taxRates.create({ display_name: "VAT", inclusive: false, percentage: 19.5, country: "DE" });
    await stripe.taxRates.update(rate, { active: false });
    expect(await types(platform)).toEqual(["coupon.created", "coupon.updated", "coupon.deleted", "tax_rate.created", "tax_rate.updated"]);
  });
});

describe("bad input changes nothing and names the parameter", () => {
  const PRODUCT = { product_data: { name: "Ride" }, currency: "usd" };
  test.each<[string, object, { code?: string; param: string; status?: number }]>([
    ["/v1/products", {}, { code: "parameter_missing", param: "name" }],
    ["/v1/products", { name: "" }, { code: "parameter_invalid_empty", param: "name" }],
    ["/v1/prices", { currency: "usd", unit_amount: 1 }, { code: "parameter_missing", param: "product" }],
    ["/v1/prices", { currency: "usd", unit_amount: 1, product: "prod_none" }, { code: "resource_missing", param: "product", status: 400 }],
    ["/v1/prices", { ...PRODUCT }, { code: "parameter_missing", param: "unit_amount" }],
    ["/v1/prices", { ...PRODUCT, unit_amount: -1 }, { code: "parameter_invalid_integer", param: "unit_amount" }],
    ["/v1/prices", { ...PRODUCT, unit_amount: 1, unit_amount_decimal: "1" }, { code: "parameters_exclusive", param: "unit_amount" }],
    ["/v1/prices", { ...PRODUCT, unit_amount_decimal: "1e3" }, { param: "unit_amount_decimal" }],
    ["/v1/prices", { ...PRODUCT, currency: "xyz", unit_amount: 1 }, { param: "currency" }],
    ["/v1/prices", { ...PRODUCT, billing_scheme: "tiered", tiers: [{ up_to: "x" }], tiers_mode: "volume" }, { param: "tiers[0][up_to]" }],
    ["/v1/prices", { ...PRODUCT, billing_scheme: "tiered", tiers_mode: "volume" }, { code: "parameter_missing", param: "tiers" }],
    ["/v1/products", { name: "x", default_price_data: { currency: "xyz", unit_amount: 1 } }, { param: "default_price_data[currency]" }],
    ["/v1/plans", { currency: "usd", interval: "month", product: { name: "x" } }, { code: "parameter_missing", param: "amount" }],
    ["/v1/plans", { currency: "usd", interval: "fortnight", amount: 1, product: { name: "x" } }, { param: "interval" }],
    ["/v1/coupons", {}, { code: "parameter_missing", param: "percent_off" }],
    ["/v1/coupons", { percent_off: 101 }, { param: "percent_off" }],
    ["/v1/coupons", { percent_off: 1, amount_off: 1 }, { code: "parameters_exclusive", param: "amount_off" }],
    ["/v1/coupons", { amount_off: 1 }, { code: "parameter_missing", param: "currency" }],
    ["/v1/coupons", { percent_off: 1, duration: "repeating" }, { code: "parameter_missing", param: "duration_in_months" }],
    ["/v1/coupons", { percent_off: 1, redeem_by: 1 }, { param: "redeem_by" }],
    [
      "/v1/coupons",
      { percent_off: 1, applies_to: { products: ["none"] } },
      { code: "resource_missing", param: "applies_to[products][0]", status: 400 },
    ],
    ["/v1/promotion_codes", {}, { code: "parameter_missing", param: "promotion" }],
    [
      "/v1/promotion_codes",
      { promotion: { type: "coupon", coupon: "none" } },
      { code: "resource_missing", param: "promotion[coupon]", status: 400 },
    ],
    ["/v1/tax_rates", { display_name: "VAT", inclusive: true, percentage: 101 }, { param: "percentage" }],
    ["/v1/tax_rates", { display_name: "VAT", percentage: 1 }, { code: "parameter_missing", param: "inclusive" }],
  ])("%s %o", async (path, params, { status = 400, ...expected }) => {
    const platform = await platformOfItsOwn(server);
    const refused = await refusal(platform.test.rawRequest("POST", path, params as Record<string, unknown>));
    expect(refused).toMatchObject({ status, type: "StripeInvalidRequestError", ...expected });
    expect(await types(platform)).toEqual([]);
    expect(((await raw(platform, path)) as { data: unknown[] }).data).toEqual([]);
    expect(((await raw(platform, "/v1/products")) as { data: unknown[] }).data).toEqual([]);
  });
});

test("answers and events have the official types", { timeout: 120_000 }, async () => {
  const platform = await platformOfItsOwn(server);
  const { test: stripe } = platform;
  const product = await stripe.products.create({ name: "Ride", package_dimensions: { height: 1, length: 2.5, weight: 3, width: 4 } });
  const tiers = [
    { up_to: 10, unit_amount: 5 },
    { up_to: "inf" as const, flat_amount: 40 },
  ];
  const price = await stripe.prices.create({
    currency: "usd",
    product: product.id,
    recurring: { interval: "month" },
    billing_scheme: "tiered",
    tiers_mode: "volume",
    tiers,
  });
  const coupon = await stripe.coupons.create({ percent_off: 20, applies_to: { products: [product.id] } });
  const code = await stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: coupon.id } });
  const rate = await stripe.taxRates.create({ display_name: "VAT", inclusive: true, percentage: 19, tax_type: "vat" });
  const said: Said[] = [
    { type: "Product", value: await raw(platform, `/v1/products/${product.id}`) },
    { type: "Price", value: await raw(platform, `/v1/prices/${price.id}?expand[]=tiers`) },
    { type: "Plan", value: await raw(platform, `/v1/plans/${price.id}?expand[]=product`) },
    { type: "Coupon", value: await raw(platform, `/v1/coupons/${coupon.id}?expand[]=applies_to`) },
    { type: "PromotionCode", value: await raw(platform, `/v1/promotion_codes/${code.id}?expand[]=promotion.coupon`) },
    { type: "TaxRate", value: await raw(platform, `/v1/tax_rates/${rate.id}`) },
  ];
  await stripe.plans.del(price.id);
  await stripe.products.del(product.id);
  const { data: events } = (await raw(platform, "/v1/events?limit=100")) as { data: Stripe.Event[] };
  const names: Record<string, string> = {
    product: "ProductCreatedEvent",
    price: "PriceCreatedEvent",
    plan: "PlanCreatedEvent",
    coupon: "CouponCreatedEvent",
    promotion_code: "PromotionCodeCreatedEvent",
    tax_rate: "TaxRateCreatedEvent",
  };
  for (const event of events) {
    const [name = "", what] = event.type.split(".");
    if (what === "created") said.push({ type: names[name] as string, value: event });
  }
  expect(said).toHaveLength(12);
  expect(await officialTypeErrors(said)).toEqual([]);
  // The compiler does look: what is not of the type is found.
  expect(await officialTypeErrors([{ type: "Coupon", value: { id: "x", object: "coupon", percent: 1 } }])).not.toEqual([]);
});
