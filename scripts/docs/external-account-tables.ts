import {
  type BankTestOutcome,
  COUNTRIES_WITH_BANK_NUMBERS,
  testBankNumbers,
} from "../../packages/server/src/resources/external-accounts/test-numbers/bank-numbers.ts";
import { BANK_SAMPLES } from "../../packages/server/src/resources/external-accounts/test-numbers/bank-samples.ts";
import { TOKEN_ENDINGS } from "../../packages/server/src/resources/external-accounts/test-numbers/bank-tokens.ts";
import { type CardTestOutcome, TEST_CARDS } from "../../packages/server/src/resources/external-accounts/test-numbers/cards.ts";
import type { DocumentTable } from "./table.ts";

const FILE = "docs/test-values.md";
const code = (text: string): string => `\`${text}\``;

const BANK_MEANINGS: Readonly<Record<BankTestOutcome, string>> = {
  success: "payouts succeed",
  no_account: "payouts fail: `no_account`",
  account_closed: "payouts fail: `account_closed`",
  insufficient_funds: "payouts fail: `insufficient_funds`",
  debit_not_authorized: "payouts fail: `debit_not_authorized`",
  invalid_currency: "payouts fail: `invalid_currency`",
  instant_fails: "instant payouts fail: `could_not_process`; others succeed",
  ownership_verified: "who owns it is looked into, and found out",
  ownership_document_needed: "who owns it is looked into, and a document asked for",
};

const CARD_MEANINGS: Readonly<Record<CardTestOutcome, string>> = {
  success: "payouts succeed",
  could_not_process: "payouts fail: `could_not_process`",
  instant_unsupported: "takes no instant payouts; others succeed",
  no_payouts: "refused: `invalid_card_type`",
};

/** The test numbers of bank accounts and cards, and the tokens that represent them. */
export function externalAccountTables(): DocumentTable[] {
  return [
    {
      file: FILE,
      name: "test bank accounts",
      heads: ["Country", "Routing number", "Account number", "What becomes of it"],
      rows: [...COUNTRIES_WITH_BANK_NUMBERS, "DE"].flatMap((country) =>
        testBankNumbers(country).map(({ routing, number, outcome }) => [
          country,
          routing === null ? "" : code(routing),
          code(number),
          BANK_MEANINGS[outcome],
        ]),
      ),
    },
    {
      file: FILE,
      name: "test bank accounts by country",
      heads: ["Country", "Routing number", "Account numbers"],
      rows: Object.entries(BANK_SAMPLES).map(([country, [routing, ...numbers]]) => [
        country,
        routing === null ? "" : code(routing),
        numbers.map(code).join(", "),
      ]),
    },
    {
      file: FILE,
      name: "test bank tokens",
      heads: ["Token", "What becomes of it"],
      rows: [
        ...Object.entries(TOKEN_ENDINGS).map(([ending, outcome]) => [
          `${code(`btok_us${ending}`)}, ${code(`btok_us_verified${ending}`)}`,
          BANK_MEANINGS[outcome],
        ]),
        [`${code("btok_<country>")}, ${code("btok_<country>_<currency>")}`, BANK_MEANINGS.success],
      ],
    },
    {
      file: FILE,
      name: "test payout cards",
      heads: ["Country", "Number", "Token", "Card", "What becomes of it"],
      rows: TEST_CARDS.map(({ country, number, token, brand, funding, outcome }) => [
        country,
        code(number),
        code(token),
        `${brand} ${funding}`,
        CARD_MEANINGS[outcome],
      ]),
    },
  ];
}
