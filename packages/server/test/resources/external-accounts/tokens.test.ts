import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carabiner, createPlatform, startCarabiner } from "../../../src/index.ts";
import { client, platformOfItsOwn, refusal, refusals } from "../../platform-of-its-own.ts";
import { cleanUp, start } from "../../server-of-its-own.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

const BANK = { country: "US", currency: "usd", routing_number: "110000000", account_number: "000111111116" } as const;
const CARD = { number: "4000056655665572", exp_month: "12", exp_year: "40", cvc: "123", currency: "usd" } as const;

describe("a token for a bank account", () => {
  test("shows the bank account, whose id it keeps when it is used, once", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { lastResponse: _, ...token } = await stripe.tokens.create({
      bank_account: { ...BANK, account_holder_name: "Jenny Rosen", account_holder_type: "individual" },
    });
    expect(token).toEqual({
      id: expect.stringMatching(/^btok_\w{24}$/),
      object: "token",
      bank_account: {
        id: expect.stringMatching(/^ba_\w{24}$/),
        object: "bank_account",
        account_holder_name: "Jenny Rosen",
        account_holder_type: "individual",
        account_type: null,
        bank_name: "STRIPE TEST BANK",
        country: "US",
        currency: "usd",
        fingerprint: expect.stringMatching(/^\w{16}$/),
        last4: "1116",
        routing_number: "110000000",
        status: "new",
      },
      client_ip: "127.0.0.1",
      created: expect.any(Number),
      livemode: false,
      type: "bank_account",
      used: false,
    });
    const { id } = await stripe.accounts.create({ type: "custom" });
    const made = await stripe.accounts.createExternalAccount(id, { external_account: token.id });
    expect(made).toMatchObject({
      id: token.bank_account?.id,
      fingerprint: token.bank_account?.fingerprint,
      account_holder_name: "Jenny Rosen",
    });
    expect(await stripe.tokens.retrieve(token.id)).toMatchObject({ used: true });
    expect(await refusal(stripe.accounts.update(id, { external_account: token.id }))).toMatchObject({
      status: 400,
      code: "token_already_used",
      param: "external_account",
    });
    expect((await stripe.accounts.listExternalAccounts(id)).data).toHaveLength(1);
  });

  test("is refused for numbers that cannot be right, with the parameter's name", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const refused = (change: object) => refusal(stripe.tokens.create({ bank_account: { ...BANK, ...change } }));
    expect(await refused({ account_number: "000123456788" })).toMatchObject({
      code: "account_number_invalid",
      param: "bank_account[account_number]",
    });
    expect(await refused({ routing_number: "1" })).toMatchObject({ code: "routing_number_invalid", param: "bank_account[routing_number]" });
    expect(await refused({ payment_method: "pm_1" })).toMatchObject({ code: "parameter_unknown", param: "bank_account[payment_method]" });
  });
});

describe("a token for a card", () => {
  test("shows the card, whose id it keeps when it is used", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const token = await stripe.tokens.create({ card: { ...CARD, name: "Jenny" } });
    expect(token).toMatchObject({
      id: expect.stringMatching(/^tok_\w{24}$/),
      type: "card",
      card: {
        id: expect.stringMatching(/^card_\w{24}$/),
        object: "card",
        brand: "Visa",
        country: "US",
        cvc_check: "unchecked",
        exp_month: 12,
        exp_year: 2040,
        funding: "debit",
        last4: "5572",
        name: "Jenny",
      },
    });
    const account = await stripe.accounts.create({ type: "custom", external_account: token.id });
    expect(account.external_accounts?.data).toMatchObject([
      { id: token.card?.id, object: "card", currency: "usd", default_for_currency: true },
    ]);
  });

  test("can be had for a credit card, which is refused where it would be paid out to, and is not used up by that", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const token = await stripe.tokens.create({ card: { ...CARD, number: "4242424242424242" } });
    expect(token.card).toMatchObject({ funding: "credit", last4: "4242" });
    const { id } = await stripe.accounts.create({ type: "custom" });
    expect(await refusal(stripe.accounts.createExternalAccount(id, { external_account: token.id }))).toMatchObject({
      code: "invalid_card_type",
      param: "external_account",
    });
    expect(await stripe.tokens.retrieve(token.id)).toMatchObject({ used: false });
  });

  test("can be told another currency where it is used", async () => {
    const { test: stripe } = await platformOfItsOwn(server);
    const { id: token } = await stripe.tokens.create({ card: CARD });
    const { id } = await stripe.accounts.create({ type: "custom" });
    const external_account = { object: "card", token, currency: "eur" } as const;
    expect(await stripe.accounts.createExternalAccount(id, { external_account })).toMatchObject({ currency: "eur" });
  });
});

test("a token works only for its owner, in its mode, for its purpose", async () => {
  const [owner, other] = [await platformOfItsOwn(server), await platformOfItsOwn(server)];
  const { id: token } = await owner.test.tokens.create({ bank_account: BANK });
  const { id: pii } = await owner.test.tokens.create({ pii: { id_number: "000000000" } });
  const refused = (stripe: Stripe, external_account: string) => refusal(stripe.accounts.create({ type: "custom", external_account }));
  const missing = { status: 400, code: "resource_missing", param: "external_account" };
  expect(await refused(other.test, token)).toMatchObject(missing);
  expect(await refused(owner.live, token)).toMatchObject(missing);
  expect(await refused(owner.test, pii)).toMatchObject({ status: 400, param: "external_account" });
  expect(await owner.test.tokens.retrieve(token)).toMatchObject({ used: false });
});

test("a publishable key makes tokens, and does nothing else", async () => {
  const { keys, test: stripe } = await platformOfItsOwn(server);
  const browser = client(server, keys.test.publishable);
  const token = await browser.tokens.create({ bank_account: BANK });
  for (const refused of await refusals([
    browser.tokens.retrieve(token.id),
    browser.accounts.list(),
    browser.accounts.create({ type: "custom" }),
  ]))
    expect(refused).toMatchObject({ status: 403, code: "secret_key_required" });
  const account = await stripe.accounts.create({ type: "custom", external_account: token.id });
  expect(account.external_accounts?.data).toHaveLength(1);
});

test("no number of a bank account or card is in any answer, event, log or file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "carabiner-numbers-"));
  cleanUp.push(() => rm(folder, { recursive: true, force: true }));
  const store = { file: join(folder, "store.sqlite") };
  const { keys } = await createPlatform({ store, name: "Acme" });
  const lines: string[] = [];
  const served = await start({ mode: "serve", store, log: pino({ level: "trace" }, { write: (line: string) => lines.push(line) }) });
  const answers: unknown[] = [];
  for (const mode of ["test", "live"] as const) {
    const stripe = client(served, keys[mode].secret);
    const note = async (call: Promise<unknown>) => answers.push(await call.catch((error: Error) => [error.message, error]));
    const { id } = await stripe.accounts.create({
      type: "custom",
      country: "US",
      external_account: { object: "bank_account", ...BANK, account_number: "000222222227" },
    });
    const token = await stripe.tokens.create({ bank_account: { ...BANK, account_number: "000333333335" } });
    answers.push(token, await stripe.tokens.create({ card: { ...CARD, number: "4000056655665556" } }));
    await note(stripe.accounts.createExternalAccount(id, { external_account: token.id }));
    for (const number of ["4000056655665572", "4000056655665573", "4539578763621486"])
      await note(
        stripe.accounts.createExternalAccount(id, { external_account: { object: "card", ...CARD, number, exp_month: 12, exp_year: 2040 } }),
      );
    for (const account_number of ["000444444440", "98765432109876", "98765432109876!"])
      await note(stripe.accounts.createExternalAccount(id, { external_account: { object: "bank_account", ...BANK, account_number } }));
    await note(
      stripe.accounts.createExternalAccount(id, {
        external_account: { object: "bank_account", country: "DE", account_number: "DE89370400440532013000" },
      }),
    );
    for (const number of ["5555555555554444", "4539578763621486", "4242424242424241"]) {
      const card = { number, exp_month: 12, exp_year: 2040, cvc: "123" };
      await note(stripe.paymentMethods.create({ type: "card", card }));
      const payment_method_data = { type: "card", card } as unknown as Stripe.PaymentIntentCreateParams.PaymentMethodData;
      await note(stripe.paymentIntents.create({ amount: 2_000, currency: "usd", payment_method_data, confirm: true }));
      await note(stripe.setupIntents.create({ payment_method_data: payment_method_data as never, confirm: true }));
      const made = await stripe.tokens.create({ card: { ...CARD, number } }).catch(() => null);
      if (made !== null) await note(stripe.customers.create({ source: made.id }));
    }
    await note(stripe.paymentMethods.list());
    await note(stripe.events.list({ limit: 100 }));
    await note(stripe.accounts.listExternalAccounts(id));
    await note(stripe.events.list({ limit: 100 }, { stripeAccount: id }));
    await note(stripe.accounts.retrieve(id));
  }
  await served.close();
  const files = await readdir(folder);
  const kept = await Promise.all(files.map(async (name) => (await readFile(join(folder, name))).toString("latin1")));
  expect(kept.join("")).toContain("external_account");
  const everywhere = [JSON.stringify(answers), lines.join(""), ...kept].join("\n");
  for (const number of [
    "000222222227",
    "000333333335",
    "4000056655665556",
    "4000056655665572",
    "4000056655665573",
    "4539578763621486",
    "5555555555554444",
    "4242424242424241",
    "000444444440",
    "98765432109876",
    "DE89370400440532013000",
  ])
    expect(everywhere.includes(number), number).toBe(false);
});
