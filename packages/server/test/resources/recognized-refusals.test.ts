import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { client, platformOfItsOwn, refusal, refusals } from "../platform-of-its-own.ts";
import { payableAccount, topUp } from "./money/payable-account.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner();
});
afterAll(() => server.close());

/** The request that causes each refusal. */
interface Story {
  stripe: Stripe;
  /** Acts for a connected account that can be paid out. */
  as: { stripeAccount: string };
  express: string;
  /** A charge of ten dollars, of which four were refunded. */
  charge: string;
  /** A charge of ten dollars. */
  whole: string;
}

async function storyOf(): Promise<Story> {
  const { test: stripe } = await platformOfItsOwn(server);
  const { as } = await payableAccount(server, { stripe });
  await topUp(server, stripe, { amount: 10_000 });
  const { id: express } = await stripe.accounts.create({ type: "express", country: "US" });
  const charged = { amount: 1_000, currency: "usd", source: "tok_visa" };
  const [charge, whole] = [await stripe.charges.create(charged), await stripe.charges.create(charged)];
  await stripe.refunds.create({ charge: charge.id, amount: 400 });
  return { stripe, as, express, charge: charge.id, whole: whole.id };
}

/** Published code compares these messages, in whole or in part. */
const RECOGNIZED: readonly [string, (story: Story) => Promise<unknown>, string][] = [
  [
    "a login link before onboarding",
    ({ stripe, express }) => stripe.accounts.createLoginLink(express),
    "Cannot create a login link for an account that has not completed onboarding.",
  ],
  [
    "what a manual payout consists of",
    async ({ stripe, as }) => {
      await stripe.transfers.create({ amount: 500, currency: "usd", destination: as.stripeAccount });
      const { id } = await stripe.payouts.create({ amount: 500, currency: "usd" }, as);
      return stripe.balanceTransactions.list({ payout: id }, as);
    },
    "Balance transaction history can only be filtered on automatic transfers, not manual.",
  ],
  [
    "a payout of more than there is",
    ({ stripe, as }) => stripe.payouts.create({ amount: 99, currency: "usd" }, as),
    "You have insufficient funds in your Stripe account for this transfer.",
  ],
  [
    "a transfer of more than there is",
    ({ stripe, as }) => stripe.transfers.create({ amount: 99_999, currency: "usd", destination: as.stripeAccount }),
    "You have insufficient available funds in your Stripe account.",
  ],
  [
    "a transfer to an account that cannot have any",
    ({ stripe, express }) => stripe.transfers.create({ amount: 1, currency: "usd", destination: express }),
    "Your destination account needs to have at least one of the following capabilities enabled: transfers, crypto_transfers, legacy_payments",
  ],
  [
    "a refund of more than was paid",
    ({ stripe, whole }) => stripe.refunds.create({ charge: whole, amount: 1_100 }),
    "Refund amount ($11.00) is greater than charge amount ($10.00)",
  ],
  [
    "a refund of more than is left",
    ({ stripe, charge }) => stripe.refunds.create({ charge, amount: 700 }),
    "Refund amount ($7.00) is greater than unrefunded amount on charge ($6.00)",
  ],
  ["a country without accounts", ({ stripe }) => stripe.accounts.create({ country: "CU" }), "CU is not currently supported by Stripe."],
  [
    "a person of an account of which it is not said what it is",
    ({ stripe }) => stripe.accounts.create({ type: "custom", individual: { first_name: "Ada" } }),
    "The `business_type` must be provided when sending either of `individual` or `company` parameters.",
  ],
  [
    "a company of an account of which it was never said what it is",
    ({ stripe, express }) => stripe.accounts.update(express, { company: { name: "Rides" } }),
    "The `business_type` must be provided when sending either of `individual` or `company` parameters.",
  ],
  [
    "an account out of reach",
    ({ stripe }) => stripe.accounts.retrieve("acct_none"),
    "does not have access to account 'acct_none' (or that account does not exist). Application access may have been revoked.",
  ],
  [
    "a call without a key",
    () => client(server, "", { authenticator: async () => undefined } as never).accounts.list(),
    "You did not provide an API key.",
  ],
  ["a key that is none", () => client(server, "sk_test_abcdefghijkl").accounts.list(), "Invalid API Key provided: sk_test_****ijkl"],
  [
    "a key that was used for something else",
    async ({ stripe }) => {
      const again = { idempotencyKey: "once" };
      await stripe.customers.create({ name: "Ada" }, again);
      return stripe.customers.create({ name: "Eve" }, again);
    },
    "Keys for idempotent requests can only be used with the same parameters",
  ],
  [
    "an endpoint without an address",
    ({ stripe }) => stripe.webhookEndpoints.create({ enabled_events: ["*"] } as never),
    "Missing required param: url.",
  ],
  [
    "an endpoint's address without a scheme",
    ({ stripe }) => stripe.webhookEndpoints.create({ url: "rides.example", enabled_events: ["*"] }),
    "Invalid URL: An explicit scheme (such as https) must be provided.",
  ],
  [
    "an endpoint's address that is none",
    ({ stripe }) => stripe.webhookEndpoints.create({ url: "https://", enabled_events: ["*"] }),
    "Not a valid URL",
  ],
  [
    "an endpoint for events of a kind that there is not",
    ({ stripe }) =>
      stripe.webhookEndpoints.create({ url: "https://rides.example", enabled_events: ["account.updated", "ride.ended" as never] }),
    "Invalid enabled_events[1]: must be one of account.application.authorized, account.application.deauthorized, ",
  ],
  [
    "emptying what cannot be empty",
    async ({ stripe }) => {
      const { id } = await stripe.webhookEndpoints.create({ url: "https://rides.example", enabled_events: ["*"] });
      return stripe.webhookEndpoints.update(id, { url: "" });
    },
    "You passed an empty string for 'url'. We assume empty values are an attempt to unset a parameter; however 'url' cannot be unset.",
  ],
  [
    "an event of a connected account, asked for as one's own",
    async ({ stripe, as }) => stripe.events.retrieve((await stripe.events.list({ limit: 1 }, as)).data[0]?.id ?? ""),
    "No such event: 'evt_",
  ],
];

test.each(RECOGNIZED)("%s is refused in the words that code looks for", async (_, call, words) => {
  expect((await refusal(call(await storyOf()))).message).toContain(words);
});

test("an object that a parameter names and is not there is a bad request; one that the path names is not found", async () => {
  const { stripe, as } = await storyOf();
  const { id: customer } = await stripe.customers.create();
  const sent = { amount: 100, currency: "usd" };
  const named: [Promise<unknown>, string][] = [
    [stripe.transfers.create({ ...sent, destination: "acct_none" }), "destination"],
    [stripe.paymentIntents.create({ ...sent, transfer_data: { destination: "acct_none" } }), "transfer_data[destination]"],
    [stripe.paymentIntents.create({ ...sent, payment_method: "pm_none" }), "payment_method"],
    [stripe.payouts.create({ ...sent, destination: "ba_none" }, as), "destination"],
    [stripe.accounts.createExternalAccount(as.stripeAccount, { external_account: "btok_none" }), "external_account"],
    [stripe.customers.list({ starting_after: "cus_none" }), "starting_after"],
  ];
  const bad = await refusals(named.map(([call]) => call));
  expect(bad).toMatchObject(named.map(([, param]) => ({ status: 400, code: "resource_missing", param })));
  const pathed: Promise<unknown>[] = [
    stripe.transfers.retrieve("tr_none"),
    stripe.paymentMethods.attach("pm_none", { customer }),
    stripe.payouts.retrieve("po_none", {}, as),
    stripe.accounts.retrieveExternalAccount(as.stripeAccount, "ba_none"),
  ];
  for (const refused of await refusals(pathed)) expect(refused).toMatchObject({ status: 404, code: "resource_missing" });
});
