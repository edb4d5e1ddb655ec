import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { COUNTRIES, currencyOf } from "../../connected-account/state/countries.ts";
import { fingerprintsWith } from "../fingerprint.ts";
import { judgeBankAccount } from "../judge-bank-account.ts";
import { judgeCard, judgeTestCard } from "../judge-card.ts";
import { checkDigits } from "../numbers/iban.ts";
import { luhnHolds } from "../numbers/luhn.ts";
import { bankTestOutcome, testBankNumbers } from "./bank-numbers.ts";
import { TOKEN_ENDINGS, testBankAccount, testBankAccountByToken } from "./bank-tokens.ts";
import { TEST_CARDS, testCardByNumber, testCardByToken } from "./cards.ts";

const NOW = Date.UTC(2026, 0, 15);
const judging = { livemode: false, fingerprint: fingerprintsWith("key"), param: "external_account", now: NOW, country: "US" };

const FAILURES: Readonly<Record<string, object | null>> = {
  success: null,
  ownership_verified: null,
  ownership_document_needed: null,
  instant_fails: { failureCode: "could_not_process", instantOnly: true },
};

describe("bank accounts", () => {
  const rows = COUNTRIES.flatMap(testBankNumbers);

  test.each(rows.map((row) => [row.country, row.number, row.outcome, row] as const))("%s %s: %s", (country, number, outcome, row) => {
    expect(bankTestOutcome(country, number)).toBe(outcome);
    const judged = judgeBankAccount({ country, account_number: number, routing_number: row.routing ?? undefined }, judging);
    expect(judged).toMatchObject({
      kind: "bank_account",
      country,
      currency: currencyOf(country),
      shown: { bank_name: expect.stringMatching(/./), last4: number.slice(-4) },
      payoutOutcome: outcome in FAILURES ? FAILURES[outcome] : { failureCode: outcome, instantOnly: false },
      ownership: { ownership_verified: "verified", ownership_document_needed: "document_needed" }[outcome as string] ?? null,
      payable: true,
    });
    expect(JSON.stringify(judged)).not.toContain(number);
  });

  test.each([
    ["US", "110000000", "000123456789", "success"],
    ["US", "110000000", "000111111116", "no_account"],
    ["GB", "108800", "11111113", "account_closed"],
    ["AU", "110000", "222222227", "insufficient_funds"],
    ["JP", "110-0000", "000333333335", "debit_not_authorized"],
    ["CA", "11000-000", "000444444440", "invalid_currency"],
    ["DE", undefined, "DE62370400440532013001", "no_account"],
    ["DE", undefined, "DE89370400440532013005", "invalid_currency"],
    ["NL", undefined, "NL89370400440532013000", "success"],
    ["FR", undefined, `FR${checkDigits("FR", "370400440532013003")}370400440532013003`, "insufficient_funds"],
  ])("%s %s %s is documented as %s", (country, routing_number, account_number, outcome) => {
    expect(bankTestOutcome(country, account_number)).toBe(outcome);
    judgeBankAccount({ country, account_number, routing_number }, judging);
  });

  test("only real banks have names of their own", () => {
    const named = rows.flatMap(({ country, number, routing }) => {
      const { shown } = judgeBankAccount({ country, account_number: number, routing_number: routing ?? undefined }, judging);
      return shown.bank_name === "STRIPE TEST BANK" ? [] : [country];
    });
    expect([...new Set(named)].sort()).toEqual(["BO", "CO", "EG", "IN", "KR", "LK", "UY", "VN", "ZA"]);
  });

  test.each([
    ["US", "US", "110000000", ["standard", "instant"]],
    ["US", "US", "111000000", ["standard"]],
    ["US", "US", "122105155", ["standard"]],
    ["US", "GB", "110000000", ["standard"]],
  ])("a bank in %s pays an account in %s out by %s as %j", (country, of, routing_number, methods) => {
    const judged = judgeBankAccount({ country, account_number: "000123456789", routing_number }, { ...judging, country: of });
    expect(judged.shown.available_payout_methods).toEqual(methods);
  });

  test.each([
    ["AU", "110000", "000123456", "11 0000"],
    ["NZ", undefined, "1100000000000010", "110000"],
    ["GI", undefined, "GI75NWBK000000007099453", "11-00-00000"],
    ["AE", undefined, "AE070331234567890123456", "110000000"],
    ["QA", "aaaaqaqaxxx", "QA87CITI123456789012345678901", "AAAAQAQAXXX"],
  ])("%s %s %s shows %s as its bank", (country, routing_number, account_number, shown) => {
    expect(judgeBankAccount({ country, account_number, routing_number }, judging).shown.routing_number).toBe(shown);
  });

  test("every country that an account can be in has one whose payouts succeed", () => {
    for (const country of COUNTRIES) expect([country, testBankNumbers(country)[0]?.outcome]).toEqual([country, "success"]);
  });

  test("separators and small letters do not matter", () => {
    const given = { country: "de", account_number: "de89 3704 0044 0532 0130 00", currency: "EUR" };
    expect(judgeBankAccount(given, judging)).toMatchObject({
      country: "DE",
      currency: "eur",
      shown: { routing_number: "110000000", last4: "3000" },
    });
  });

  test("in live mode every well-formed number is taken, and test numbers mean nothing", () => {
    const live = { ...judging, livemode: true };
    for (const given of [
      { country: "US", routing_number: "021000021", account_number: "000111111116" },
      { country: "US", routing_number: "110000000", account_number: "000999999992" },
      { country: "FR", account_number: "FR1420041010050500013M02606" },
      { country: "GB", account_number: "GB82WEST12345698765432" },
      { country: "BR", routing_number: "110-0000", account_number: "0001234" },
    ])
      expect(judgeBankAccount(given, live)).toMatchObject({ payoutOutcome: null, ownership: null, shown: { bank_name: null } });
  });

  const refused: [what: string, given: Parameters<typeof judgeBankAccount>[0], livemode: boolean, error: string, param: string][] = [
    [
      "a number of the world in test mode",
      { country: "US", routing_number: "110000000", account_number: "000123456788" },
      false,
      "account_number_not_test",
      "account_number",
    ],
    [
      "another country's test number",
      { country: "GB", routing_number: "108800", account_number: "000123456" },
      false,
      "account_number_invalid",
      "account_number",
    ],
    [
      "a real IBAN in test mode",
      { country: "FR", account_number: "FR7630006000011234567890189" },
      false,
      "account_number_not_test",
      "account_number",
    ],
    [
      "a test IBAN with other check digits",
      { country: "DE", account_number: "DE88370400440532013002" },
      false,
      "account_number_invalid",
      "account_number",
    ],
    [
      "a test IBAN in live mode whose check digits do not hold",
      { country: "DE", account_number: "DE89370400440532013002" },
      true,
      "account_number_invalid",
      "account_number",
    ],
    [
      "an IBAN of another country",
      { country: "FR", account_number: "DE89370400440532013000" },
      false,
      "account_number_invalid",
      "account_number",
    ],
    [
      "no IBAN where there must be one",
      { country: "DE", account_number: "000123456789" },
      false,
      "account_number_invalid",
      "account_number",
    ],
    [
      "letters",
      { country: "US", routing_number: "110000000", account_number: "abcdefgh" },
      true,
      "account_number_invalid",
      "account_number",
    ],
    [
      "too few digits",
      { country: "GB", routing_number: "108800", account_number: "1234567" },
      true,
      "account_number_invalid",
      "account_number",
    ],
    [
      "a wrong routing number",
      { country: "US", routing_number: "110000001", account_number: "000123456789" },
      false,
      "routing_number_invalid",
      "routing_number",
    ],
    ["no routing number", { country: "US", account_number: "000123456789" }, false, "routing_number_invalid", "routing_number"],
    [
      "a wrong sort code",
      { country: "GB", routing_number: "10880", account_number: "00012345" },
      true,
      "routing_number_invalid",
      "routing_number",
    ],
    ["an unknown country", { country: "XX", account_number: "000123456789" }, false, "country_unsupported", "country"],
    [
      "an unknown currency",
      { country: "US", currency: "xxx", routing_number: "110000000", account_number: "000123456789" },
      false,
      "currency_unsupported",
      "currency",
    ],
  ];
  test.each(refused)("%s is refused", (_, given, livemode, error, param) => {
    const judge = () => judgeBankAccount(given, { ...judging, livemode });
    expect(judge).toThrow(expect.objectContaining({ error, param: `external_account[${param}]` }));
    try {
      judge();
    } catch (thrown) {
      expect((thrown as Error).message).not.toContain(given.account_number);
    }
  });

  test("no number that is not in the tables means anything", () => {
    const known = new Set(testBankNumbers("US").map(({ number }) => number));
    fc.assert(
      fc.property(fc.stringMatching(/^\d{12}$/), (number) => {
        fc.pre(!known.has(number));
        expect(bankTestOutcome("US", number)).toBeUndefined();
      }),
    );
    for (const name of ["__proto__", "constructor", "toString"]) expect(bankTestOutcome("US", name)).toBeUndefined();
  });
});

describe("bank tokens", () => {
  test.each(
    Object.entries(TOKEN_ENDINGS).flatMap(([ending, outcome]) => [
      [`btok_us${ending}`, outcome],
      [`btok_us_verified${ending}`, outcome],
    ]),
  )("%s: %s", (token, outcome) => {
    expect(testBankAccountByToken(token as string)).toMatchObject({ country: "US", currency: "usd", routing: "110000000", outcome });
  });

  test.each([
    ["btok_gb", "GB", "gbp", "00012345"],
    ["btok_gb_gbp", "GB", "gbp", "00012345"],
    ["btok_ca_cad", "CA", "cad", "000123456789"],
    ["btok_ca_usd", "CA", "usd", "000123456789"],
    ["btok_us_usd", "US", "usd", "000123456789"],
    ["btok_de", "DE", "eur", "DE89370400440532013000"],
  ])("%s: %s %s", (token, country, currency, number) => {
    expect(testBankAccountByToken(token)).toMatchObject({ country, currency, number, outcome: "success" });
  });

  test.each(["btok_xx", "btok_us_nothing", "btok_us_constructor", "btok_gb_noAccount", "btok_", "tok_us", "btok_1N3T00LkdIwHu7ixt44h1F8k"])(
    "%s is none",
    (token) => expect(testBankAccountByToken(token)).toBeUndefined(),
  );

  test.each(COUNTRIES)("%s has one whose payouts succeed", (country) => {
    const bank = testBankAccount(country);
    expect(bank?.outcome).toBe("success");
    const given = { ...bank, country, account_number: bank?.number ?? "", routing_number: bank?.routing ?? undefined };
    expect(judgeBankAccount(given, judging).payoutOutcome).toBeNull();
  });
});

describe("cards", () => {
  test.each(TEST_CARDS.map((card) => [card.token, card.number, card.outcome, card] as const))(
    "%s %s: %s",
    (token, number, outcome, card) => {
      expect(testCardByNumber(number)).toBe(card);
      expect(testCardByToken(token)).toBe(card);
      const judged = judgeCard({ number, exp_month: 1, exp_year: 2030 }, judging);
      expect(judged).toMatchObject({
        kind: "card",
        country: card.country,
        currency: currencyOf(card.country),
        shown: { brand: card.brand, funding: card.funding, last4: number.slice(-4), exp_month: 1, exp_year: 2030 },
        payoutOutcome: outcome === "could_not_process" ? { failureCode: "could_not_process", instantOnly: false } : null,
        payable: outcome !== "no_payouts",
      });
      expect(judged.shown.available_payout_methods).toEqual(outcome === "instant_unsupported" ? ["standard"] : ["standard", "instant"]);
      expect(JSON.stringify(judged)).not.toContain(number);
      expect(judgeTestCard(card, judging)).toMatchObject({ shown: { exp_month: 12, exp_year: 2027 }, payable: judged.payable });
    },
  );

  test("every card and every token is there once, and all but one documented number hold by their check digit", () => {
    for (const of of [(card: (typeof TEST_CARDS)[number]) => card.number, (card: (typeof TEST_CARDS)[number]) => card.token])
      expect(new Set(TEST_CARDS.map(of)).size).toBe(TEST_CARDS.length);
    // As printed in the documentation. It is still refused, because it is a credit card.
    expect(TEST_CARDS.filter(({ number }) => !luhnHolds(number)).map(({ token }) => token)).toEqual(["tok_visa_credit_ae"]);
  });

  test.each([
    ["tok_visa_debit", "4000056655665556"],
    ["tok_mastercard_debit", "5200828282828210"],
  ])("%s is another name", (token, number) => expect(testCardByToken(token)?.number).toBe(number));

  test.each([
    ["a wrong check digit", { number: "4000056655665557" }, false, "card_number_incorrect", "number"],
    ["letters", { number: "4000x56655665556" }, true, "card_number_incorrect", "number"],
    ["too few digits", { number: "42" }, true, "card_number_incorrect", "number"],
    ["a card of the world in test mode", { number: "4539578763621486" }, false, "card_number_not_test", "number"],
    ["a thirteenth month", { number: "4000056655665556", exp_month: 13 }, false, "card_expiry_month_invalid", "exp_month"],
    [
      "a card that has expired",
      { number: "4000056655665556", exp_month: 12, exp_year: 2025 },
      false,
      "card_expiry_year_invalid",
      "exp_year",
    ],
    ["an unknown currency", { number: "4000056655665556", currency: "xxx" }, false, "currency_unsupported", "currency"],
  ])("%s is refused", (_, given, livemode, error, param) => {
    const judge = () => judgeCard({ exp_month: 1, exp_year: 30, ...given }, { ...judging, livemode });
    expect(judge).toThrow(expect.objectContaining({ error, param: `external_account[${param}]` }));
  });

  test("in live mode every number whose check digit holds is a debit card of the account's country", () => {
    const live = { ...judging, livemode: true, country: "FR" };
    expect(judgeCard({ number: "4242 4242 4242 4242", exp_month: 1, exp_year: 26, cvc: "123" }, live)).toMatchObject({
      country: "FR",
      currency: "eur",
      payable: true,
      payoutOutcome: null,
      shown: { brand: "Visa", funding: "debit", exp_year: 2026, cvc_check: "unchecked" },
    });
    const brand = (number: string) => judgeCard({ number, exp_month: 12, exp_year: 2030 }, live).shown.brand;
    expect(
      [
        "5555555555554444",
        "2223003122003222",
        "378282246310005",
        "6011111111111117",
        "3566002020360505",
        "36227206271667",
        "6200000000000005",
        "9792000000000003",
      ].map(brand),
    ).toEqual(["MasterCard", "MasterCard", "American Express", "Discover", "JCB", "Diners Club", "UnionPay", "Unknown"]);
  });
});

test("a fingerprint is the same for the same number, another for another, and another with another key", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      const print = fingerprintsWith("key");
      expect(print(one)).toMatch(/^\w{16}$/);
      expect(print(one)).toBe(fingerprintsWith("key")(one));
      expect(print(one) === print(other)).toBe(one === other);
      expect(fingerprintsWith("another key")(one)).not.toBe(print(one));
    }),
  );
});
