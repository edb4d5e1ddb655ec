import fc from "fast-check";
import type { Caller } from "./snapshot.ts";

/** What the model knows of the world it acts on: ids that answers gave it. */
export interface Known {
  platform: string;
  accounts: string[];
  /** Of each account: what hangs on it. */
  persons: Map<string, string[]>;
  banks: Map<string, string[]>;
  payouts: Map<string, string[]>;
  charges: Map<string, string[]>;
  customers: Map<string, string[]>;
  /** Ids of payment methods, and of sources, each after its customer's: `cus_…/pm_…`. */
  methods: Map<string, string[]>;
}

/** One action. Resolves to the status of the answer; null when there was nothing to do it to. */
export interface Action {
  says: string;
  /** Seconds the clock is turned by, where that is all it does. */
  turns?: number;
  run?(call: Caller, known: Known): Promise<number | null>;
}

const pick = <T>(from: readonly T[] | undefined, at: number): T | undefined =>
  from === undefined || from.length === 0 ? undefined : from[at % from.length];

const keep = (map: Map<string, string[]>, account: string, id: unknown): void => {
  map.set(account, [...(map.get(account) ?? []), String(id)]);
};

const any = fc.nat(20);

const GOOD_BANK = "000123456789";
const BANKS = [GOOD_BANK, "000111111116", "000111111113", "000222222227", "000444444440", "000888888883", "000999999991", "000999999992"];

const connect = fc
  .record({
    type: fc.constantFrom("custom", "express", "standard"),
    business_type: fc.constantFrom(undefined, "individual", "company"),
    capable: fc.boolean(),
  })
  .map(
    ({ type, business_type, capable }): Action => ({
      says: `connect a ${type} account (${business_type ?? "no business type"}${capable ? ", with capabilities" : ""})`,
      async run(call, known) {
        const { status, body } = await call("POST", "/v1/accounts", {
          type,
          country: "US",
          ...(business_type === undefined ? {} : { business_type }),
          ...(capable && type !== "standard"
            ? { capabilities: { card_payments: { requested: true }, transfers: { requested: true } } }
            : {}),
        });
        if (status === 200) known.accounts.push(String(body.id));
        return status;
      },
    }),
  );

/** Actions on one of the accounts. */
const toAccount = (says: string, act: (call: Caller, account: string, known: Known, at: number) => Promise<number | null>) =>
  fc.tuple(any, any).map(
    ([which, at]): Action => ({
      says: `${says} [${which}, ${at}]`,
      async run(call, known) {
        const account = pick(known.accounts, which);
        return account === undefined ? null : act(call, account, known, at);
      },
    }),
  );

const TOLD: readonly object[] = [
  { metadata: { step: "1" } },
  { metadata: { step: "" } },
  { email: "jenny@example.com" },
  { email: "enforce_future_requirements@example.com" },
  { business_profile: { url: "https://accessible.stripe.com", mcc: "5734" } },
  { business_profile: { url: "https://disallowed.stripe.com" } },
  { business_type: "individual", individual: { first_name: "Jenny", last_name: "Rosen" } },
  { individual: { dob: { day: 1, month: 1, year: 1901 }, address: { line1: "address_full_match" } } },
  { individual: { dob: { day: 1, month: 1, year: 1902 }, id_number: "222222222" } },
  { individual: { id_number: "111111111" } },
  { business_type: "company", company: { name: "Acme", tax_id: "000000000", address: { line1: "address_full_match" } } },
  { company: { tax_id: "111111111" } },
  { tos_acceptance: { date: 1_764_000_000, ip: "127.0.0.1" } },
  { settings: { payouts: { schedule: { interval: "manual" } } } },
  { settings: { payouts: { schedule: { interval: "weekly", weekly_anchor: "friday" } } } },
  { settings: { payouts: { schedule: { interval: "daily" } } } },
  { capabilities: { transfers: { requested: true } } },
  { capabilities: { card_payments: { requested: true }, transfers: { requested: true } } },
  {},
];

const PERSONS: readonly object[] = [
  { first_name: "Ada", last_name: "Lovelace" },
  { relationship: { owner: true, percent_ownership: 50 } },
  { relationship: { representative: true, title: "CEO" } },
  { dob: { day: 1, month: 1, year: 1901 }, id_number: "000000000" },
  { id_number: "111111111" },
  { metadata: { a: "b" } },
];

const CUSTOMERS: readonly object[] = [
  {},
  { name: "Jenny" },
  { source: "tok_visa" },
  { payment_method: "pm_card_visa" },
  { payment_method: "pm_card_createDispute" },
  { source: "tok_chargeDeclined" },
  { payment_method: "pm_card_mastercard", source: "tok_amex" },
];

/** Makes a customer, with something to pay with or without. */
async function makeCustomer(call: Caller, account: string, known: Known, at: number): Promise<number> {
  const { status, body } = await call("POST", "/v1/customers", pick(CUSTOMERS, at), account);
  if (status !== 200) return status;
  keep(known.customers, account, body.id);
  const { body: methods } = await call("GET", `/v1/customers/${String(body.id)}/payment_methods`, undefined, account);
  for (const { id } of methods.data as { id: string }[]) keep(known.methods, account, `${String(body.id)}/${id}`);
  return status;
}

/** Balance settings that an action sets. */
const BALANCE_SETTINGS: readonly object[] = [
  { payouts: { schedule: { interval: "weekly", weekly_payout_days: ["tuesday"] } } },
  { payouts: { schedule: { interval: "manual" }, statement_descriptor: "RIDES" } },
  { settlement_timing: { delay_days_override: 9 } },
  { settlement_timing: { delay_days_override: 1 } },
  { debit_negative_balances: true },
  {},
];

/**
 * Calls that set up what is sold; `ID` is replaced by an object of the account, of the kind named before it in the
 * path.
 */
const SOLD: readonly (readonly [path: string, params: object | null])[] = [
  ["/v1/products", { name: "Ride" }],
  ["/v1/products", { name: "Long ride", default_price_data: { currency: "usd", unit_amount: 2_000 } }],
  ["/v1/products/ID", { name: "Longer ride", metadata: { a: "b" } }],
  ["/v1/products/ID", {}],
  ["/v1/products/ID", null],
  ["/v1/prices", { currency: "usd", unit_amount: 500, product_data: { name: "Ride" }, lookup_key: "standard", transfer_lookup_key: true }],
  ["/v1/prices", { currency: "usd", product_data: { name: "Ride" } }],
  ["/v1/prices/ID", { nickname: "Standard", active: false }],
  ["/v1/plans", { currency: "usd", interval: "month", amount: 900, product: { name: "Plan" } }],
  ["/v1/plans/ID", { metadata: { a: "b" }, trial_period_days: 7 }],
  ["/v1/plans/ID", null],
  ["/v1/coupons", { percent_off: 25 }],
  ["/v1/coupons/ID", { name: "Fall" }],
  ["/v1/coupons/ID", null],
  ["/v1/coupons", { id: "FALL", percent_off: 10 }],
  ["/v1/promotion_codes", { promotion: { type: "coupon", coupon: "FALL" }, code: "FALL" }],
  ["/v1/promotion_codes/ID", { active: false }],
  ["/v1/tax_rates", { display_name: "VAT", inclusive: true, percentage: 19 }],
  ["/v1/tax_rates/ID", { active: false }],
];

const actions = [
  { weight: 3, arbitrary: connect },
  {
    weight: 4,
    arbitrary: toAccount("set up what it sells", async (call, account, _, at) => {
      const [path, params] = SOLD[at % SOLD.length] as (typeof SOLD)[number];
      const [, collection] = /^(\/v1\/\w+)\/ID$/.exec(path) ?? [];
      if (collection === undefined) return (await call("POST", path, params ?? {}, account)).status;
      const { data } = (await call("GET", collection, undefined, account)).body as { data: { id: string }[] };
      const id = pick(data, at)?.id;
      if (id === undefined) return null;
      return (await call(params === null ? "DELETE" : "POST", `${collection}/${id}`, params ?? undefined, account)).status;
    }),
  },
  {
    weight: 8,
    arbitrary: toAccount("tell the account something", async (call, account, _, at) => {
      const { status } = await call("POST", `/v1/accounts/${account}`, pick(TOLD, at));
      return status;
    }),
  },
  {
    weight: 3,
    arbitrary: toAccount("complete its onboarding", async (call, account) => {
      const { status } = await call("POST", `/v1/test_helpers/accounts/${account}/complete_onboarding`, {});
      return status;
    }),
  },
  {
    weight: 2,
    arbitrary: toAccount("request a capability", async (call, account, _, at) => {
      const capability = pick(["card_payments", "transfers", "sepa_debit_payments"], at);
      const { status } = await call("POST", `/v1/accounts/${account}/capabilities/${capability}`, { requested: at % 5 !== 0 });
      return status;
    }),
  },
  {
    weight: 3,
    arbitrary: toAccount("add a person", async (call, account, known, at) => {
      const { status, body } = await call("POST", `/v1/accounts/${account}/persons`, pick(PERSONS, at));
      if (status === 200) keep(known.persons, account, body.id);
      return status;
    }),
  },
  {
    weight: 3,
    arbitrary: toAccount("change a person", async (call, account, known, at) => {
      const person = pick(known.persons.get(account), at);
      if (person === undefined) return null;
      return (await call("POST", `/v1/accounts/${account}/persons/${person}`, pick(PERSONS, at))).status;
    }),
  },
  {
    weight: 1,
    arbitrary: toAccount("delete a person", async (call, account, known, at) => {
      const person = pick(known.persons.get(account), at);
      if (person === undefined) return null;
      return (await call("DELETE", `/v1/accounts/${account}/persons/${person}`)).status;
    }),
  },
  {
    weight: 4,
    arbitrary: toAccount("add a bank account", async (call, account, known, at) => {
      const { status, body } = await call("POST", `/v1/accounts/${account}/external_accounts`, {
        external_account: {
          object: "bank_account",
          country: "US",
          currency: "usd",
          routing_number: "110000000",
          account_number: pick(BANKS, at),
        },
        ...(at % 3 === 0 ? { default_for_currency: true } : {}),
      });
      if (status === 200) keep(known.banks, account, body.id);
      return status;
    }),
  },
  {
    weight: 2,
    arbitrary: toAccount("update a bank account", async (call, account, known, at) => {
      const bank = pick(known.banks.get(account), at);
      if (bank === undefined) return null;
      const told = pick([{}, { metadata: { a: String(at) } }, { default_for_currency: true }, { account_holder_name: "Jenny" }], at);
      return (await call("POST", `/v1/accounts/${account}/external_accounts/${bank}`, told)).status;
    }),
  },
  {
    weight: 1,
    arbitrary: toAccount("delete a bank account", async (call, account, known, at) => {
      const bank = pick(known.banks.get(account), at);
      if (bank === undefined) return null;
      return (await call("DELETE", `/v1/accounts/${account}/external_accounts/${bank}`)).status;
    }),
  },
  {
    weight: 5,
    arbitrary: toAccount("charge a card on the account", async (call, account, known, at) => {
      const { status, body } = await call(
        "POST",
        "/v1/payment_intents",
        {
          amount: 1_000 + at * 137,
          currency: "usd",
          confirm: true,
          payment_method_types: ["card"],
          payment_method: pick(
            ["pm_card_bypassPending", "pm_card_visa", "pm_card_chargeDeclined", "pm_card_createDispute", "pm_card_createDisputeInquiry"],
            at,
          ),
        },
        account,
      );
      if (status === 200 && typeof body.latest_charge === "string") keep(known.charges, account, body.latest_charge);
      return status;
    }),
  },
  {
    weight: 4,
    arbitrary: toAccount("give a customer something to pay with", async (call, account, known, at) => {
      const customer = pick(known.customers.get(account), at);
      if (customer === undefined) return makeCustomer(call, account, known, at);
      const name = pick(["visa", "chargeDeclined", "authenticationRequired", "createDispute", "chargeCustomerFail"], at) ?? "";
      const [path, params] = pick(
        [
          [`/v1/payment_methods/pm_card_${name}/attach`, { customer }],
          ["/v1/setup_intents", { customer, payment_method: `pm_card_${name}`, confirm: true, payment_method_types: ["card"] }],
          [`/v1/customers/${customer}/sources`, { source: `tok_${name}` }],
          [`/v1/customers/${customer}`, { source: `tok_${name}` }],
        ] as const,
        Math.floor(at / 5),
      ) as [string, object];
      const { status, body } = await call("POST", path, params, account);
      const id = body.payment_method ?? body.default_source ?? body.id;
      if (status === 200 && typeof id === "string") keep(known.methods, account, `${customer}/${id}`);
      return status;
    }),
  },
  {
    weight: 6,
    arbitrary: toAccount("do something to what a customer pays with", async (call, account, known, at) => {
      const [customer = "", method = ""] = pick(known.methods.get(account), at)?.split("/") ?? [];
      if (method === "") return makeCustomer(call, account, known, at);
      const source = method.startsWith("card_");
      const one = source ? `/v1/customers/${customer}/sources/${method}` : `/v1/payment_methods/${method}`;
      const paying = {
        amount: 1_000 + at,
        currency: "usd",
        confirm: true,
        customer,
        payment_method: method,
        payment_method_types: ["card"],
      };
      const [verb, path, params] = pick(
        [
          ["POST", "/v1/payment_intents", { ...paying, off_session: at % 2 === 0 }],
          source ? ["DELETE", one] : ["POST", `${one}/detach`, {}],
          ["POST", one, { metadata: { a: String(at) } }],
          [
            "POST",
            `/v1/customers/${customer}`,
            source ? { default_source: method } : { invoice_settings: { default_payment_method: method } },
          ],
          ["DELETE", `/v1/customers/${customer}`],
        ] as const,
        at,
      ) as [string, string, object | undefined];
      return (await call(verb, path, params, account)).status;
    }),
  },
  {
    weight: 3,
    arbitrary: toAccount("answer a dispute", async (call, account, _, at) => {
      const { body } = await call("GET", "/v1/disputes", undefined, account);
      const dispute = pick(body.data as { id: string }[], at);
      if (dispute === undefined) return null;
      const text = pick(["winning_evidence", "losing_evidence", "escalate_inquiry_evidence", "words"], at);
      const params = at % 5 === 4 ? { metadata: { a: String(at) } } : { evidence: { uncategorized_text: text }, submit: at % 3 !== 0 };
      const path = `/v1/disputes/${dispute.id}${at % 7 === 0 ? "/close" : ""}`;
      return (await call("POST", path, at % 7 === 0 ? {} : params, account)).status;
    }),
  },
  {
    weight: 1,
    arbitrary: toAccount("refund a charge", async (call, account, known, at) => {
      const charge = pick(known.charges.get(account), at);
      if (charge === undefined) return null;
      return (await call("POST", "/v1/refunds", { charge, ...(at % 2 === 0 ? { amount: 100 } : {}) }, account)).status;
    }),
  },
  {
    weight: 2,
    arbitrary: toAccount("set how its balance is paid out", async (call, account, _, at) => {
      const payments = pick(BALANCE_SETTINGS, at);
      return (await call("POST", "/v1/balance_settings", { payments }, account)).status;
    }),
  },
  {
    weight: 3,
    arbitrary: toAccount("open a Checkout Session, and pay or expire it", async (call, account, _, at) => {
      const { status, body } = await call(
        "POST",
        "/v1/checkout/sessions",
        {
          mode: "payment",
          line_items: [{ price_data: { currency: "usd", unit_amount: 1_500, product_data: { name: "Ride" } }, quantity: 1 + (at % 3) }],
          success_url: "https://example.com/done",
          ...(at % 4 === 0 ? { discounts: [{ coupon: "FALL" }] } : {}),
        },
        account,
      );
      if (status !== 200 || at % 5 === 0) return status;
      const id = String(body.id);
      if (at % 5 === 1) return (await call("POST", `/v1/checkout/sessions/${id}/expire`, {}, account)).status;
      const payment_method = pick(["pm_card_visa", "pm_card_chargeDeclined", "pm_card_bypassPending"], at);
      return (await call("POST", `/v1/payment_pages/${id}/confirm`, { payment_method }, account)).status;
    }),
  },
  {
    weight: 2,
    arbitrary: toAccount("charge on the platform, and transfer some of it", async (call, account, _, at) => {
      await call("POST", "/v1/payment_intents", {
        amount: 5_000,
        currency: "usd",
        confirm: true,
        payment_method_types: ["card"],
        payment_method: "pm_card_bypassPending",
      });
      return (await call("POST", "/v1/transfers", { amount: 100 + at, currency: "usd", destination: account })).status;
    }),
  },
  {
    weight: 5,
    arbitrary: toAccount("pay out", async (call, account, known, at) => {
      const { status, body } = await call(
        "POST",
        "/v1/payouts",
        { amount: 100 + at * 50, currency: "usd", ...(at % 4 === 0 ? { method: "instant" } : {}) },
        account,
      );
      if (status === 200) keep(known.payouts, account, body.id);
      return status;
    }),
  },
  {
    weight: 3,
    arbitrary: toAccount("do something to a payout", async (call, account, known, at) => {
      const payout = pick(known.payouts.get(account), at);
      if (payout === undefined) return null;
      const [path, params] = pick(
        [
          [`/v1/payouts/${payout}/cancel`, {}],
          [`/v1/payouts/${payout}/reverse`, {}],
          [`/v1/payouts/${payout}`, { metadata: { a: String(at) } }],
          [`/v1/test_helpers/payouts/${payout}/fail`, { failure_code: "account_closed", at: "now" }],
          [`/v1/test_helpers/payouts/${payout}/fail`, { failure_code: "no_account", at: "after_paid" }],
          [`/v1/test_helpers/payouts/${payout}/pay`, {}],
        ] as const,
        at,
      ) as [string, object];
      return (await call("POST", path, params, account)).status;
    }),
  },
  {
    weight: 1,
    arbitrary: toAccount("reject it, or take that back", async (call, account, _, at) => {
      const reject = at % 2 === 0;
      return (await call("POST", `/v1/accounts/${account}/${reject ? "reject" : "unreject"}`, reject ? { reason: "fraud" } : {})).status;
    }),
  },
  {
    weight: 8,
    arbitrary: fc
      .constantFrom(60, 150, 3_600, 86_400, 3 * 86_400, 15 * 86_400)
      .map((turns): Action => ({ says: `turn the clock by ${turns} seconds`, turns })),
  },
] satisfies fc.WeightedArbitrary<Action>[];

/** A story: things that happen one after another, beginning with an account. */
export const stories = fc
  .tuple(connect, fc.array(fc.oneof(...actions), { minLength: 4, maxLength: 24 }))
  .map(([first, rest]) => [first, ...rest].map((action) => Object.assign(action, { toString: () => action.says })));
