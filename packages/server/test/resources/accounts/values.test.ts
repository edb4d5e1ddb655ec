import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";

let server: Carabiner;
let account: string;
let person: string;
beforeAll(async () => {
  server = await startCarabiner();
  const made = await call("/v1/accounts", { type: "custom", country: "US", business_type: "company" });
  account = String(made.body.id);
  person = String((await call(`/v1/accounts/${account}/persons`, { first_name: "Ada" })).body.id);
});
afterAll(() => server.close());

type Json = Record<string, unknown>;

async function call(path: string, params?: object): Promise<{ status: number; body: Json }> {
  const answer = await fetch(server.url + path, {
    ...(params === undefined ? {} : { method: "POST", body: JSON.stringify(params) }),
    headers: {
      authorization: `Bearer ${server.keys.test.secret}`,
      "content-type": "application/json",
      ...(path.startsWith("/v2/") ? { "stripe-version": Stripe.API_VERSION } : {}),
    },
  });
  return { status: answer.status, body: (await answer.json()) as Json };
}

/** What is told at a path, such as `company.address.country`. */
function at(path: string, value: unknown): Json {
  const [first = "", ...rest] = path.split(".");
  const inner = rest.length === 0 ? value : at(rest.join("."), value);
  return { [first]: first === "additional_addresses" || first === "nationalities" ? [inner] : inner };
}

const inBrackets = (path: string): string => path.replaceAll(/\.(\w+)/g, "[$1]");

/** An hour from now: `Date` is the machine's, which the clock of this server follows. */
const SOON = Math.floor(Date.now() / 1_000) + 3_600;
const SOON_TEXT = new Date(SOON * 1_000).toISOString();
const NEXT_YEAR = new Date().getUTCFullYear() + 1;

/** A field of an account in both APIs, values that are refused, and Stripe's code for them. */
const FIELDS: readonly (readonly [v1: string | null, v2: string | null, bad: readonly unknown[], code?: string])[] = [
  ["default_currency", "defaults.currency", ["zzz", "dollars", "$"]],
  ["email", "contact_email", ["jenny", "jenny@nowhere", "jenny@example.com bob"], "email_invalid"],
  [null, "contact_phone", ["none", "12", "+1 555 CALL ME"]],
  ["business_profile.mcc", "configuration.merchant.mcc", ["0000", "5735x", "1", "8000"]],
  ["business_profile.support_email", "configuration.merchant.support.email", ["help"], "email_invalid"],
  ["business_profile.support_phone", "configuration.merchant.support.phone", ["none", "1234", "12345678901234567890"]],
  ["business_profile.support_url", "configuration.merchant.support.url", ["javascript:alert(1)", "https://", "nothing"], "url_invalid"],
  ["business_profile.support_address.country", null, ["ZZ", "United States"]],
  [null, "configuration.merchant.support.address", [{ country: "zz" }, { country: "usa" }]],
  [
    "business_profile.url",
    "defaults.profile.business_url",
    [
      "javascript:alert(1)",
      "data:text/html,x",
      "mailto:a@example.com",
      "http://localhost:3000",
      "https://exa mple.com",
      "rides",
      "ftp://example.com",
    ],
    "url_invalid",
  ],
  ["business_profile.annual_revenue.currency", null, ["zzz"]],
  [
    "business_profile.annual_revenue",
    null,
    [
      { amount: 1, currency: "usd", fiscal_year_end: "2025-02-30" },
      { amount: 1, currency: "usd", fiscal_year_end: "2025" },
      { amount: 1, currency: "usd", fiscal_year_end: "31.12.2025" },
    ],
  ],
  [
    null,
    "identity.business_details.annual_revenue",
    [
      { amount: { currency: "zzz", value: 1 }, fiscal_year_end: "2025-12-31" },
      { amount: { currency: "usd", value: 1 }, fiscal_year_end: "2025-13-01" },
    ],
  ],
  ["settings.branding.primary_color", "configuration.merchant.branding.primary_color", ["red", "#ggg", "#12345", "112233"]],
  ["settings.branding.secondary_color", "configuration.merchant.branding.secondary_color", ["rgb(0,0,0)"]],
  [null, "configuration.merchant.konbini_payments.support.hours.start_time", ["24:00", "9", "noon"]],
  ["company.phone", "identity.business_details.phone", ["call me"]],
  ["company.address.country", null, ["ZZ", "United States"]],
  [null, "identity.business_details.address", [{ country: "zz" }]],
  ["company.address.state", null, ["Bavaria", "ZZ"], "account_country_invalid_state"],
  ["company.address.postal_code", null, ["1234", "M4C 1T2"], "postal_code_invalid"],
  ["company.ownership_declaration.date", null, [SOON, 1]],
  [null, "identity.attestations.ownership_declaration.date", [SOON_TEXT, "2008-12-31T00:00:00Z"]],
  ["company.ownership_declaration.ip", "identity.attestations.ownership_declaration.ip", ["nowhere", "1.2.3", "256.1.1.1"]],
  [
    "company.registration_date",
    "identity.business_details.registration_date",
    [
      { day: 31, month: 6, year: 2020 },
      { day: 1, month: 1, year: NEXT_YEAR + 1 },
    ],
  ],
  ["tos_acceptance.date", null, [SOON, 1_000_000_000]],
  [null, "identity.attestations.terms_of_service.account.date", [SOON_TEXT]],
  ["tos_acceptance.ip", "identity.attestations.terms_of_service.account.ip", ["localhost", "::g"]],
  ["tos_acceptance.service_agreement", null, ["none"]],
];

/** The same for a person. */
const PERSON_FIELDS: typeof FIELDS = [
  ["email", "email", ["ada", "@example.com"], "email_invalid"],
  ["phone", "phone", ["by mail", "+"]],
  ["gender", "legal_gender", ["unknown"]],
  ["nationality", "nationalities", ["ZZ", "American"]],
  ["ssn_last_4", null, ["12", "12345", "abcd"]],
  ["address.country", "address.country", ["ZZ", "Germany"]],
  ["address.state", "address.state", ["Nowhere"], "account_country_invalid_state"],
  ["address.postal_code", "address.postal_code", ["ABC"], "postal_code_invalid"],
  ["registered_address.country", null, ["Q1"]],
  [
    "dob",
    "date_of_birth",
    [
      { day: 30, month: 2, year: 1980 },
      { day: 1, month: 1, year: NEXT_YEAR },
      { day: 1, month: 1, year: 1700 },
    ],
  ],
  ["additional_tos_acceptances.account.date", null, [SOON]],
  [null, "additional_terms_of_service.account.date", [SOON_TEXT]],
  ["additional_tos_acceptances.account.ip", "additional_terms_of_service.account.ip", ["here"]],
];

const cases = (fields: typeof FIELDS) =>
  fields.flatMap(([v1, v2, bad, code]) =>
    bad.flatMap((value) => [
      ...(v1 === null ? [] : [{ api: "v1", field: v1, value, code }]),
      ...(v2 === null ? [] : [{ api: "v2", field: v2, value, code }]),
    ]),
  );

/** Sends a bad value, and checks that it is refused under its name and changes nothing. */
async function expectRefused(path: string, { field, value, code }: { field: string; value: unknown; code: string | undefined }) {
  const inV2 = path.startsWith("/v2/");
  const parts = inV2 ? "?include[0]=identity&include[1]=defaults&include[2]=configuration.merchant" : "";
  const query = path.includes("/persons/") ? "" : parts;
  const before = (await call(path + query)).body;
  const { status, body } = await call(path, at(field, value));
  const { param, code: answered, message } = body.error as { param?: string; code?: string; message: string };
  expect([status, answered], message).toEqual([400, inV2 ? "invalid_fields" : code]);
  const named = inV2 ? field : inBrackets(field);
  expect((param ?? "").startsWith(named), `${param} is named for ${named}`).toBe(true);
  expect((await call(path + query)).body).toEqual(before);
}

describe("a value that cannot be meant is refused, and changes nothing:", () => {
  test.each(cases(FIELDS))("$api, $field: $value", ({ api, ...one }) =>
    expectRefused(`${api === "v1" ? "/v1" : "/v2/core"}/accounts/${account}`, one),
  );

  test.each(cases(PERSON_FIELDS))("$api, a person's $field: $value", ({ api, ...one }) =>
    expectRefused(`${api === "v1" ? "/v1" : "/v2/core"}/accounts/${account}/persons/${person}`, one),
  );

  test("a company outside the account's country", async () => {
    const v1 = await call(`/v1/accounts/${account}`, { company: { address: { country: "DE" } } });
    expect(v1).toMatchObject({
      status: 400,
      body: { error: { code: "account_country_invalid_address", param: "company[address][country]" } },
    });
    const v2 = await call(`/v2/core/accounts/${account}`, { identity: { business_details: { address: { country: "de" } } } });
    expect(v2).toMatchObject({ status: 400, body: { error: { param: "identity.business_details.address.country" } } });
  });

  test("in a token, too", async () => {
    const errorOf = async (path: string, params: object) => ((await call(path, params)).body.error as { param: string }).param;
    expect(await errorOf("/v1/tokens", { account: { individual: { phone: "none" } } })).toBe("account[individual][phone]");
    expect(await errorOf("/v1/tokens", { person: { dob: { day: 30, month: 2, year: 1980 } } })).toBe("person[dob][day]");
    expect(await errorOf("/v2/core/account_tokens", { identity: { individual: { email: "ada" } } })).toBe("identity.individual.email");
    expect(
      await errorOf("/v2/core/account_tokens", { identity: { individual: { date_of_birth: { day: 30, month: 2, year: 1980 } } } }),
    ).toBe("identity.individual.date_of_birth.day");
    expect(await errorOf(`/v2/core/accounts/${account}/person_tokens`, { address: { country: "us", postal_code: "1" } })).toBe(
      "address.postal_code",
    );
  });

  test("in the details of payments", async () => {
    const errorOf = async (path: string, params: object) => (await call(path, params)).body.error;
    const intent = { amount: 100, currency: "usd" };
    expect(await errorOf("/v1/payment_intents", { ...intent, receipt_email: "ada" })).toMatchObject({ code: "email_invalid" });
    expect(
      await errorOf("/v1/payment_methods", { type: "card", card: { token: "tok_visa" }, billing_details: { address: { country: "JA" } } }),
    ).toMatchObject({ param: "billing_details[address][country]", message: expect.stringMatching(/^Country 'JA' is unknown\./) });
    expect(await errorOf("/v1/products", { name: "Ride", url: "javascript:alert(1)" })).toMatchObject({ code: "url_invalid" });
  });
});

/** Values that Stripe takes: from its documentation, and from answers of its test mode. */
const GOOD: readonly (readonly [v1: string, values: readonly unknown[]])[] = [
  [
    "business_profile.url",
    ["https://accessible.stripe.com", "https://example.com/a?b#c", "HTTP://example.com:8080/", "frayt.app/driver_id", "www.müller.example"],
  ],
  ["business_profile.support_phone", ["0000000000", "8888675309", "(555) 555-5555", "+1 555.555.5555 x123", "１２３４５６７８９"]],
  ["business_profile.mcc", ["5734", "0742", "3000", "7011", "8999"]],
  ["settings.branding.primary_color", ["#635bff", "#FFF"]],
  ["company.address.country", ["us", "US", ""]],
  ["company.address.state", ["CA", "California", "ca", "D.C.", "PR", "AE"]],
  ["company.address.postal_code", ["94107", "94107-1234", " 94107"]],
  ["tos_acceptance.ip", ["127.0.0.1", "::1", "2001:db8::1"]],
  ["tos_acceptance.date", [1_700_000_000]],
  ["business_profile.annual_revenue", [{ amount: 0, currency: "EUR", fiscal_year_end: "2024-02-29" }]],
];

test.each(GOOD)("values of %s that Stripe takes are taken", async (field, values) => {
  for (const value of values) expect(await call(`/v1/accounts/${account}`, at(field, value)), String(value)).toMatchObject({ status: 200 });
});

test("a country is shown in capital letters by v1, and in small ones by v2, however it is told", async () => {
  for (const country of ["us", "US"])
    for (const [path, told] of [
      ["/v1", { address: { country }, nationality: country }],
      ["/v2/core", { address: { country }, nationalities: [country] }],
    ] as const) {
      expect((await call(`${path}/accounts/${account}/persons/${person}`, told)).status).toBe(200);
      const [v1, v2] = [
        await call(`/v1/accounts/${account}/persons/${person}`),
        await call(`/v2/core/accounts/${account}/persons/${person}`),
      ];
      expect(v1.body).toMatchObject({ address: { country: "US" }, nationality: "US" });
      expect(v2.body).toMatchObject({ address: { country: "us" }, nationalities: ["us"] });
    }
});
