import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { DEFAULT_LIMITS } from "../../../src/limits.ts";
import { ownKeys, type Platform, platformOfItsOwn, refusal, refusals } from "../../platform-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const BANK = {
  object: "bank_account",
  country: "US",
  currency: "usd",
  routing_number: "110000000",
  account_number: "000123456789",
} as const;
const CARD = { object: "card", number: "4000056655665556", exp_month: 12, exp_year: 2040, currency: "usd" } as const;

/** A Custom account of a platform of the test's own. */
async function custom(params: Stripe.AccountCreateParams = {}): Promise<Platform & { id: string }> {
  const platform = await platformOfItsOwn(server);
  const { id } = await platform.test.accounts.create({ type: "custom", country: "US", ...params });
  return { ...platform, id };
}

/** The events of an account, the oldest first, with what each tells of its object. */
async function told(stripe: Stripe, account: string) {
  const { data } = await stripe.events.list({ limit: 100 }, { stripeAccount: account });
  return data.reverse().map((event) => ({
    type: event.type,
    object: event.data.object as Stripe.BankAccount,
    previous: event.data.previous_attributes,
    request: event.request?.id ?? null,
  }));
}

const typesOf = async (stripe: Stripe, account: string) => (await told(stripe, account)).map(({ type }) => type);

describe("creating", () => {
  test("a bank account shows what the documentation shows, and tells of itself and of its account", async () => {
    const { test: stripe, id } = await custom();
    const made = await stripe.accounts.createExternalAccount(id, {
      external_account: { ...BANK, account_holder_name: "Jane Austen", account_holder_type: "individual" },
      metadata: { order: "1" },
    });
    expect(made).toEqual({
      id: expect.stringMatching(/^ba_\w{24}$/),
      object: "bank_account",
      account: id,
      account_holder_name: "Jane Austen",
      account_holder_type: "individual",
      account_type: null,
      available_payout_methods: ["standard", "instant"],
      bank_name: "STRIPE TEST BANK",
      country: "US",
      currency: "usd",
      default_for_currency: true,
      fingerprint: expect.stringMatching(/^\w{16}$/),
      future_requirements: { currently_due: [], errors: [], past_due: [], pending_verification: [] },
      last4: "6789",
      metadata: { order: "1" },
      requirements: { currently_due: [], errors: [], past_due: [], pending_verification: [] },
      routing_number: "110000000",
      status: "new",
    });
    const events = await told(stripe, id);
    expect(events.map(({ type }) => type)).toEqual([
      "account.application.authorized",
      "account.external_account.created",
      "account.updated",
    ]);
    expect(events[1]).toMatchObject({ object: made, previous: undefined });
    expect(events[2]?.previous).toMatchObject({ external_accounts: { data: [] } });
    expect(await stripe.accounts.retrieveExternalAccount(id, made.id)).toEqual(made);
    expect((await stripe.accounts.retrieve(id)).external_accounts?.data).toEqual([made]);
  });

  test("a card shows what the documentation shows", async () => {
    const { test: stripe, id } = await custom();
    const made = await stripe.accounts.createExternalAccount(id, {
      external_account: { ...CARD, cvc: "123", name: "Jane Austen", address_line1: "1 Main Street", metadata: { a: "1", b: "1" } },
      metadata: { b: "2" },
    });
    expect(made).toEqual({
      id: expect.stringMatching(/^card_\w{24}$/),
      object: "card",
      account: id,
      address_city: null,
      address_country: null,
      address_line1: "1 Main Street",
      address_line1_check: "unchecked",
      address_line2: null,
      address_state: null,
      address_zip: null,
      address_zip_check: null,
      available_payout_methods: ["standard", "instant"],
      brand: "Visa",
      country: "US",
      currency: "usd",
      cvc_check: "unchecked",
      default_for_currency: true,
      dynamic_last4: null,
      exp_month: 12,
      exp_year: 2040,
      fingerprint: expect.stringMatching(/^\w{16}$/),
      funding: "debit",
      last4: "5556",
      metadata: { a: "1", b: "2" },
      name: "Jane Austen",
      regulated_status: null,
      status: "new",
      tokenization_method: null,
    });
    expect(await stripe.accounts.retrieveExternalAccount(id, made.id)).toEqual(made);
  });

  test("a token of test mode stands for a bank account or card as often as it is used", async () => {
    const { test: stripe, id } = await custom();
    const add = (external_account: string) => stripe.accounts.createExternalAccount(id, { external_account });
    expect(await add("btok_us")).toMatchObject({ object: "bank_account", last4: "6789" });
    expect(await add("btok_us")).toMatchObject({ last4: "6789", default_for_currency: false });
    expect(await add("btok_us_verified_noAccount")).toMatchObject({ last4: "1116" });
    expect(await add("btok_gb_gbp")).toMatchObject({ currency: "gbp", default_for_currency: true, routing_number: "108800" });
    expect(await add("tok_visa_debit_fr_instantPayoutUnsupported")).toMatchObject({
      object: "card",
      currency: "eur",
      available_payout_methods: ["standard"],
    });
    const paid = await stripe.accounts.createExternalAccount(id, {
      external_account: { object: "card", token: "tok_visa_debit_us_transferSuccess", currency: "gbp" },
    });
    expect(paid).toMatchObject({ object: "card", currency: "gbp", last4: "5556", default_for_currency: false });
    expect(new Set((await stripe.accounts.listExternalAccounts(id)).data.map(({ fingerprint }) => fingerprint)).size).toBe(5);
  });

  test("the first of a currency is its default; another only when it is asked to be, and then the first is told to be none", async () => {
    const { test: stripe, id } = await custom();
    const first = await stripe.accounts.createExternalAccount(id, { external_account: "btok_us" });
    const second = await stripe.accounts.createExternalAccount(id, { external_account: CARD });
    const third = await stripe.accounts.createExternalAccount(id, { external_account: "btok_us", default_for_currency: true });
    expect([first, second, third].map((one) => one.default_for_currency)).toEqual([true, false, true]);
    expect(await stripe.accounts.retrieveExternalAccount(id, first.id)).toMatchObject({ default_for_currency: false });
    const last = (await told(stripe, id)).slice(-3);
    expect(last).toMatchObject([
      { type: "account.external_account.updated", object: { id: first.id }, previous: { default_for_currency: true } },
      { type: "account.external_account.created", object: { id: third.id, default_for_currency: true } },
      { type: "account.updated" },
    ]);
  });

  test("no more than the limit are taken", async () => {
    const { test: stripe, id } = await custom();
    for (let count = 0; count < DEFAULT_LIMITS.externalAccountsPerMode; count++)
      await stripe.accounts.createExternalAccount(id, { external_account: "btok_us" });
    expect((await refusal(stripe.accounts.createExternalAccount(id, { external_account: "btok_us" }))).message).toContain("at most 100");
    const { data, has_more } = await stripe.accounts.listExternalAccounts(id, { limit: 100 });
    expect([data.length, has_more]).toEqual([100, false]);
  });

  const bank = (change: object) => ({ ...BANK, ...change }) as Stripe.AccountCreateExternalAccountParams["external_account"];
  const card = (change: object) => ({ ...CARD, ...change }) as Stripe.AccountCreateExternalAccountParams["external_account"];
  test.each([
    ["a number that is no test number", bank({ account_number: "000123456788" }), 400, "account_number_invalid", "[account_number]"],
    ["a number that cannot be one", bank({ account_number: "12" }), 400, "account_number_invalid", "[account_number]"],
    ["a wrong routing number", bank({ routing_number: "110000001" }), 400, "routing_number_invalid", "[routing_number]"],
    ["an unknown country", bank({ country: "XX" }), 400, "country_unsupported", "[country]"],
    ["an unknown currency", bank({ currency: "xyz" }), 400, undefined, "[currency]"],
    ["no country", bank({ country: undefined }), 400, "parameter_missing", "[country]"],
    ["no number", bank({ account_number: undefined }), 400, "parameter_missing", "[account_number]"],
    ["a card's number for a bank account", bank({ number: "4000056655665556" }), 400, "parameter_unknown", "[number]"],
    ["another object", bank({ object: "piggy_bank" }), 400, undefined, "[object]"],
    ["a credit card", card({ number: "4000000360000006" }), 400, "invalid_card_type", ""],
    [
      "a credit card whose number is documented with a wrong check digit",
      card({ number: "4000007840000006" }),
      400,
      "invalid_card_type",
      "",
    ],
    ["a credit card's token", "tok_visa_credit_ae", 400, "invalid_card_type", ""],
    ["a wrong card number", card({ number: "4000056655665557" }), 402, "incorrect_number", "[number]"],
    ["a card of the world", card({ number: "4539578763621486" }), 402, "card_declined", "[number]"],
    ["a month that is none", card({ exp_month: 13 }), 402, "invalid_expiry_month", "[exp_month]"],
    ["a year that has passed", card({ exp_year: 2001 }), 402, "invalid_expiry_year", "[exp_year]"],
    ["a card without a number", card({ number: undefined }), 400, "parameter_missing", "[number]"],
    ["a token and a number", card({ token: "tok_visa_debit" }), 400, "parameter_unknown", "[number]"],
    ["a bank's token for a card", { object: "card", token: "btok_us" } as const, 400, undefined, "[object]"],
    ["a token that is not there", "btok_1N3T00LkdIwHu7ixt44h1F8k", 400, "resource_missing", ""],
  ] as const)("%s is refused, and nothing is changed", async (_, external_account, status, code, param) => {
    const { test: stripe, id } = await custom();
    const refused = await refusal(stripe.accounts.createExternalAccount(id, { external_account }));
    expect(refused).toMatchObject({ status, code, param: `external_account${param}` });
    expect((await stripe.accounts.listExternalAccounts(id)).data).toEqual([]);
    expect(await typesOf(stripe, id)).toEqual(["account.application.authorized"]);
  });

  test("live mode takes numbers of the world, and no tokens of test mode", async () => {
    const { live } = await platformOfItsOwn(server);
    const { id } = await live.accounts.create({ type: "custom", country: "US" });
    const made = await live.accounts.createExternalAccount(id, {
      external_account: { ...BANK, routing_number: "021000021", account_number: "12345678" },
    });
    expect(made).toMatchObject({ last4: "5678", bank_name: null });
    expect(await refusal(live.accounts.createExternalAccount(id, { external_account: "btok_us" }))).toMatchObject({
      status: 400,
      code: "resource_missing",
    });
    const test = await live.accounts.createExternalAccount(id, { external_account: { ...BANK, account_number: "000999999992" } });
    expect((test as Stripe.BankAccount).requirements?.pending_verification).toEqual([]);
  });
});

describe("listing", () => {
  test("newest first over both kinds, by kind, and page by page", async () => {
    const { test: stripe, id } = await custom();
    const ids: string[] = [];
    for (const external_account of [
      "btok_us",
      "tok_visa_debit_us_transferSuccess",
      "btok_us",
      "tok_mastercard_debit_us_transferSuccess",
      "btok_gb",
    ])
      ids.unshift((await stripe.accounts.createExternalAccount(id, { external_account })).id);
    const list = async (params: Stripe.AccountListExternalAccountsParams = {}) => {
      const { data, has_more, url } = await stripe.accounts.listExternalAccounts(id, params);
      expect(url).toBe(`/v1/accounts/${id}/external_accounts`);
      return { ids: data.map((one) => one.id), more: has_more };
    };
    expect(await list()).toEqual({ ids, more: false });
    expect(await list({ object: "card" })).toEqual({ ids: [ids[1], ids[3]], more: false });
    expect(await list({ object: "bank_account", limit: 2 })).toEqual({ ids: [ids[0], ids[2]], more: true });
    expect(await list({ limit: 2, starting_after: ids[1] as string })).toEqual({ ids: ids.slice(2, 4), more: true });
    expect(await list({ limit: 2, starting_after: ids[3] as string })).toEqual({ ids: ids.slice(4), more: false });
    expect(await list({ limit: 2, ending_before: ids[4] as string })).toEqual({ ids: ids.slice(2, 4), more: true });
    expect(await list({ limit: 2, ending_before: ids[0] as string })).toEqual({ ids: [], more: false });
    expect(await refusal(stripe.accounts.listExternalAccounts(id, { starting_after: "ba_unknown" }))).toMatchObject({
      status: 400,
      param: "starting_after",
    });
    const shown = (await stripe.accounts.retrieve(id)).external_accounts;
    expect(shown?.data.map((one) => one.id)).toEqual(ids);
  });

  test("the account is put in place of its id when it is asked for", async () => {
    const { test: stripe, id } = await custom({ external_account: "btok_us" });
    const { data } = await stripe.accounts.listExternalAccounts(id, { expand: ["data.account"] });
    expect(data[0]?.account).toMatchObject({ id, object: "account" });
    const card = await stripe.accounts.createExternalAccount(id, { external_account: "tok_visa_debit", expand: ["account"] });
    expect(card.account).toMatchObject({ id, object: "account", external_accounts: { object: "list" } });
  });
});

describe("updating", () => {
  test("tells what was before of what has changed, and one that changes nothing tells nothing", async () => {
    const { test: stripe, id } = await custom();
    const { id: bank } = await stripe.accounts.createExternalAccount(id, { external_account: "btok_us", metadata: { a: "1", b: "2" } });
    const before = (await told(stripe, id)).length;
    const updated = await stripe.accounts.updateExternalAccount(id, bank, {
      account_holder_name: "Jane Austen",
      account_holder_type: "company",
      account_type: "savings",
      metadata: { a: "", c: "3" },
    });
    expect(updated).toMatchObject({
      account_holder_name: "Jane Austen",
      account_holder_type: "company",
      account_type: "savings",
      metadata: { b: "2", c: "3" },
    });
    await stripe.accounts.updateExternalAccount(id, bank, { metadata: { c: "3" } });
    await stripe.accounts.updateExternalAccount(id, bank);
    const [event, account, ...more] = (await told(stripe, id)).slice(before);
    expect(event).toMatchObject({ type: "account.external_account.updated", object: updated });
    expect(event?.previous).toEqual({
      account_holder_name: null,
      account_holder_type: null,
      account_type: null,
      metadata: { a: "1", c: null },
    });
    expect(account?.type).toBe("account.updated");
    expect(more).toEqual([]);
    expect(await stripe.accounts.updateExternalAccount(id, bank, { account_holder_type: "" })).toMatchObject({ account_holder_type: null });
  });

  test("a card's own details can be updated, and those of a bank account cannot", async () => {
    const { test: stripe, id } = await custom();
    const { id: card } = await stripe.accounts.createExternalAccount(id, { external_account: CARD });
    const updated = await stripe.accounts.updateExternalAccount(id, card, {
      name: "Jane",
      address_city: "Bath",
      exp_month: "1",
      exp_year: "41",
    });
    expect(updated).toMatchObject({ name: "Jane", address_city: "Bath", exp_month: 1, exp_year: 2041 });
    const refused = (params: Stripe.AccountUpdateExternalAccountParams) => refusal(stripe.accounts.updateExternalAccount(id, card, params));
    expect(await refused({ account_holder_name: "Jane" })).toMatchObject({ code: "parameter_unknown", param: "account_holder_name" });
    expect(await refused({ exp_year: "2001" })).toMatchObject({ status: 402, code: "invalid_expiry_year", param: "exp_year" });
    expect(await stripe.accounts.retrieveExternalAccount(id, card)).toEqual(updated);
    const { id: bank } = await stripe.accounts.createExternalAccount(id, { external_account: "btok_us" });
    const refusedOfBank = (params: Stripe.AccountUpdateExternalAccountParams) =>
      refusal(stripe.accounts.updateExternalAccount(id, bank, params));
    expect(await refusedOfBank({ name: "Jane" })).toMatchObject({ code: "parameter_unknown", param: "name" });
    expect(await refusedOfBank({ account_type: "futsu" })).toMatchObject({ status: 400, param: "account_type" });
  });

  test("another one can be made the default for its currency; none can be made not to be", async () => {
    const { test: stripe, id } = await custom();
    const first = await stripe.accounts.createExternalAccount(id, { external_account: "btok_us" });
    const second = await stripe.accounts.createExternalAccount(id, { external_account: CARD });
    const pounds = await stripe.accounts.createExternalAccount(id, { external_account: "btok_gb" });
    await stripe.accounts.updateExternalAccount(id, second.id, { default_for_currency: true });
    const defaults = async () =>
      Object.fromEntries((await stripe.accounts.listExternalAccounts(id)).data.map((one) => [one.id, one.default_for_currency]));
    expect(await defaults()).toEqual({ [first.id]: false, [second.id]: true, [pounds.id]: true });
    await stripe.accounts.updateExternalAccount(id, second.id, { default_for_currency: false });
    expect(await defaults()).toEqual({ [first.id]: false, [second.id]: true, [pounds.id]: true });
    const updates = (await told(stripe, id)).filter(({ type }) => type === "account.external_account.updated");
    expect(updates.map(({ object, previous }) => [object.id, previous])).toEqual([
      [first.id, { default_for_currency: true }],
      [second.id, { default_for_currency: false }],
    ]);
  });
});

describe("deleting", () => {
  const sorry = "You cannot delete the default external account for";

  test("the default of the account's own currency stays, also when it is the only one", async () => {
    const { test: stripe, id } = await custom();
    const { id: only } = await stripe.accounts.createExternalAccount(id, { external_account: "btok_us" });
    expect(await refusal(stripe.accounts.deleteExternalAccount(id, only))).toMatchObject({
      status: 400,
      message: expect.stringContaining(`${sorry} your default currency`),
    });
    const { id: second } = await stripe.accounts.createExternalAccount(id, { external_account: "btok_us", default_for_currency: true });
    const before = (await told(stripe, id)).length;
    expect(await stripe.accounts.deleteExternalAccount(id, only)).toEqual({ id: only, object: "bank_account", deleted: true });
    const [gone, account] = (await told(stripe, id)).slice(before);
    expect(gone).toMatchObject({
      type: "account.external_account.deleted",
      object: { id: only, object: "bank_account", last4: "6789" },
      previous: undefined,
    });
    expect(account).toMatchObject({ type: "account.updated" });
    expect((await stripe.accounts.listExternalAccounts(id)).data.map((one) => one.id)).toEqual([second]);
    expect(await refusal(stripe.accounts.retrieveExternalAccount(id, only))).toMatchObject({
      status: 404,
      code: "resource_missing",
      param: "id",
    });
    expect(await refusal(stripe.accounts.deleteExternalAccount(id, only))).toMatchObject({ status: 404 });
  });

  test("the default of another currency goes only when it is the last of it", async () => {
    const { test: stripe, id } = await custom({ external_account: "btok_us" });
    const { id: first } = await stripe.accounts.createExternalAccount(id, { external_account: "btok_gb" });
    const { id: second } = await stripe.accounts.createExternalAccount(id, { external_account: "tok_visa_debit_gb_transferSuccess" });
    expect((await refusal(stripe.accounts.deleteExternalAccount(id, first))).message).toContain(`${sorry} gbp`);
    await stripe.accounts.deleteExternalAccount(id, second);
    expect(await stripe.accounts.deleteExternalAccount(id, first)).toMatchObject({ deleted: true });
  });
});

describe("with the account itself", () => {
  test("a creation takes one, and tells of it after the connection", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const account = await stripe.accounts.create({
      type: "custom",
      country: "GB",
      external_account: { ...BANK, country: "GB", currency: "gbp", routing_number: "10-88-00", account_number: "00012345" },
    });
    expect(account.external_accounts?.data).toMatchObject([
      { object: "bank_account", country: "GB", last4: "2345", default_for_currency: true },
    ]);
    expect((await typesOf(stripe, account.id)).slice(0, 2)).toEqual(["account.application.authorized", "account.external_account.created"]);
    expect(await refusal(stripe.accounts.create({ type: "custom", external_account: "tok_visa_credit_au" }))).toMatchObject({
      code: "invalid_card_type",
      param: "external_account",
    });
    expect((await stripe.accounts.list()).data).toHaveLength(1);
  });

  test("an update puts one in place of the default of its currency", async () => {
    const { test: stripe, id } = await custom({ external_account: "btok_us" });
    const other = await stripe.accounts.createExternalAccount(id, { external_account: "btok_us" });
    const pounds = await stripe.accounts.createExternalAccount(id, { external_account: "btok_gb" });
    const old = (await stripe.accounts.retrieve(id)).external_accounts?.data.find(
      (one) => one.default_for_currency && one.currency === "usd",
    );
    const before = (await told(stripe, id)).length;
    const { external_accounts } = await stripe.accounts.update(id, { external_account: CARD });
    expect(external_accounts?.data.map((one) => [one.object, one.default_for_currency])).toEqual([
      ["card", true],
      ["bank_account", true],
      ["bank_account", false],
    ]);
    expect(external_accounts?.data.slice(1).map((one) => one.id)).toEqual([pounds.id, other.id]);
    const events = (await told(stripe, id)).slice(before);
    expect(events.map(({ type, object }) => [type, object.id])).toEqual([
      ["account.external_account.deleted", old?.id],
      ["account.external_account.created", external_accounts?.data[0]?.id],
      ["account.updated", id],
    ]);
  });

  test("an Express account can be told one before it has submitted its details; what it then has is for itself to change", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id, external_accounts } = await stripe.accounts.create({ type: "express", external_account: "btok_us" });
    const bank = external_accounts?.data[0]?.id ?? "";
    expect((await stripe.accounts.update(id, { external_account: "btok_us_verified" })).external_accounts?.data).toHaveLength(1);
    const [current] = (await stripe.accounts.listExternalAccounts(id)).data;
    for (const refused of await refusals([
      stripe.accounts.createExternalAccount(id, { external_account: "btok_us" }),
      stripe.accounts.updateExternalAccount(id, current?.id ?? bank, { metadata: { a: "1" } }),
      stripe.accounts.deleteExternalAccount(id, current?.id ?? bank),
    ]))
      expect(refused).toMatchObject({
        status: 403,
        type: "StripePermissionError",
        message: expect.stringContaining("requirement_collection"),
      });
    expect((await stripe.accounts.listExternalAccounts(id)).data).toEqual([current]);
  });

  test("an account that collects its own requirements and has submitted its details is no longer told where it is paid out to", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "express", country: "US", external_account: "btok_us" });
    const completed = await stripe.rawRequest("POST", `/v1/test_helpers/accounts/${id}/complete_onboarding`);
    const account = completed as unknown as Stripe.Account;
    expect(account.details_submitted, JSON.stringify(account.requirements)).toBe(true);
    expect(await refusal(stripe.accounts.update(account.id, { external_account: "btok_us_noAccount" }))).toMatchObject({ status: 403 });
    expect((await stripe.accounts.listExternalAccounts(account.id)).data).toEqual(account.external_accounts?.data);
  });

  test("a bank account is what an account lacks for payouts, and one whose owner is in question does not do", async () => {
    const { test: stripe, id } = await custom({ capabilities: { transfers: { requested: true } } });
    const due = async () => (await stripe.accounts.retrieve(id)).requirements?.currently_due?.includes("external_account");
    expect(await due()).toBe(true);
    await stripe.accounts.createExternalAccount(id, { external_account: { ...BANK, account_number: "000999999992" } });
    expect(await due()).toBe(false);
    const [event] = (await stripe.events.list({ type: "account.updated" }, { stripeAccount: id })).data;
    const previous = event?.data.previous_attributes as { requirements?: { currently_due?: string[] } } | undefined;
    expect(previous?.requirements?.currently_due).toContain("external_account");
    await server.clock.advance({ seconds: DEFAULT_LIMITS.ownershipCheckMs / 1_000 });
    expect(await due()).toBe(true);
  });

  test("a platform has one in each mode, and cannot change it", async () => {
    const { test: stripe, live, account } = await platformOfItsOwn(server);
    for (const client of [stripe, live]) {
      const { data } = await client.accounts.listExternalAccounts(account);
      expect(data).toMatchObject([
        { object: "bank_account", bank_name: "STRIPE TEST BANK", currency: "usd", default_for_currency: true, status: "new" },
      ]);
      expect((await refusal(client.accounts.deleteExternalAccount(account, data[0]?.id ?? ""))).message).toContain("your own account");
    }
    expect((await stripe.accounts.listExternalAccounts(account)).data[0]?.id).not.toBe(
      (await live.accounts.listExternalAccounts(account)).data[0]?.id,
    );
  });
});

describe("who owns a bank account", () => {
  const DOCUMENT = "documents.bank_account_ownership_verification.files";
  const requirementsOf = async (stripe: Stripe, id: string, bank: string) => {
    const { status, requirements } = (await stripe.accounts.retrieveExternalAccount(id, bank)) as Stripe.BankAccount;
    return {
      status,
      due: requirements?.currently_due,
      pending: requirements?.pending_verification,
      errors: requirements?.errors?.map(({ code }) => code),
    };
  };
  const ask = async (account_number: string) => {
    const account = await custom();
    const bank = await account.test.accounts.createExternalAccount(account.id, { external_account: { ...BANK, account_number } });
    return { ...account, bank: bank.id };
  };
  const later = () => server.clock.advance({ seconds: DEFAULT_LIMITS.ownershipCheckMs / 1_000 });

  test("is found out after a short delay", async () => {
    const { test: stripe, id, bank } = await ask("000999999991");
    expect(await requirementsOf(stripe, id, bank)).toEqual({ status: "new", due: [], pending: [DOCUMENT], errors: [] });
    const before = (await told(stripe, id)).length;
    await later();
    expect(await requirementsOf(stripe, id, bank)).toEqual({ status: "new", due: [], pending: [], errors: [] });
    const [event, account, ...more] = (await told(stripe, id)).slice(before);
    expect(event).toMatchObject({
      type: "account.external_account.updated",
      previous: { requirements: { pending_verification: [DOCUMENT] } },
      request: null,
    });
    expect([account?.type, more]).toEqual(["account.updated", []]);
  });

  test("is asked for a document, which may fail, and which is looked into in its turn", async () => {
    const { test: stripe, id, bank } = await ask("000999999992");
    await later();
    expect(await requirementsOf(stripe, id, bank)).toEqual({ status: "verification_failed", due: [DOCUMENT], pending: [], errors: [] });
    const give = (file: string) =>
      stripe.accounts.updateExternalAccount(id, bank, { documents: { bank_account_ownership_verification: { files: [file] } } });
    await stripe.accounts.updateExternalAccount(id, bank);
    expect(await requirementsOf(stripe, id, bank)).toMatchObject({ status: "verification_failed", due: [DOCUMENT] });
    await give("file_identity_document_failure");
    expect(await requirementsOf(stripe, id, bank)).toEqual({ status: "verification_failed", due: [], pending: [DOCUMENT], errors: [] });
    await later();
    expect(await requirementsOf(stripe, id, bank)).toEqual({
      status: "verification_failed",
      due: [DOCUMENT],
      pending: [],
      errors: ["verification_document_failed_test_mode"],
    });
    await give("file_identity_document_success");
    await later();
    expect(await requirementsOf(stripe, id, bank)).toEqual({ status: "new", due: [], pending: [], errors: [] });
    const statuses = (await told(stripe, id))
      .filter(({ type }) => type === "account.external_account.updated")
      .map(({ object }) => object.status);
    expect(statuses).toEqual(["verification_failed", "verification_failed", "verification_failed", "verification_failed", "new"]);
  });

  test.each<[string, (stripe: Stripe, id: string, files: string[]) => Promise<unknown>]>([
    ["", (stripe, id, files) => stripe.accounts.update(id, { documents: { bank_account_ownership_verification: { files } } })],
    [
      ", which v2 is given",
      (stripe, id, files) =>
        stripe.v2.core.accounts.update(id, {
          identity: { business_details: { documents: { bank_account_ownership_verification: { files, type: "files" } } } },
        }),
    ],
  ])("can be shown by the documents of the account%s", async (_, give) => {
    const { test: stripe, id, bank } = await ask("000999999992");
    await later();
    await give(stripe, id, ["file_identity_document_success"]);
    expect(await requirementsOf(stripe, id, bank)).toMatchObject({ pending: [DOCUMENT] });
    await later();
    expect(await requirementsOf(stripe, id, bank)).toMatchObject({ status: "new", pending: [] });
  });

  test("is no question any more once the bank account is gone", async () => {
    const { test: stripe, id, bank } = await ask("000999999991");
    await stripe.accounts.createExternalAccount(id, { external_account: "btok_us", default_for_currency: true });
    await stripe.accounts.deleteExternalAccount(id, bank);
    const before = (await told(stripe, id)).length;
    await later();
    expect((await told(stripe, id)).slice(before)).toEqual([]);
  });
});

describe("nobody else", () => {
  test("reaches them: not another account's, another platform's, or the other mode's key", async () => {
    const { test: stripe, live, id } = await custom({ external_account: "btok_us" });
    const bank = (await stripe.accounts.listExternalAccounts(id)).data[0]?.id ?? "";
    const { id: sibling } = await stripe.accounts.create({ type: "custom" });
    const stranger = await platformOfItsOwn(server);
    const missing = { status: 404, code: "resource_missing", message: `No such external account: '${bank}'` };
    expect(await refusal(stripe.accounts.retrieveExternalAccount(sibling, bank))).toMatchObject(missing);
    expect(await refusal(stripe.accounts.updateExternalAccount(sibling, bank, { metadata: { a: "1" } }))).toMatchObject(missing);
    expect(await refusal(stripe.accounts.deleteExternalAccount(sibling, bank))).toMatchObject(missing);
    for (const client of [stranger.test, live])
      expect(await refusal(client.accounts.retrieveExternalAccount(id, bank))).toMatchObject({ status: 403, code: "account_invalid" });
  });

  test("sees where a standard account is paid out to but itself and who made it", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id } = await stripe.accounts.create({ type: "standard", external_account: "btok_us" });
    expect((await stripe.accounts.listExternalAccounts(id)).data).toHaveLength(1);
    expect(await refusal(stripe.accounts.createExternalAccount(id, { external_account: "btok_us" }))).toMatchObject({ status: 403 });
    expect((await ownKeys(stripe, id)).test.secret).toMatch(/^sk_test_/);
  });

  test("each mode has its own, and their defaults", async () => {
    const { test: stripe, live } = await platformOfItsOwn(server);
    const { id } = await live.accounts.create({ type: "custom", country: "US", external_account: { ...BANK, account_number: "12345678" } });
    const [real] = (await live.accounts.listExternalAccounts(id)).data;
    const made = await stripe.accounts.createExternalAccount(id, { external_account: "btok_us" });
    expect(made.default_for_currency).toBe(true);
    expect((await live.accounts.listExternalAccounts(id)).data).toEqual([real]);
    expect((await stripe.accounts.listExternalAccounts(id)).data).toEqual([made]);
    expect((await refusal(stripe.accounts.retrieveExternalAccount(id, real?.id ?? ""))).message).toContain(
      "a similar object exists in live mode",
    );
    expect((await live.events.list({ type: "account.external_account.created" }, { stripeAccount: id })).data).toHaveLength(1);
    expect((await stripe.events.list({ type: "account.external_account.created" }, { stripeAccount: id })).data).toHaveLength(1);
  });
});
