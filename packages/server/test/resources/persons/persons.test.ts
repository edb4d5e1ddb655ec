import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Carabiner } from "../../../src/carabiner.ts";
import { startCarabiner } from "../../../src/start-carabiner.ts";
import { client, ownKeys, type Platform, platformOfItsOwn, refusal, refusals } from "../../platform-of-its-own.ts";

let server: Carabiner;
let platform: Platform;
let stripe: Stripe;
beforeAll(async () => {
  server = await startCarabiner();
  platform = await platformOfItsOwn(server);
  stripe = platform.test;
});
afterAll(() => server.close());

async function company(params: Stripe.AccountCreateParams = {}): Promise<string> {
  return (await stripe.accounts.create({ type: "custom", country: "US", business_type: "company", ...params })).id;
}

/** The types of an account's events of its people, the oldest first. */
async function personEvents(account: string, of: Stripe = stripe): Promise<string[]> {
  const { data } = await of.events.list({ type: "person.*", limit: 100 }, { stripeAccount: account });
  return data.map(({ type }) => type).reverse();
}

/** All of an account that a refused call could have changed. */
async function known(account: string): Promise<string> {
  const all = [
    await stripe.accounts.retrieve(account),
    (await stripe.accounts.listPersons(account, { limit: 100 })).data,
    (await stripe.events.list({ limit: 100 }, { stripeAccount: account })).data,
  ];
  return JSON.stringify(all);
}

const shown = <Answer extends { lastResponse: unknown }>({ lastResponse: _, ...answer }: Answer) => answer;

describe("a person", () => {
  test("of whom nothing is told has every field, with nothing in it", async () => {
    const account = await company();
    const { requirements, future_requirements, ...person } = shown(await stripe.accounts.createPerson(account));
    expect(person).toEqual({
      id: expect.stringMatching(/^person_[0-9A-Za-z]{24}$/),
      object: "person",
      account,
      additional_tos_acceptances: { account: { date: null, ip: null, user_agent: null } },
      address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
      created: expect.any(Number),
      dob: { day: null, month: null, year: null },
      email: null,
      first_name: null,
      id_number_provided: false,
      last_name: null,
      metadata: {},
      phone: null,
      relationship: {
        authorizer: false,
        director: false,
        executive: false,
        legal_guardian: false,
        owner: false,
        percent_ownership: null,
        representative: false,
        title: null,
      },
      ssn_last_4_provided: false,
      verification: {
        additional_document: { back: null, details: null, details_code: null, front: null },
        details: null,
        details_code: null,
        document: { back: null, details: null, details_code: null, front: null },
        status: "unverified",
      },
    });
    for (const required of [requirements, future_requirements])
      expect(Object.keys(required ?? {}).sort()).toEqual([
        "alternatives",
        "currently_due",
        "errors",
        "eventually_due",
        "past_due",
        "pending_verification",
      ]);
  });

  test("shows what was told, but no number", async () => {
    const account = await company();
    const told = {
      additional_tos_acceptances: { account: { date: 1_700_000_000, ip: "203.0.113.7", user_agent: "test" } },
      address: { city: "Fort Worth", country: "US", line1: "1 Rope Road", line2: "b", postal_code: "76102", state: "TX" },
      address_kana: { city: "a", country: "JP", line1: "b", line2: "c", postal_code: "1500001", state: "d", town: "e" },
      address_kanji: { city: "a", country: "JP", line1: "b", line2: "c", postal_code: "1500001", state: "d", town: "e" },
      dob: { day: 29, month: 2, year: 2000 },
      email: "jenny@example.com",
      first_name: "Jenny",
      first_name_kana: "ジェニー",
      first_name_kanji: "字",
      full_name_aliases: ["Jen"],
      gender: "female",
      last_name: "Rosen",
      last_name_kana: "ローゼン",
      last_name_kanji: "字",
      maiden_name: "Ropes",
      metadata: { key: "value" },
      nationality: "US",
      phone: "+15555550100",
      political_exposure: "none" as const,
      registered_address: { city: "Fort Worth", country: "US", line1: "1 Rope Road", line2: "b", postal_code: "76102", state: "TX" },
      relationship: {
        authorizer: false,
        director: true,
        executive: true,
        legal_guardian: false,
        owner: true,
        percent_ownership: 12.5,
        representative: true,
        title: "CEO",
      },
      us_cfpb_data: {
        ethnicity_details: { ethnicity: ["cuban" as const], ethnicity_other: "x" },
        race_details: { race: ["white" as const], race_other: "y" },
        self_identified_gender: "female",
      },
    };
    const numbers = { id_number: "000000000", id_number_secondary: "271828182", ssn_last_4: "3141" };
    const person = await stripe.accounts.createPerson(account, { ...told, ...numbers });
    expect(person).toMatchObject({
      ...told,
      id_number_provided: true,
      id_number_secondary_provided: true,
      ssn_last_4_provided: true,
    });
    expect(shown(await stripe.accounts.retrievePerson(account, person.id))).toEqual(shown(person));
    const everywhere = JSON.stringify([person, await known(account)]);
    for (const number of ["271828182", "3141"]) expect(everywhere).not.toContain(number);
  });

  test("keeps what a change does not name, and forgets what it unsets", async () => {
    const account = await company();
    const { id } = await stripe.accounts.createPerson(account, {
      first_name: "Jenny",
      dob: { day: 1, month: 1, year: 1980 },
      metadata: { a: "1", b: "2" },
      full_name_aliases: ["Jen"],
      relationship: { owner: true, percent_ownership: 50 },
    });
    const changed = await stripe.accounts.updatePerson(account, id, {
      dob: "",
      metadata: { b: "" },
      full_name_aliases: "",
      relationship: { percent_ownership: "" },
    });
    expect(changed).toMatchObject({
      first_name: "Jenny",
      dob: { day: null, month: null, year: null },
      metadata: { a: "1" },
      relationship: { owner: true, percent_ownership: null },
    });
    expect(changed).not.toHaveProperty("full_name_aliases");
  });

  test("that was deleted answers no more", async () => {
    const account = await company();
    const { id } = await stripe.accounts.createPerson(account, { first_name: "Jenny" });
    expect(shown(await stripe.accounts.deletePerson(account, id))).toEqual({ id, object: "person", deleted: true });
    for (const refused of await refusals([
      stripe.accounts.retrievePerson(account, id),
      stripe.accounts.updatePerson(account, id, { first_name: "J" }),
      stripe.accounts.deletePerson(account, id),
    ]))
      expect(refused).toMatchObject({ status: 404, code: "resource_missing" });
  });
});

describe("a list of people", () => {
  test("is narrowed to what they are to the account, and its pages are of those", async () => {
    const account = await company();
    const make = async (relationship: Stripe.AccountCreatePersonParams.Relationship) =>
      (await stripe.accounts.createPerson(account, { relationship })).id;
    const owner = await make({ owner: true });
    const both = await make({ owner: true, director: true });
    const director = await make({ director: true });
    const representative = await make({ representative: true, executive: true });
    const guardian = await make({ legal_guardian: true, authorizer: true });
    const list = async (relationship: Stripe.AccountListPersonsParams.Relationship, more: Stripe.AccountListPersonsParams = {}) =>
      (await stripe.accounts.listPersons(account, { relationship, ...more })).data.map(({ id }) => id);
    expect(await list({ owner: true })).toEqual([both, owner]);
    expect(await list({ director: true })).toEqual([director, both]);
    expect(await list({ owner: true, director: true })).toEqual([both]);
    expect(await list({ owner: false, director: false })).toEqual([guardian, representative]);
    for (const role of ["representative", "executive"]) expect(await list({ [role]: true })).toEqual([representative]);
    for (const role of ["legal_guardian", "authorizer"]) expect(await list({ [role]: true })).toEqual([guardian]);
    expect(await list({ owner: true }, { limit: 1 })).toEqual([both]);
    expect(await list({ owner: true }, { limit: 1, starting_after: both })).toEqual([owner]);
    expect(await list({ owner: true }, { limit: 1, ending_before: owner })).toEqual([both]);
  });

  test("goes on where it was though the person there has been deleted since", async () => {
    const account = await company();
    for (let made = 0; made < 5; made++) await stripe.accounts.createPerson(account);
    let seen = 0;
    for await (const { id } of stripe.accounts.listPersons(account, { limit: 2 })) {
      await stripe.accounts.deletePerson(account, id);
      seen++;
    }
    expect(seen).toBe(5);
    expect((await stripe.accounts.listPersons(account)).data).toEqual([]);
  });

  test("does not start at what cannot be in it", async () => {
    const [account, other] = [await company(), await company()];
    const { id } = await stripe.accounts.createPerson(other);
    for (const starting_after of ["person_1", id, account])
      expect(await refusal(stripe.accounts.listPersons(account, { starting_after }))).toMatchObject({
        code: "resource_missing",
        param: "starting_after",
      });
  });

  test("is read on from another platform's person as from one that does not exist, in v1 and in v2", async () => {
    const account = await company();
    const { id: own } = await stripe.accounts.createPerson(account);
    const strange = await platformOfItsOwn(server);
    const { id: theirs } = await strange.test.accounts.create({ type: "custom" });
    const { id } = await strange.test.accounts.createPerson(theirs);
    const [unknown, foreign] = [await from(`${id.slice(0, -4)}zzzz`), await from(id)];
    expect(foreign).toEqual(unknown);
    expect(foreign).toEqual([[own], [], [own], []]);

    async function from(cursor: string) {
      const page = async (params: object) => (await stripe.accounts.listPersons(account, params)).data.map((person) => person.id);
      const v2 = async (side: string) => {
        const token = Buffer.from(`${side}:${cursor}`).toString("base64url");
        const answer = await stripe.rawRequest("GET", `/v2/core/accounts/${account}/persons?page=${token}`);
        return (answer as unknown as { data: { id: string }[] }).data.map((person) => person.id);
      };
      return [await page({ starting_after: cursor }), await page({ ending_before: cursor }), await v2("after"), await v2("before")];
    }
  });

  test("is no longer than an account may have people", async () => {
    const small = await startCarabiner({ limits: { personsPerAccount: 2 } });
    try {
      const { test: one } = await platformOfItsOwn(small);
      const { id } = await one.accounts.create({ type: "custom" });
      for (let made = 0; made < 2; made++) await one.accounts.createPerson(id);
      expect(await refusal(one.accounts.createPerson(id))).toMatchObject({ status: 400, message: expect.stringContaining("2 people") });
    } finally {
      await small.close();
    }
  });
});

describe("the representative", () => {
  test("is one alone: the old one steps back before the new one steps up", async () => {
    const account = await company();
    const old = await stripe.accounts.createPerson(account, { relationship: { representative: true } });
    const next = await stripe.accounts.createPerson(account, { relationship: { owner: true } });
    const before = await known(account);
    const refused = { status: 400, param: "relationship[representative]", message: expect.stringContaining(old.id) };
    const relationship = { representative: true };
    expect(await refusal(stripe.accounts.createPerson(account, { relationship }))).toMatchObject(refused);
    expect(await refusal(stripe.accounts.updatePerson(account, next.id, { relationship }))).toMatchObject(refused);
    expect(await known(account)).toBe(before);

    await stripe.accounts.updatePerson(account, old.id, { relationship: { representative: false } });
    expect(await stripe.accounts.updatePerson(account, next.id, { relationship })).toMatchObject({ relationship });
  });

  test("cannot be deleted", async () => {
    const account = await company();
    const { id } = await stripe.accounts.createPerson(account, { relationship: { representative: true } });
    const before = await known(account);
    expect(await refusal(stripe.accounts.deletePerson(account, id))).toMatchObject({
      status: 400,
      message: expect.stringContaining("representative"),
    });
    expect(await known(account)).toBe(before);
  });

  test("of an account that is an individual is that individual, whichever call makes it", async () => {
    const first = await company({ business_type: "individual" });
    const { id } = await stripe.accounts.createPerson(first, { first_name: "Jenny", relationship: { representative: true } });
    expect((await stripe.accounts.retrieve(first)).individual).toMatchObject({ id, first_name: "Jenny" });

    const second = await company();
    const { id: representative } = await stripe.accounts.createPerson(second, { relationship: { representative: true } });
    const account = await stripe.accounts.update(second, { business_type: "individual", individual: { first_name: "Jenny" } });
    expect(account.individual).toMatchObject({ id: representative, first_name: "Jenny" });
  });
});

describe("what is told of a person", () => {
  test.each<[params: Stripe.AccountCreatePersonParams, param: string]>([
    [{ email: "nobody" }, "email"],
    [{ dob: { day: 30, month: 2, year: 1990 } }, "dob[day]"],
    [{ dob: { day: 1, month: 1, year: 2990 } }, "dob[year]"],
    [{ dob: { day: 1, month: 1, year: 1800 } }, "dob[year]"],
    [{ dob: { day: 32, month: 1, year: 1990 } }, "dob[day]"],
    [{ relationship: { percent_ownership: 101 } }, "relationship[percent_ownership]"],
    [{ relationship: { percent_ownership: -1 } }, "relationship[percent_ownership]"],
    [{ ssn_last_4: "12345" }, "ssn_last_4"],
    [{ political_exposure: "some" }, "political_exposure"],
    [{ us_cfpb_data: { race_details: { race: ["martian"] } } }, "us_cfpb_data[race_details][race][0]"],
  ])("%j is refused, and changes nothing", async (params, param) => {
    const account = await company();
    const { id } = await stripe.accounts.createPerson(account, { first_name: "Jenny" });
    const before = await known(account);
    expect(await refusal(stripe.accounts.createPerson(account, params))).toMatchObject({ status: 400, param });
    expect(await refusal(stripe.accounts.updatePerson(account, id, params))).toMatchObject({ status: 400, param });
    expect(await known(account)).toBe(before);
  });

  test("by the account is judged in the same way, and named where it was told", async () => {
    const individual = { dob: { day: 31, month: 4, year: 1990 } };
    expect(await refusal(stripe.accounts.create({ type: "custom", business_type: "individual", individual }))).toMatchObject({
      param: "individual[dob][day]",
    });
    expect(await refusal(stripe.tokens.create({ person: individual }))).toMatchObject({ param: "person[dob][day]" });
    expect(await refusal(stripe.tokens.create({ account: { individual } }))).toMatchObject({ param: "account[individual][dob][day]" });
  });
});

describe("person events", () => {
  test("tell of each change through the Persons API, with what was before", async () => {
    const account = await company();
    const { id } = await stripe.accounts.createPerson(account, { first_name: "Jenny" });
    await stripe.accounts.updatePerson(account, id, { first_name: "Jane" });
    await stripe.accounts.updatePerson(account, id, { first_name: "Jane" });
    await stripe.accounts.deletePerson(account, id);
    expect(await personEvents(account)).toEqual(["person.created", "person.updated", "person.deleted"]);
    const { data } = await stripe.events.list({ type: "person.updated" }, { stripeAccount: account });
    expect(data).toMatchObject([
      { account, data: { object: { id, object: "person", first_name: "Jane" }, previous_attributes: { first_name: "Jenny" } } },
    ]);
  });

  test("do not tell of a person that only the account has told of, until the Persons API changes it", async () => {
    const { id: account, individual } = await stripe.accounts.create({
      type: "custom",
      business_type: "individual",
      individual: { first_name: "Jenny" },
    });
    await stripe.accounts.update(account, { individual: { first_name: "Jane" } });
    expect(await personEvents(account)).toEqual([]);
    const id = individual?.id ?? "";
    await stripe.accounts.updatePerson(account, id, { last_name: "Rosen" });
    await stripe.accounts.update(account, { individual: { first_name: "Joan" } });
    expect(await personEvents(account)).toEqual(["person.updated", "person.updated"]);
  });

  test("tell of all people where the server is told to", async () => {
    const telling = await startCarabiner({ personEvents: "all" });
    try {
      const { test: all } = await platformOfItsOwn(telling);
      const { id } = await all.accounts.create({ type: "custom", business_type: "individual", individual: { first_name: "Jenny" } });
      await all.accounts.update(id, { individual: { first_name: "Jane" } });
      expect(await personEvents(id, all)).toEqual(["person.created", "person.updated"]);
    } finally {
      await telling.close();
    }
  });
});

describe("a token for a person", () => {
  test("tells what it was told, once, to a new person or one that is known", async () => {
    const account = await company();
    const token = async (person: Stripe.TokenCreateParams.Person) => (await stripe.tokens.create({ person })).id;
    const person_token = await token({ first_name: "Jenny", id_number: "000000000", relationship: { owner: true } });
    const { id, ...person } = await stripe.accounts.createPerson(account, { person_token, metadata: { key: "value" } });
    expect(person).toMatchObject({
      first_name: "Jenny",
      id_number_provided: true,
      relationship: { owner: true },
      metadata: { key: "value" },
    });
    const before = await known(account);
    expect(await refusal(stripe.accounts.updatePerson(account, id, { person_token }))).toMatchObject({
      status: 400,
      code: "token_already_used",
      param: "person_token",
    });
    expect(await known(account)).toBe(before);
    const second = await token({ first_name: "Jane" });
    expect(await refusal(stripe.accounts.updatePerson(account, id, { person_token: second, first_name: "Joan" }))).toMatchObject({
      code: "parameters_exclusive",
      param: "first_name",
    });
    expect(await stripe.accounts.updatePerson(account, id, { person_token: second })).toMatchObject({
      first_name: "Jane",
      relationship: { owner: true },
    });
  });

  test("makes no second representative, and is not used up when it would", async () => {
    const account = await company();
    await stripe.accounts.createPerson(account, { relationship: { representative: true } });
    const { id: person_token } = await stripe.tokens.create({ person: { relationship: { representative: true } } });
    expect(await refusal(stripe.accounts.createPerson(account, { person_token }))).toMatchObject({
      param: "relationship[representative]",
    });
    expect(await stripe.tokens.retrieve(person_token)).toMatchObject({ used: false });
  });

  test("for a number stands where the number could", async () => {
    const account = await company();
    const pii = async () => (await stripe.tokens.create({ pii: { id_number: "000000000" } })).id;
    const person = await stripe.accounts.createPerson(account, { id_number: await pii(), id_number_secondary: await pii() });
    expect(person).toMatchObject({ id_number_provided: true, id_number_secondary_provided: true });
  });
});

describe("people are reached", () => {
  test("by no other platform, through no other account, and with no key of the other mode", async () => {
    const [account, another] = [await company(), await company()];
    const other = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.createPerson(account, { first_name: "Jenny" });
    const before = await known(account);
    const calls = (of: Stripe, through: string) => [
      () => of.accounts.retrievePerson(through, id),
      () => of.accounts.updatePerson(through, id, { first_name: "J" }),
      () => of.accounts.deletePerson(through, id),
    ];
    for (const call of calls(other.test, account)) expect(await refusal(call())).toMatchObject({ status: 403, code: "account_invalid" });
    for (const call of calls(platform.live, account)) expect(await refusal(call())).toMatchObject({ status: 403, code: "account_invalid" });
    for (const call of calls(stripe, another)) expect(await refusal(call())).toMatchObject({ status: 404, code: "resource_missing" });
    expect(await known(account)).toBe(before);
  });

  test("of a live account with a live key alone", async () => {
    const { id: account } = await platform.live.accounts.create({ type: "custom", business_type: "company" });
    const { id } = await platform.live.accounts.createPerson(account, { first_name: "Jenny" });
    expect(await refusal(stripe.accounts.retrievePerson(account, id))).toMatchObject({ status: 404, code: "resource_missing" });
    expect(await refusal(stripe.accounts.updatePerson(account, id, {}))).toMatchObject({ status: 404 });
    expect(await refusal(stripe.accounts.createPerson(account))).toMatchObject({ status: 400, message: expect.stringContaining("live") });
    expect((await stripe.accounts.listPersons(account)).data).toEqual([]);
    expect((await platform.live.accounts.listPersons(account)).data).toHaveLength(1);
  });

  test("by the platform that controls the account; a standard account shows them to who made it, and lets nobody change them", async () => {
    const standard = (await stripe.accounts.create({ type: "standard" })).id;
    expect((await stripe.accounts.listPersons(standard)).data).toEqual([]);
    const refused = { status: 403, message: expect.stringContaining("does not have the required permissions") };
    expect(await refusal(stripe.accounts.createPerson(standard))).toMatchObject(refused);

    const { test: keys } = await ownKeys(stripe, standard);
    const own = client(server, keys.secret);
    expect((await own.accounts.listPersons(standard)).data).toEqual([]);
    expect((await refusal(own.accounts.createPerson(standard))).message).toContain("your own account");
  });

  test("also when the platform acts for the account", async () => {
    const account = await company();
    const person = await stripe.accounts.createPerson(account, { first_name: "Jenny" }, { stripeAccount: account });
    expect(await stripe.accounts.retrievePerson(account, person.id, {}, { stripeAccount: account })).toMatchObject({ first_name: "Jenny" });
  });
});
