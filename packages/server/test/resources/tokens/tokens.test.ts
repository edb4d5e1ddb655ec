import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Carabiner } from "../../../src/carabiner.ts";
import { startCarabiner } from "../../../src/start-carabiner.ts";
import { type Platform, platformOfItsOwn, refusal, refusals } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const EMPTY: Stripe.TokenCreateParams = {};
const COMPANY = { business_type: "company", company: { name: "Rope & Sons", tax_id: "000000000" } } as const;
const made = (id: RegExp, type: string) => ({
  id: expect.stringMatching(id),
  object: "token",
  client_ip: "127.0.0.1",
  created: expect.any(Number),
  livemode: false,
  type,
  used: false,
});

/** What of a platform a refused call could have changed. */
async function known({ test: stripe }: Platform) {
  const [accounts, events] = [await stripe.accounts.list({ limit: 100 }), await stripe.events.list({ limit: 100 })];
  return JSON.stringify([accounts.data, events.data]);
}

describe("a token", () => {
  test("of each kind shows what it is for, and nothing of what it was told", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const kinds = [
      [{ account: COMPANY }, made(/^ct_\w{24}$/, "account")],
      [{ person: { first_name: "Jenny", id_number: "000000000" } }, made(/^cpt_\w{24}$/, "person")],
      [{ pii: { id_number: "000000000" } }, made(/^pii_\w{24}$/, "pii")],
    ] as const;
    for (const [params, token] of kinds) {
      const { lastResponse: _, ...answered } = await stripe.tokens.create(params);
      expect(answered).toEqual(token);
      const { lastResponse: __, ...read } = await stripe.tokens.retrieve(answered.id);
      expect(read).toEqual(answered);
    }
  });

  test("is for one thing", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    expect(await refusal(stripe.tokens.create(EMPTY))).toMatchObject({ status: 400, code: "parameter_missing" });
    expect(await refusal(stripe.tokens.create({ account: COMPANY, pii: { id_number: "1" } }))).toMatchObject({
      status: 400,
      code: "parameters_exclusive",
      param: "pii",
    });
    expect(await refusal(stripe.tokens.create({ person: { email: "nobody" } }))).toMatchObject({
      code: "email_invalid",
      param: "person[email]",
    });
    expect(await refusal(stripe.tokens.create({ account: { individual: { email: "nobody" } } }))).toMatchObject({
      code: "email_invalid",
      param: "account[individual][email]",
    });
  });

  test("is read by nobody else, and in no other mode", async () => {
    const [owner, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const { id } = await owner.test.tokens.create({ account: COMPANY });
    expect(await refusal(other.test.tokens.retrieve(id))).toMatchObject({ status: 404, code: "resource_missing" });
    expect(await refusal(owner.live.tokens.retrieve(id))).toMatchObject({ status: 404, message: expect.stringContaining("test mode") });
  });
});

describe("a token for an account", () => {
  test("tells the account what it was told, once", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const { id: account_token } = await stripe.tokens.create({ account: { ...COMPANY, tos_shown_and_accepted: true } });
    const account = await stripe.accounts.create({ type: "custom", account_token, metadata: { key: "value" } });
    expect(account).toMatchObject({
      business_type: "company",
      company: { name: "Rope & Sons", tax_id_provided: true },
      tos_acceptance: { date: expect.any(Number), ip: "127.0.0.1" },
      metadata: { key: "value" },
    });
    expect(await stripe.tokens.retrieve(account_token)).toMatchObject({ used: true });

    const before = await known(platform);
    for (const refused of await refusals([
      stripe.accounts.create({ account_token }),
      stripe.accounts.update(account.id, { account_token }),
    ]))
      expect(refused).toMatchObject({ status: 400, code: "token_already_used", param: "account_token" });
    expect(await known(platform)).toBe(before);
  });

  test("changes an account, and makes the person it is", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "custom" });
    const { id: account_token } = await stripe.tokens.create({
      account: { business_type: "individual", individual: { first_name: "Jenny", ssn_last_4: "0000" } },
    });
    expect(await stripe.accounts.update(id, { account_token })).toMatchObject({
      business_type: "individual",
      individual: { first_name: "Jenny", ssn_last_4_provided: true, relationship: { representative: true } },
    });
  });

  test("declares who owns the company from where it was made", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: account_token } = await stripe.tokens.create({
      account: { business_type: "company", company: { ownership_declaration_shown_and_signed: true } },
    });
    expect(await stripe.accounts.create({ type: "custom", account_token })).toMatchObject({
      company: { ownership_declaration: { date: expect.any(Number), ip: "127.0.0.1" } },
    });
  });

  test("is not used up by a call that is refused", async () => {
    const platform = await platformOfItsOwn(server);
    const { test: stripe } = platform;
    const { id: account_token } = await stripe.tokens.create({ account: COMPANY });
    const before = await known(platform);
    expect(await refusal(stripe.accounts.create({ account_token, email: "nobody" }))).toMatchObject({ code: "email_invalid" });
    expect(await refusal(stripe.accounts.create({ account_token, company: { name: "Another" } }))).toMatchObject({
      status: 400,
      code: "parameters_exclusive",
      param: "company",
    });
    expect(await known(platform)).toBe(before);
    expect(await stripe.tokens.retrieve(account_token)).toMatchObject({ used: false });
    await stripe.accounts.create({ type: "custom", account_token });
  });

  test("is one for an account, of the caller, in its mode", async () => {
    const [owner, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
    const { id: account_token } = await owner.test.tokens.create({ account: COMPANY });
    const { id: pii } = await owner.test.tokens.create({ pii: { id_number: "000000000" } });
    const refused = async (stripe: Stripe, token: string) => refusal(stripe.accounts.create({ type: "custom", account_token: token }));
    expect(await refused(other.test, account_token)).toMatchObject({ status: 400, code: "resource_missing", param: "account_token" });
    expect(await refused(owner.live, account_token)).toMatchObject({ status: 400, code: "resource_missing", param: "account_token" });
    expect(await refused(owner.test, "ct_unknown")).toMatchObject({ status: 400, code: "resource_missing", param: "account_token" });
    expect(await refused(owner.test, pii)).toMatchObject({ status: 400, param: "account_token" });
    expect(await owner.test.tokens.retrieve(account_token)).toMatchObject({ used: false });
  });
});

describe("a token that a platform has made for an account, by acting for it", () => {
  const custom = (stripe: Stripe) => stripe.accounts.create({ type: "custom", business_type: "individual" });
  const bank = { country: "US", currency: "usd", account_number: "000123456789", routing_number: "110000000" };

  test.each<[string, Stripe.TokenCreateParams, (stripe: Stripe, account: string, token: string) => Promise<unknown>]>([
    ["a bank account", { bank_account: bank }, (s, id, token) => s.accounts.createExternalAccount(id, { external_account: token })],
    ["a bank account", { bank_account: bank }, (s, id, token) => s.accounts.update(id, { external_account: token })],
    ["what it is", { account: COMPANY }, (s, id, token) => s.accounts.update(id, { account_token: token })],
    ["a person", { person: { first_name: "Ada" } }, (s, id, token) => s.accounts.createPerson(id, { person_token: token })],
    ["a number", { pii: { id_number: "000000000" } }, (s, id, token) => s.accounts.createPerson(id, { id_number: token })],
    ["a number", { pii: { id_number: "000000000" } }, (s, id, token) => s.accounts.update(id, { individual: { id_number: token } })],
  ])("stands for %s in a call without the header, once, and for that account alone", async (_, params, use) => {
    const { test: stripe } = await platformOfItsOwn(server);
    const [account, another] = [await custom(stripe), await custom(stripe)];
    const { id: token } = await stripe.tokens.create(params, { stripeAccount: account.id });
    expect(await refusal(use(stripe, another.id, token))).toMatchObject({ code: "resource_missing" });
    const stranger = await platformOfItsOwn(server);
    expect(await refusal(use(stranger.test, (await custom(stranger.test)).id, token))).toMatchObject({ code: "resource_missing" });
    await use(stripe, account.id, token);
    expect(await refusal(use(stripe, account.id, token))).toMatchObject({ code: "token_already_used" });
  });
});

describe("a token for the number of a document", () => {
  test("stands where the number could", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: id_number } = await stripe.tokens.create({ pii: { id_number: "000000000" } });
    const params = { type: "custom", business_type: "individual", individual: { id_number } } as const;
    expect((await stripe.accounts.create(params)).individual).toMatchObject({ id_number_provided: true });
    expect(await refusal(stripe.accounts.create(params))).toMatchObject({ code: "token_already_used", param: "individual[id_number]" });
  });
});

describe("what a token tells is judged as it was told", () => {
  const person = {
    address: { line1: "address_full_match", city: "Fort Worth", state: "TX", postal_code: "76102", country: "US" },
    dob: { day: 1, month: 1, year: 1902 },
    email: "jenny@example.com",
    first_name: "Jenny",
    last_name: "Rosen",
    phone: "0000000000",
  };
  const relationship = { representative: true, executive: true, title: "CEO" };
  const asked: Stripe.AccountCreateParams = { type: "custom", capabilities: { transfers: { requested: true } } };

  /** How the verification of a person ends, once it has had its time. */
  async function ending(stripe: Stripe, account: string, id: string): Promise<string[]> {
    await server.clock.advance({ seconds: 3_600 });
    const { verification, requirements } = await stripe.accounts.retrievePerson(account, id);
    return [verification?.status ?? "", ...(requirements?.errors ?? []).map(({ requirement, code }) => `${requirement} ${code}`)];
  }

  test.each([
    ["000000000", ["verified"]],
    ["111111111", ["unverified", "id_number verification_failed_id_number_match"]],
  ])("a number of %s, in each kind of token as without one", async (id_number, expected) => {
    const { test: stripe } = await platformOfItsOwn(server);
    const told = { ...person, id_number };
    const company = async () => (await stripe.accounts.create({ ...asked, business_type: "company" })).id;
    const ways: Record<string, () => Promise<[account: string, person: string]>> = {
      async none() {
        const id = await company();
        return [id, (await stripe.accounts.createPerson(id, { ...told, relationship })).id];
      },
      async person() {
        const id = await company();
        const { id: person_token } = await stripe.tokens.create({ person: { ...told, relationship } });
        return [id, (await stripe.accounts.createPerson(id, { person_token })).id];
      },
      async pii() {
        const id = await company();
        const { id: number } = await stripe.tokens.create({ pii: { id_number } });
        return [id, (await stripe.accounts.createPerson(id, { ...person, id_number: number, relationship })).id];
      },
      async account() {
        const { id: account_token } = await stripe.tokens.create({ account: { business_type: "individual", individual: told } });
        const { id, individual } = await stripe.accounts.create({ ...asked, account_token });
        return [id, individual?.id ?? ""];
      },
    };
    for (const [way, make] of Object.entries(ways)) {
      const [account, id] = await make();
      expect(await ending(stripe, account, id), way).toEqual(expected);
    }
  });
});
