import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { misfits } from "../../api/fits-official-types.ts";
import { platformOfItsOwn } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

/** A caller that keeps what it is answered with, as it came. */
function keeper(key: string) {
  const answers: { object: string }[] = [];
  const call = async (method: string, path: string, params?: object): Promise<Record<string, string>> => {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(params === undefined ? {} : { "content-type": "application/json" }) },
      ...(params === undefined ? {} : { body: JSON.stringify(params) }),
    });
    const body = (await response.json()) as Record<string, string> & { object: string };
    if (response.status === 200) answers.push(body);
    return body;
  };
  return { answers, call };
}

test("what is answered and told of saved cards, setups and disputes fits the official types", { timeout: 120_000 }, async () => {
  const { keys } = await platformOfItsOwn(server);
  const { answers, call } = keeper(keys.test.secret);
  const pay = { amount: 2_000, currency: "usd", confirm: true };
  const { id: customer } = await call("POST", "/v1/customers", { source: "tok_visa", payment_method: "pm_card_visa", name: "Jenny" });
  const { id: method } = await call("POST", "/v1/payment_methods", {
    type: "card",
    card: { number: "4242424242424242", exp_month: 12, exp_year: 2040, cvc: "123" },
    billing_details: { name: "Jenny", address: { line1: "1 Main St" } },
  });
  await call("POST", `/v1/payment_methods/${method}/attach`, { customer });
  await call("POST", `/v1/payment_methods/${method}`, { metadata: { a: "b" }, billing_details: { email: "jenny@example.com" } });
  await call("POST", "/v1/payment_intents", { ...pay, customer, payment_method: method, off_session: true, expand: ["payment_method"] });
  await call("POST", "/v1/payment_intents", { ...pay, payment_method: "pm_card_chargeDeclined" });
  await call("POST", "/v1/payment_intents", { ...pay, payment_method: "pm_card_authenticationRequired" });
  await call("GET", "/v1/payment_intents?expand[]=data.latest_charge");
  await call("POST", "/v1/charges", { amount: 2_000, currency: "usd", customer });
  const { id: source } = await call("POST", `/v1/customers/${customer}/sources`, { source: "tok_mastercard" });
  await call("POST", `/v1/customers/${customer}/sources/${source}`, { name: "Jenny", address_zip: "94110" });
  await call("GET", `/v1/customers/${customer}/sources`);
  await call("POST", `/v1/customers/${customer}`, { default_source: source, expand: ["default_source", "sources"] });
  for (const name of ["visa", "chargeDeclined", "authenticationRequired"])
    await call("POST", "/v1/setup_intents", { customer, payment_method: `pm_card_${name}`, confirm: true, expand: ["latest_attempt"] });
  await call("GET", "/v1/setup_intents?expand[]=data.customer&expand[]=data.payment_method");
  for (const name of ["createDispute", "createDisputeProductNotReceived", "createDisputeInquiry"])
    await call("POST", "/v1/payment_intents", { ...pay, payment_method: `pm_card_${name}`, expand: ["latest_charge"] });
  const { data } = (await call("GET", "/v1/disputes")) as unknown as { data: { id: string }[] };
  const words = ["escalate_inquiry_evidence", "winning_evidence", "words"];
  for (const [at, { id }] of data.entries()) await call("POST", `/v1/disputes/${id}`, { evidence: { uncategorized_text: words[at] } });
  await server.clock.advance({ seconds: 10 });
  await call("GET", "/v1/disputes?expand[]=data.charge");
  await call("GET", "/v1/balance_transactions");
  await call("POST", `/v1/payment_methods/${method}/detach`, {});
  await call("GET", `/v1/customers/${customer}/payment_methods`);
  const { data: events } = (await call("GET", "/v1/events?limit=100")) as unknown as { data: Stripe.Event[] };
  answers.pop();
  expect(answers.length).toBeGreaterThan(25);
  expect(new Set(events.map(({ type }) => type))).toEqual(
    new Set([
      "balance.available",
      "charge.dispute.closed",
      "charge.dispute.created",
      "charge.dispute.funds_reinstated",
      "charge.dispute.funds_withdrawn",
      "charge.dispute.updated",
      "charge.failed",
      "charge.succeeded",
      "charge.updated",
      "customer.created",
      "customer.source.created",
      "customer.source.updated",
      "customer.updated",
      "payment_intent.created",
      "payment_intent.payment_failed",
      "payment_intent.requires_action",
      "payment_intent.succeeded",
      "payment_method.attached",
      "payment_method.detached",
      "payment_method.updated",
      "setup_intent.created",
      "setup_intent.requires_action",
      "setup_intent.setup_failed",
      "setup_intent.succeeded",
    ]),
  );
  expect(await misfits(answers, events)).toBe("");
});
