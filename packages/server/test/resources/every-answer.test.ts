import { type EventType, isEndpointEventType, objectClassOf } from "@carabiner/protocol";
import Stripe from "stripe";
import { expect, test } from "vitest";
import type { Carabiner } from "../../src/index.ts";
import { resources } from "../../src/resources/resources.ts";
import { officialTypeErrors, type Said } from "../official-types.ts";
import { client } from "../platform-of-its-own.ts";
import { start } from "../server-of-its-own.ts";
import { payableAccount } from "./money/payable-account.ts";
import { oneOfEach } from "./one-of-each.ts";

type Answered = Readonly<Record<string, unknown>> & { object: string };

/**
 * Objects that the official package does not know: our own, and one that only the Stripe CLI asks for. Events are
 * compared by what they carry.
 */
const OUR_OWN = new Set(["test_helpers.requirement", "payment_page", "event"]);

/** Paths that need something else: a charge that is disputed, a parameter. */
const NOT_OF_EACH = new Set(["/v1/charges/:charge/dispute", "/v1/setup_attempts"]);

/** Names of classes that do not follow from the `object` value. */
const CLASSES: Readonly<Record<string, string>> = {
  item: "LineItem",
  "v2.core.event": "V2.Core.EventBase & { related_object?: Stripe.V2.Core.Events.RelatedObject }",
};

/** `balance_transaction` is `BalanceTransaction`, `checkout.session` is `Checkout.Session`. */
function classOf(object: string): string {
  const pascal = (name: string) => name.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
  return CLASSES[object] ?? object.split(".").map(pascal).join(".");
}

/**
 * Fields that Stripe answers with and its package has no type for: counts of lists, and whom an ephemeral key is for.
 */
function untyped(name: string, object: object): boolean {
  return (name === "total_count" && "data" in object) || name === "associated_objects";
}

/** A value without such fields, at any depth. */
function typed(value: unknown): unknown {
  return without(value, (name, object) => untyped(name, object));
}

/** The package's types of v2 leave out what is null on the wire. */
function withoutNull(value: unknown): unknown {
  return without(value, (name, object) => object[name] === null);
}

function without(value: unknown, leavesOut: (name: string, object: Record<string, unknown>) => boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, leavesOut));
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  const fields = Object.entries(object).filter(([name]) => !leavesOut(name, object));
  return Object.fromEntries(fields.map(([name, field]) => [name, without(field, leavesOut)]));
}

/** A caller that keeps every object that it is answered with, as it came. */
function keeper(server: Carabiner, key: string) {
  const answers: Answered[] = [];
  return {
    answers,
    async call(method: string, path: string, { account, body }: { account?: string; body?: object } = {}): Promise<Answered> {
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
      const found = (await answer.json()) as Answered;
      if (answer.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(found)}`);
      if (found.deleted !== true) answers.push(...(Array.isArray(found.data) ? (found.data as Answered[]) : [found]));
      return found;
    },
  };
}

/** Reads the lists of the API, and each object by its id, of what there is one of each. */
async function readAll({ call }: ReturnType<typeof keeper>, ids: Readonly<Record<string, string>>): Promise<void> {
  const paths = resources.flatMap(({ operations }) => operations.filter(({ method }) => method === "GET").map(({ path }) => path));
  for (const path of paths) {
    const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
    // Events are compared by what they carry, and what is searched for is listed as well.
    if (
      names.length > 1 ||
      names.some((name) => ids[name] === undefined) ||
      path.startsWith("/v1/events") ||
      path.endsWith("/search") ||
      NOT_OF_EACH.has(path)
    )
      continue;
    await call(
      "GET",
      path.replaceAll(/:(\w+)/g, (_, name: string) => ids[name] as string),
    );
  }
}

/** A person of whom the v2 API is told everything but documents. */
const ANYONE = {
  additional_addresses: [{ purpose: "registered", country: "DE", city: "Berlin", town: "Mitte" }],
  additional_names: [
    { purpose: "alias", full_name: "Jen Rosen" },
    { purpose: "maiden", given_name: "Jenny", surname: "Ropes" },
  ],
  additional_terms_of_service: { account: { date: "2026-01-01T00:00:00Z", ip: "203.0.113.7", user_agent: "test" } },
  address: { country: "DE", line1: "Seilweg 1", postal_code: "10115", city: "Berlin" },
  date_of_birth: { day: 1, month: 1, year: 1980 },
  email: "jenny@example.com",
  given_name: "Jenny",
  id_numbers: [{ type: "de_stn", value: "000000000" }],
  legal_gender: "female",
  metadata: { a: "b" },
  nationalities: ["DE", "US"],
  phone: "+4930000000",
  political_exposure: "none",
  relationship: { owner: true, percent_ownership: "12.5", title: "CTO" },
  script_addresses: { kana: { country: "JP", city: "a" } },
  script_names: { kana: { given_name: "ジェニー" }, kanji: { surname: "字" } },
};
/** Everything that v2 shows of accounts: of its own, of others that v1 made, before and after their onboarding. */
async function seeThroughV2({ call }: ReturnType<typeof keeper>, ofV1: readonly string[]): Promise<void> {
  const include = ["configuration.merchant", "configuration.recipient", "defaults", "future_requirements", "identity", "requirements"];
  const query = include.map((name) => `include[]=${name}`).join("&");
  for (const id of ofV1) await call("GET", `/v2/core/accounts/${id}?${query}`);
  const address = { city: "Reno", country: "us", line1: "Main St 1", postal_code: "89501", state: "NV" };
  const declared = { date: "2026-01-31T12:00:00Z", ip: "127.0.0.1", user_agent: "curl" };
  const made = await call("POST", "/v2/core/accounts", {
    body: {
      contact_email: "enforce_future_requirements@example.com",
      contact_phone: "+15550100100",
      display_name: "Rides",
      dashboard: "none",
      include,
      identity: {
        country: "us",
        entity_type: "company",
        attestations: {
          directorship_declaration: declared,
          persons_provided: { directors: true, owners: true },
          terms_of_service: { account: declared },
        },
        business_details: {
          additional_addresses: [{ ...address, purpose: "administrative" }],
          address,
          annual_revenue: { amount: { value: 5, currency: "usd" }, fiscal_year_end: "2025-12-31" },
          estimated_worker_count: 3,
          id_numbers: [{ type: "us_ein", value: "111111111" }],
          registered_name: "Rides Inc.",
          registration_date: { day: 1, month: 1, year: 2020 },
          structure: "private_corporation",
        },
      },
      defaults: {
        currency: "usd",
        locales: ["en-US"],
        profile: { business_url: "https://rides.example.com", doing_business_as: "Rides" },
        responsibilities: { fees_collector: "application", losses_collector: "application" },
      },
      configuration: {
        merchant: {
          branding: { primary_color: "#000000" },
          capabilities: { ach_debit_payments: { requested: true }, card_payments: { requested: true } },
          card_payments: { decline_on: { avs_failure: true } },
          konbini_payments: { support: { email: "help@example.com", hours: { start_time: "09:00", end_time: "17:00" } } },
          mcc: "4121",
          script_statement_descriptor: { kana: { descriptor: "RIDES", prefix: "R" } },
          statement_descriptor: { descriptor: "RIDES", prefix: "RIDES" },
          support: { address, email: "help@example.com", phone: "+15550100100", url: "https://example.com" },
        },
        recipient: {
          capabilities: { bank_accounts: { local: { requested: true } }, stripe_balance: { stripe_transfers: { requested: true } } },
        },
      },
    },
  });
  await call("POST", `/v1/accounts/${made.id}/persons`, {
    body: { first_name: "Jenny", relationship: { owner: true }, id_number: "111111111" },
  });
  await call("GET", `/v2/core/accounts/${made.id}?${query}`);
  await call("POST", `/v1/test_helpers/accounts/${made.id}/complete_onboarding`);
  await call("GET", `/v2/core/accounts/${made.id}?${query}`);
  await call("POST", "/v2/core/accounts", {
    body: {
      include,
      dashboard: "express",
      defaults: { responsibilities: { fees_collector: "application", losses_collector: "application" } },
      configuration: { recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } } },
      identity: {
        country: "us",
        entity_type: "individual",
        individual: {
          additional_names: [{ full_name: "J. Rosen", purpose: "alias" }],
          address,
          date_of_birth: { day: 1, month: 1, year: 1902 },
          given_name: "Jenny",
          id_numbers: [{ type: "us_ssn", value: "111111111" }],
          nationalities: ["us"],
          political_exposure: "none",
          relationship: { owner: true, percent_ownership: "25.5", title: "CEO" },
          surname: "Rosen",
        },
      },
    },
  });
}

test("every answer and event fits the official package's types", { timeout: 120_000 }, async () => {
  const server = await start();
  const stripe = client(server, server.keys.test.secret);
  const keeping = keeper(server, server.keys.test.secret);
  const { call, answers } = keeping;
  const ids = await oneOfEach(server, { test: stripe });
  await readAll(keeping, ids);

  const { id: account, as } = await payableAccount(server, { stripe });
  const company = await call("POST", "/v1/accounts", { body: { type: "express", country: "DE", business_type: "company" } });
  const people = `/v1/accounts/${company.id}/persons`;
  const person = await call("POST", people, { body: { first_name: "Jenny", relationship: { representative: true, title: "CEO" } } });
  await call("POST", `${people}/${person.id}`, { body: { last_name: "Rosen", dob: { day: 1, month: 1, year: 1980 } } });
  await call("GET", people);
  const inV2 = `/v2/core/accounts/${company.id}/persons`;
  const accountPerson = await call("POST", inV2, { body: ANYONE });
  await call("POST", `${inV2}/${accountPerson.id}`, { body: { surname: "Rosen" } });
  await call("GET", inV2);
  const personToken = await call("POST", inV2.replace("persons", "person_tokens"), { body: { given_name: "Jenny" } });
  await call("GET", `${inV2.replace("persons", "person_tokens")}/${personToken.id}`);
  await call("GET", `/v1/accounts/${account}/external_accounts`);
  await call("POST", `/v1/accounts/${account}/external_accounts`, { body: { external_account: "tok_visa_debit" } });
  await call("GET", `/v1/accounts/${account}/capabilities`);
  await call("POST", `/v1/accounts/${account}`, { body: { metadata: { a: "b" } } });
  const urls = { refresh_url: "https://example.com/again", return_url: "https://example.com/done" };
  await call("POST", "/v1/account_links", { body: { account: company.id, type: "account_onboarding", ...urls } });
  const flow = { type: "account_onboarding", account_onboarding: { ...urls, collection_options: { fields: "eventually_due" } } };
  await call("POST", "/v2/core/account_links", { body: { account: company.id, use_case: flow } });
  await call("POST", "/v1/account_sessions", { body: { account, components: { payouts: { enabled: true } } } });
  const express = await call("POST", "/v1/accounts", { body: { type: "express", country: "US" } });
  await call("POST", `/v1/test_helpers/accounts/${express.id}/complete_onboarding`);
  await call("POST", `/v1/accounts/${express.id}/login_links`);
  await call("POST", "/v1/ephemeral_keys", { body: { customer: ids.customer } });
  await call("POST", `/v1/application_fees/${ids.fee}/refunds`, { body: { amount: 10 } });
  await call("POST", `/v1/transfers/${ids.transfer}/reversals`, { body: { amount: 10 } });
  await call("GET", `/v1/application_fees/${ids.fee}/refunds`);
  await call("POST", `/v1/customers/${ids.customer}/sources`, { body: { source: "tok_visa" } });
  const setup = await call("POST", "/v1/setup_intents", { body: { payment_method: "pm_card_visa", confirm: true } });
  await call("GET", `/v1/setup_attempts?setup_intent=${setup.id}`);
  const pay = { amount: 1_000, currency: "usd", confirm: true, application_fee_amount: 10, payment_method: "pm_card_visa" };
  await call("POST", "/v1/payment_intents", { account, body: pay });
  await call("POST", "/v1/payouts", { account, body: { amount: 100, currency: "usd" } }).catch(() => undefined);
  await server.clock.advance({ seconds: 7 * 24 * 3_600 });
  for (const path of ["/v1/balance", "/v1/balance_transactions", "/v1/charges", "/v1/payouts"]) await call("GET", path, { account });

  await seeThroughV2(keeping, [account, company.id as string, express.id as string]);

  const events: Stripe.Event[] = [];
  for (const options of [{}, as, { stripeAccount: company.id as string }])
    for await (const event of stripe.events.list({ limit: 100 }, options)) events.push(event);
  const said: Said[] = [
    ...answers
      .filter(({ object }) => !OUR_OWN.has(object))
      .map((answer) => ({
        type: classOf(answer.object),
        value: typed(answer.object === "v2.core.account" ? withoutNull(answer) : answer),
      })),
    // Events about endpoints are our own.
    ...events
      .filter(({ type }) => !isEndpointEventType(type))
      .map(({ type, data }) => ({ type: objectClassOf(type as EventType), value: typed(data.object) })),
  ];
  expect(await officialTypeErrors(said)).toEqual([]);
  const kinds = new Set(answers.map(({ object }) => object));
  expect(resources.map(({ object }) => object).filter((object) => !kinds.has(object) && !OUR_OWN.has(object))).toEqual([]);
});
