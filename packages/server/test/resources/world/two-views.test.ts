import { THIN_EVENT_TYPES } from "@carabiner/protocol";
import fc from "fast-check";
import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { startWebhookReceiver } from "../../webhook-receiver.ts";
import { expectPersonsTold, expectSamePersons, lookAtPersons, PERSON_STEPS } from "./two-views-of-persons.ts";

let server: Carabiner;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
beforeAll(async () => {
  server = await startCarabiner();
  receiver = await startWebhookReceiver();
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

const PARTS = [
  "identity",
  "defaults",
  "configuration.customer",
  "configuration.merchant",
  "configuration.recipient",
  "requirements",
  "future_requirements",
] as const;
const QUERY = PARTS.map((part, at) => `include[${at}]=${part}`).join("&");
const TYPES = THIN_EVENT_TYPES.filter((type) => /^v2\.core\.account(?:_person)?[.[]/.test(type));

type Json = Record<string, unknown>;
type Call = (method: string, path: string, body?: object, account?: string) => Promise<{ status: number; body: Json }>;

function caller(key: string): Call {
  return async (method, path, body, account) => {
    const answer = await fetch(server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(path.startsWith("/v2/") ? { "stripe-version": Stripe.API_VERSION } : {}),
        ...(account === undefined ? {} : { "stripe-account": account }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Json };
  };
}

const BY_PLATFORM = { responsibilities: { fees_collector: "application", losses_collector: "application" } };
const TRANSFERS = { recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } } };
const CARDS = { merchant: { capabilities: { card_payments: { requested: true } } } };

const MADE: readonly (readonly [path: string, params: object])[] = [
  ["/v1/accounts", { type: "custom", country: "US", capabilities: { transfers: { requested: true } } }],
  [
    "/v1/accounts",
    { type: "express", country: "US", capabilities: { card_payments: { requested: true }, transfers: { requested: true } } },
  ],
  ["/v1/accounts", { type: "custom", country: "DE", business_type: "company" }],
  ["/v2/core/accounts", { identity: { country: "us", entity_type: "individual" }, defaults: BY_PLATFORM, configuration: TRANSFERS }],
  ["/v2/core/accounts", { dashboard: "express", defaults: BY_PLATFORM, configuration: { ...TRANSFERS, ...CARDS } }],
  ["/v2/core/accounts", { identity: { country: "de" } }],
  ["/v2/core/accounts", { identity: { country: "us" }, configuration: { customer: { shipping: { name: "Jenny" } } } }],
];

/** What is told of an account, through one API or the other. */
const TOLD: readonly (readonly ["v1" | "v2" | "customer", object])[] = [
  ["v1", { email: "jenny@example.com", metadata: { step: "1" } }],
  ["v2", { contact_email: "rosen@example.com", metadata: { step: null } }],
  ["v1", { business_profile: { url: "https://accessible.stripe.com", mcc: "5734", name: "Rides" } }],
  ["v2", { defaults: { profile: { business_url: "https://rides.example.com" }, locales: ["de"] } }],
  ["v2", { display_name: "Rides", contact_phone: "+15550100100" }],
  ["v1", { business_type: "individual", individual: { first_name: "Jenny", dob: { day: 1, month: 1, year: 1901 } } }],
  [
    "v2",
    { identity: { entity_type: "individual", individual: { surname: "Rosen", id_numbers: [{ type: "us_ssn", value: "000000000" }] } } },
  ],
  ["v2", { identity: { individual: { id_numbers: [{ type: "us_ssn", value: "111111111" }] } } }],
  ["v1", { individual: { address: { line1: "address_full_match", city: "Reno", state: "NV", postal_code: "89501" }, ssn_last_4: "0000" } }],
  ["v1", { business_type: "company", company: { name: "Acme", tax_id: "000000000" } }],
  ["v2", { identity: { entity_type: "company", business_details: { id_numbers: [{ type: "us_ein", value: "111111111" }] } } }],
  ["v2", { identity: { business_details: null } }],
  ["v1", { tos_acceptance: { date: 1_764_000_000, ip: "127.0.0.1" } }],
  ["v2", { identity: { attestations: { terms_of_service: { account: { date: "2025-11-24T16:00:00Z", ip: "127.0.0.1" } } } } }],
  ["v1", { capabilities: { card_payments: { requested: true }, transfers: { requested: true } } }],
  ["v2", { configuration: CARDS }],
  ["v2", { configuration: TRANSFERS, defaults: BY_PLATFORM }],
  ["v2", { configuration: { merchant: { applied: false } } }],
  ["v2", { configuration: { recipient: { applied: false } } }],
  ["v2", { configuration: { merchant: { mcc: "4121", statement_descriptor: { descriptor: "RIDES" } } } }],
  ["v2", { dashboard: "none" }],
  ["v1", { settings: { payments: { statement_descriptor: "OTHER" } } }],
  ["v2", {}],
  ["v2", { configuration: { customer: {} } }],
  ["v2", { configuration: { customer: { applied: false } } }],
  ["v2", { configuration: { customer: { capabilities: { automatic_indirect_tax: { requested: true } } } } }],
  ["v2", { configuration: { customer: { shipping: { name: "Jenny", address: { country: "us", postal_code: "89501" } } } } }],
  ["v2", { configuration: { customer: { shipping: null, automatic_indirect_tax: { exempt: "exempt", ip_address: "203.0.113.7" } } } }],
  ["v2", { configuration: { customer: { billing: { invoice: { footer: "Bye", next_sequence: 3 } } } } }],
  ["customer", { description: "Of v1 alone", balance: 5 }],
  ["customer", { email: "customer@example.com", metadata: { step: "2" }, preferred_locales: ["fr"] }],
  ["customer", { name: "Jenny Rosen", phone: "+15550100199", address: { line1: "Main St 1", country: "DE" } }],
  ["customer", { shipping: { name: "Rosen", address: { country: "FR" } }, tax_exempt: "reverse", invoice_settings: { footer: "" } }],
  ["customer", { business_name: "Acme Inc.", tax_exempt: "", shipping: "" }],
];

const CALLS = { v1: "/v1/accounts", v2: "/v2/core/accounts", customer: "/v1/customers" };

type Step = { says: string; run(call: Call, account: string): Promise<unknown> };

const BANK = { object: "bank_account", country: "US", currency: "usd", routing_number: "110000000", account_number: "000123456789" };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.constantFrom(...TOLD).map(([api, params]) => ({
      says: `tell ${api} ${JSON.stringify(params)}`,
      // A customer that is none yet is not found.
      run: (call: Call, account: string) => call("POST", `${CALLS[api]}/${account}`, params),
    })),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom<[string, object]>(
        ["complete_onboarding", {}],
        ["pause", { payments: true }],
        ["requirements", { requirement: "business_profile.mcc" }],
        ["threshold", { crosses: "charge_block" }],
      )
      .map(([helper, params]) => ({
        says: helper,
        run: (call: Call, account: string) => call("POST", `/v1/test_helpers/accounts/${account}/${helper}`, params),
      })),
  },
  {
    weight: 2,
    arbitrary: fc.constant<Step>({
      says: "add a bank account",
      run: (call: Call, account: string) => call("POST", `/v1/accounts/${account}/external_accounts`, { external_account: BANK }),
    }),
  },
  ...PERSON_STEPS,
  {
    weight: 1,
    arbitrary: fc.constantFrom("reject", "unreject").map((what) => ({
      says: what,
      run: (call: Call, account: string) => call("POST", `/v1/accounts/${account}/${what}`, what === "reject" ? { reason: "fraud" } : {}),
    })),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(150, 3_600, 15 * 86_400).map((seconds) => ({
      says: `turn the clock by ${seconds} seconds`,
      run: () => server.clock.advance({ seconds }),
    })),
  },
);

const stories = fc
  .tuple(fc.constantFrom(...MADE), fc.array(steps, { minLength: 4, maxLength: 14 }))
  .map(([made, rest]) =>
    Object.assign({ made, rest }, { toString: () => `${JSON.stringify(made)}\n${rest.map(({ says }) => says).join("\n")}` }),
  );

/** Both views of an account, and the events of both that were told so far. */
async function look(call: Call, account: string) {
  const [v1, v2, ofV1, ofV2, customer, ofCustomer] = [
    await call("GET", `/v1/accounts/${account}`),
    await call("GET", `/v2/core/accounts/${account}?${QUERY}`),
    await call("GET", "/v1/events?type=account.updated&limit=100", undefined, account),
    await call("GET", `/v2/core/events?limit=100`),
    await call("GET", `/v1/customers/${account}`),
    await call("GET", "/v1/events?types[0]=customer.created&types[1]=customer.updated&limit=100"),
  ];
  for (const { status, body } of [v1, v2, ofV1, ofV2, ofCustomer]) expect(status, JSON.stringify(body)).toBe(200);
  return {
    persons: await lookAtPersons(call, account, ofV2.body.data as Json[]),
    v1: v1.body,
    v2: v2.body,
    v1Told: (ofV1.body.data as Json[]).map(({ id }) => id as string),
    customer: customer.status === 404 ? null : customer.body,
    customerTold: (ofCustomer.body.data as Json[]).map(({ id }) => id as string),
    v2Told: (ofV2.body.data as Json[]).map(({ id, type }) => ({ id, type: type as string })),
  };
}

type Looked = Awaited<ReturnType<typeof look>>;

function part(v2: Json, name: (typeof PARTS)[number]): unknown {
  const [first = "", second] = name.split(".");
  const found = (v2[first] ?? {}) as Json;
  return second === undefined ? found : found[second];
}

interface Status {
  status?: string;
}

/** The statuses of a configuration's capabilities, by name. */
function statuses(v2: Json, configuration: "customer" | "merchant" | "recipient"): Map<string, string> {
  const { capabilities } = (part(v2, `configuration.${configuration}`) ?? {}) as { capabilities?: Record<string, Status> | null };
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(capabilities ?? {}))
    if (value.status !== undefined) found.set(name, value.status);
    else for (const [inner, { status = "" }] of Object.entries(value as Record<string, Status>)) found.set(`${name}.${inner}`, status);
  return found;
}

/** A part without what has an event of another type. */
function settings(v2: Json, name: (typeof PARTS)[number]): unknown {
  const shown = part(v2, name) as Json | null;
  if (name === "identity") {
    const { individual, ...rest } = shown as Json;
    return { ...rest, individual: individual === null ? null : { ...(individual as Json), updated: null } };
  }
  if (!name.startsWith("configuration.") || shown === null) return shown;
  return { ...shown, capabilities: [...statuses(v2, name.slice("configuration.".length) as "merchant").keys()] };
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Each API told of exactly what it shows otherwise. */
function expectTold(before: Looked, after: Looked): void {
  expectPersonsTold(before.persons, after.persons);
  // By id: the lists also lose what is older than 30 days.
  const knownIds = new Set([...before.v1Told, ...before.customerTold, ...before.v2Told.map(({ id }) => id)]);
  const fresh = after.v2Told.filter(({ id }) => !knownIds.has(id)).map(({ type }) => type);
  const root = (v2: Json) => ({ ...v2, ...Object.fromEntries(["configuration", ...PARTS].map((name) => [name, null])) });
  expect(fresh.includes("v2.core.account.updated"), "the account itself").toBe(!same(root(before.v2), root(after.v2)));
  for (const name of PARTS)
    expect(fresh.includes(`v2.core.account[${name}].updated`), name).toBe(!same(settings(before.v2, name), settings(after.v2, name)));
  for (const configuration of ["customer", "merchant", "recipient"] as const) {
    const [was, is] = [statuses(before.v2, configuration), statuses(after.v2, configuration)];
    const changed = [...is].filter(([name, status]) => was.get(name) !== status);
    const told = fresh.filter((type) => type === `v2.core.account[configuration.${configuration}].capability_status_updated`);
    // Several turns of the clock may lie between, and a status may change and change back.
    expect(told.length, `statuses of ${configuration}`).toBeGreaterThanOrEqual(changed.length);
  }
  expect(
    after.v1Told.some((id) => !knownIds.has(id)),
    "v1",
  ).toBe(!same(before.v1, after.v1));
  expect(
    after.customerTold.some((id) => !knownIds.has(id)),
    "the customer",
  ).toBe(!same(before.customer, after.customer));
}

/** What both show of the same is the same. */
function expectOneAccount({ v1, v2, customer, persons }: Looked): void {
  expectSamePersons(persons);
  expectOneCustomer(v2, customer);
  const identity = v2.identity as Json;
  const defaults = v2.defaults as { currency: string; profile: Json | null; responsibilities: Json };
  const profile = v1.business_profile as Json;
  const { payments } = v1.settings as { payments: Json };
  expect(v2.contact_email).toBe(v1.email);
  expect(v2.metadata).toEqual(v1.metadata);
  expect(identity.country).toBe((v1.country as string).toLowerCase());
  expect(identity.entity_type).toBe(v1.business_type);
  expect(defaults.currency).toBe(v1.default_currency);
  expect(defaults.profile?.business_url ?? null).toBe(profile.url);
  expect(defaults.profile?.doing_business_as ?? null).toBe(profile.name);
  const merchant = part(v2, "configuration.merchant") as { mcc?: string | null; statement_descriptor?: Json | null } | null;
  if (merchant !== null) expect(merchant.mcc).toBe(profile.mcc);
  const descriptor = merchant?.statement_descriptor?.descriptor;
  if (descriptor !== undefined) expect(descriptor).toBe(payments.statement_descriptor);
  const person = v1.individual as Json | undefined;
  const individual = identity.individual as Json | null;
  expect(individual?.id).toBe(person?.id);
  expect(individual?.given_name ?? null).toBe(person?.first_name ?? null);
  const capabilities = v1.capabilities as Json;
  const merchantStatuses = statuses(v2, "merchant");
  const ofRecipient = statuses(v2, "recipient");
  for (const [v2Status, v1Status] of [
    [merchantStatuses.get("card_payments"), capabilities.card_payments],
    [ofRecipient.get("stripe_balance.stripe_transfers"), capabilities.transfers],
  ])
    expect(v2Status === undefined ? undefined : v2Status === "active").toBe(v1Status === undefined ? undefined : v1Status === "active");
  for (const found of [merchantStatuses, ofRecipient])
    if (found.size > 0) expect(found.get("stripe_balance.payouts") === "active").toBe(v1.payouts_enabled);
  const requirements = v1.requirements as Record<string, string[]>;
  const { entries } = v2.requirements as { entries: { minimum_deadline: { status: string }; awaiting_action_from: string }[] };
  const due = (status: string) => entries.filter((entry) => entry.minimum_deadline.status === status).length;
  expect(due("past_due")).toBe(requirements.past_due?.length);
  expect(entries.filter((entry) => entry.awaiting_action_from === "stripe").length).toBe(requirements.pending_verification?.length);
  const all = new Set([...(requirements.eventually_due ?? []), ...(requirements.pending_verification ?? [])]);
  expect(entries.length).toBe(new Set([...all, ...(requirements.past_due ?? [])]).size);
}

/** The customer in v1 is the account with its customer configuration. */
function expectOneCustomer(v2: Json, customer: Json | null): void {
  const configuration = part(v2, "configuration.customer") as Json | null;
  expect(customer === null, "the customer").toBe(configuration === null);
  if (customer === null || configuration === null) return;
  const { individual, business_details: business } = v2.identity as { individual: Json | null; business_details: Json | null };
  const party = individual ?? business;
  const { automatic_indirect_tax: tax, billing, shipping } = configuration as Record<string, Json | null>;
  const { invoice } = billing as { invoice: Json };
  expect(customer).toMatchObject({
    customer_account: v2.id,
    email: v2.contact_email,
    invoice_prefix: invoice.prefix,
    metadata: v2.metadata,
    name: v2.display_name,
    next_invoice_sequence: invoice.next_sequence,
    phone: party?.phone ?? null,
    preferred_locales: (v2.defaults as Json).locales ?? [],
    tax_exempt: tax?.exempt,
  });
  expect((customer.invoice_settings as Json).footer).toBe(invoice.footer);
  expect((customer.address as Json | null)?.line1 ?? null).toBe((party?.address as Json | null)?.line1 ?? null);
  expect((customer.shipping as Json | null)?.name || null).toBe(shipping?.name ?? null);
}

describe("an account that both APIs change", () => {
  test("is one account, and each API tells of what it shows otherwise", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(stories, async ({ made: [path, params], rest }) => {
        const { body } = await caller(server.keys.test.secret)("POST", "/v1/test_helpers/platforms", {});
        const call = caller((body.keys as { test: { secret: string } }).test.secret);
        await call("POST", "/v2/core/event_destinations", {
          name: "Accounts",
          type: "webhook_endpoint",
          event_payload: "thin",
          enabled_events: TYPES,
          webhook_endpoint: { url: receiver.url("/") },
        });
        const { body: account, status } = await call("POST", path, params);
        expect(status, JSON.stringify(account)).toBe(200);
        const id = String(account.id);
        let before = await look(call, id);
        expectOneAccount(before);
        for (const { says, run } of rest) {
          const answer = (await run(call, id)) as { status?: number } | undefined;
          expect(answer?.status ?? 200, says).toBeLessThan(500);
          const after = await look(call, id);
          try {
            expectTold(before, after);
            expectOneAccount(after);
          } catch (thrown) {
            throw new Error(`after: ${says}`, { cause: thrown });
          }
          before = after;
        }
      }),
      { numRuns: 20, endOnFailure: false },
    );
  });
});
