import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { client, platformOfItsOwn, refusal, refusals } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const company = async (stripe: Stripe) => (await stripe.accounts.create({ type: "custom", country: "US", business_type: "company" })).id;

const shown = <Answer extends { lastResponse: unknown }>({ lastResponse: _, ...answer }: Answer) => answer;

describe("a token for a person in the v2 API", () => {
  test("is made with a publishable key, and used once by a secret one", async () => {
    const p = await platformOfItsOwn(server);
    const account = await company(p.test);
    const { persons, personTokens } = p.test.v2.core.accounts;
    const browser = client(server, p.keys.test.publishable).v2.core.accounts.personTokens;
    const token = await browser.create(account, {
      given_name: "Jenny",
      id_numbers: [{ type: "us_itin", value: "000000000" }],
      nationalities: ["US", "DE"],
      relationship: { percent_ownership: Stripe.Decimal.from("12.5") },
      additional_terms_of_service: { account: { shown_and_accepted: true } },
    });
    expect(shown(token)).toEqual({
      id: expect.stringMatching(/^perstok_\w{44}$/),
      object: "v2.core.account_person_token",
      created: expect.any(String),
      expires_at: new Date(Date.parse(token.created) + 600_000).toISOString(),
      livemode: false,
      used: false,
    });
    const person = await persons.create(account, { person_token: token.id, surname: "Rosen" });
    expect(person).toMatchObject({
      given_name: "Jenny",
      surname: "Rosen",
      id_numbers: [{ type: "us_itin" }],
      nationalities: ["us", "de"],
      relationship: { percent_ownership: Stripe.Decimal.from("12.5") },
      additional_terms_of_service: { account: { date: expect.any(String), ip: expect.any(String) } },
    });
    expect(shown(await personTokens.retrieve(account, token.id))).toEqual({ ...shown(token), used: true });
    expect(await refusal(persons.update(account, person.id, { person_token: token.id }))).toMatchObject({
      status: 400,
      code: "invalid_fields",
      param: "person_token",
    });
    const second = await personTokens.create(account, { given_name: "Jen", nationalities: ["FR"] });
    const changed = await persons.update(account, person.id, { person_token: second.id });
    expect(changed).toMatchObject({ given_name: "Jen", surname: "Rosen", nationalities: ["fr"], id_numbers: [{ type: "us_itin" }] });
  });

  test("carries the judgement of its values, although the values are not kept", async () => {
    const p = await platformOfItsOwn(server);
    const { id: account } = await p.test.accounts.create({
      type: "custom",
      country: "US",
      business_type: "individual",
      capabilities: { transfers: { requested: true } },
    });
    const { persons, personTokens } = p.test.v2.core.accounts;
    const token = await personTokens.create(account, {
      given_name: "Jenny",
      surname: "Rosen",
      address: { line1: "address_full_match", city: "Fort Worth", state: "TX", postal_code: "76102", country: "US" },
      date_of_birth: { day: 1, month: 1, year: 1902 },
      id_numbers: [{ type: "us_ssn", value: "111111111" }],
    });
    const { id } = await persons.create(account, { person_token: token.id, relationship: { representative: true } });
    await server.clock.advance({ seconds: 600 });
    expect((await p.test.accounts.retrievePerson(account, id)).requirements?.errors?.map(({ code }) => code)).toContain(
      "verification_failed_id_number_match",
    );
  });

  test("is of no use after ten minutes, and forgotten after a day", async () => {
    const p = await platformOfItsOwn(server);
    const account = await company(p.test);
    const { persons, personTokens } = p.test.v2.core.accounts;
    const { id } = await personTokens.create(account, { given_name: "Jenny" });
    await server.clock.advance({ seconds: 600 });
    expect(await refusal(persons.create(account, { person_token: id }))).toMatchObject({ status: 400, param: "person_token" });
    expect(await personTokens.retrieve(account, id)).toMatchObject({ used: false });
    await server.clock.advance({ seconds: 24 * 3_600 });
    expect(await refusal(personTokens.retrieve(account, id))).toMatchObject({ status: 404, code: "not_found" });
  });

  test("is for its account, its platform and its mode alone", async () => {
    const [owner, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const [account, second, foreign] = [await company(owner.test), await company(owner.test), await company(other.test)];
    const { id } = await owner.test.v2.core.accounts.personTokens.create(account, { given_name: "Jenny" });
    const v1 = await owner.test.tokens.create({ person: { first_name: "Jenny" } });
    const mine = owner.test.v2.core.accounts;
    for (const refused of await refusals([
      mine.persons.create(second, { person_token: id }),
      mine.personTokens.retrieve(second, id),
      mine.persons.create(account, { person_token: v1.id }),
      other.test.v2.core.accounts.persons.create(foreign, { person_token: id }),
    ]))
      expect(refused).toMatchObject({ status: 404 });
    expect(await refusal(owner.test.accounts.createPerson(account, { person_token: id }))).toMatchObject({ status: 400 });
    expect(await refusal(other.test.v2.core.accounts.personTokens.retrieve(account, id))).toMatchObject({ status: 404 });
    expect(await refusal(other.test.v2.core.accounts.personTokens.create(account, {}))).toMatchObject({ status: 404 });
    expect((await mine.persons.list(second)).data).toEqual([]);
    expect(await mine.persons.create(account, { person_token: id })).toMatchObject({ given_name: "Jenny" });
  });

  test("in live mode is made with a publishable key alone", async () => {
    const p = await platformOfItsOwn(server);
    const { id: account } = await p.live.accounts.create({ type: "custom", country: "US", business_type: "company" });
    expect(await refusal(p.live.v2.core.accounts.personTokens.create(account, { given_name: "Jenny" }))).toMatchObject({ status: 403 });
    const { id } = await client(server, p.keys.live.publishable).v2.core.accounts.personTokens.create(account, { given_name: "Jenny" });
    expect(await p.live.v2.core.accounts.persons.create(account, { person_token: id })).toMatchObject({
      given_name: "Jenny",
      livemode: true,
    });
    const browser = client(server, p.keys.live.publishable).v2.core.accounts;
    for (const refused of await refusals([
      browser.personTokens.retrieve(account, id),
      browser.persons.list(account),
      browser.persons.create(account, {}),
    ]))
      expect(refused).toMatchObject({ status: 403, code: "secret_key_required" });
  });

  test("says which field it and the call both have, and stays unused", async () => {
    const p = await platformOfItsOwn(server);
    const account = await company(p.test);
    const { persons, personTokens } = p.test.v2.core.accounts;
    const { id } = await personTokens.create(account, { given_name: "Jenny" });
    expect(await refusal(persons.create(account, { person_token: id, given_name: "Jen" }))).toMatchObject({
      status: 400,
      param: "given_name",
    });
    expect(await personTokens.retrieve(account, id)).toMatchObject({ used: false });
    for (const [given, param] of [
      [{ colour: "blue" }, "colour"],
      [{ date_of_birth: { day: 30, month: 2, year: 1980 } }, "date_of_birth.day"],
      [{ person_token: id }, "person_token"],
    ] as const) {
      const create = p.test.rawRequest("POST", `/v2/core/accounts/${account}/person_tokens`, given);
      expect(await refusal(create)).toMatchObject({ status: 400, code: "invalid_fields", param });
    }
  });
});
