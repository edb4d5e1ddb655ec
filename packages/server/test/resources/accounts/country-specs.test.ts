import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { COUNTRIES } from "../../../src/resources/connected-account/state/countries.ts";
import { officialTypeErrors } from "../../official-types.ts";
import { client, refusal } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

test("every country is listed, and asks a new account for what the country's spec says", async () => {
  const stripe = client(server, server.keys.test.secret);
  const listed: string[] = [];
  for await (const { id } of stripe.countrySpecs.list({ limit: 50 })) listed.push(id);
  expect(listed).toEqual([...COUNTRIES]);
  for (const country of ["US", "DE", "JP"]) {
    const { verification_fields: fields, default_currency } = await stripe.countrySpecs.retrieve(country);
    const account = await stripe.accounts.create({
      type: "custom",
      country,
      business_type: "company",
      capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
    });
    expect(account.default_currency).toBe(default_currency);
    expect(account.requirements?.currently_due?.toSorted()).toEqual(fields.company.minimum);
    expect(fields.individual.minimum).toContain("individual.first_name");
  }
});

test("no other country is", async () => {
  const stripe = client(server, server.keys.test.secret);
  expect(await refusal(stripe.countrySpecs.retrieve("XX"))).toMatchObject({ status: 400, code: "country_unsupported" });
  expect(await refusal(stripe.countrySpecs.list({ starting_after: "XX" }))).toMatchObject({ status: 400, param: "starting_after" });
});

test("a spec has the official type", { timeout: 60_000 }, async () => {
  const answer = await fetch(`${server.url}/v1/country_specs/US`, { headers: { authorization: `Bearer ${server.keys.test.secret}` } });
  expect(await officialTypeErrors([{ type: "CountrySpec", value: await answer.json() }])).toEqual([]);
});
