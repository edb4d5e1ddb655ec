import type Stripe from "stripe";
import type { Carabiner } from "../../../src/index.ts";
import { DEFAULT_LIMITS } from "../../../src/limits.ts";
import type { Platform } from "../../platform-of-its-own.ts";

/** Test numbers of bank accounts in the United States, by the outcome of payouts to them. */
export const BANK_NUMBERS = {
  success: "000123456789",
  noAccount: "000111111116",
  accountClosed: "000111111113",
  insufficientFunds: "000222222227",
  debitNotAuthorized: "000333333335",
  invalidCurrency: "000444444440",
  instantFails: "000888888883",
} as const;

/** A bank account in the United States. */
export const bank = (number: string = BANK_NUMBERS.success): Stripe.AccountCreateExternalAccountParams["external_account"] & object => ({
  object: "bank_account",
  country: "US",
  currency: "usd",
  routing_number: "110000000",
  account_number: number,
});

/** A Custom account that has given all that is asked of it, with its bank account. */
export interface PayableAccount {
  id: string;
  bankId: string;
  /** For calls on its behalf. */
  as: { stripeAccount: string };
}

/**
 * Makes one, and turns the clock until it has been verified. `schedule`: how it is paid out; by hand alone unless told.
 */
export async function payableAccount(
  server: Pick<Carabiner, "clock">,
  { stripe, number, schedule = { interval: "manual" }, more = {} }: PayableOptions,
): Promise<PayableAccount> {
  const made = await stripe.accounts.create({
    type: "custom",
    country: "US",
    business_type: "individual",
    business_profile: { mcc: "5734", url: "https://accessible.stripe.com" },
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
    individual: {
      address: { line1: "address_full_match", city: "Austin", postal_code: "73301", state: "TX" },
      dob: { day: 1, month: 1, year: 1901 },
      email: "jenny@example.com",
      first_name: "Jenny",
      last_name: "Rosen",
      phone: "0000000000",
      ssn_last_4: "0000",
    },
    settings: { payouts: { schedule }, payments: { statement_descriptor: "ROCKET RIDES" } },
    tos_acceptance: { date: 1_700_000_000, ip: "203.0.113.7" },
    ...more,
  });
  const { id: bankId } = await stripe.accounts.createExternalAccount(made.id, { external_account: bank(number) });
  await server.clock.advance({ seconds: 600 });
  return { id: made.id, bankId, as: { stripeAccount: made.id } };
}

export interface PayableOptions {
  stripe: Platform["test"];
  number?: string;
  schedule?: Stripe.AccountCreateParams.Settings.Payouts.Schedule;
  more?: Stripe.AccountCreateParams;
}

/** Funds that are available at once. Returns their amount after Stripe's fee. */
export async function fund(stripe: Stripe, { as }: Pick<PayableAccount, "as">, amount: number, currency = "usd"): Promise<number> {
  const intent = await stripe.paymentIntents.create(
    {
      amount,
      currency,
      confirm: true,
      payment_method: "pm_card_bypassPending",
      expand: ["latest_charge.balance_transaction"],
    },
    as,
  );
  const charge = intent.latest_charge as Stripe.Charge;
  return (charge.balance_transaction as Stripe.BalanceTransaction).net;
}

/** Adds funds to an account by a top-up, and turns the clock until they are there. Returns the top-up. */
export async function topUp(
  server: Pick<Carabiner, "clock">,
  stripe: Stripe,
  params: Partial<Stripe.TopupCreateParams> & { amount: number },
): Promise<Stripe.Topup> {
  const { id } = await stripe.topups.create({ currency: "usd", ...params });
  await server.clock.advance({ seconds: DEFAULT_LIMITS.testTopupArrivalMs / 1_000 });
  return stripe.topups.retrieve(id);
}

/**
 * Turns the clock to ten in the morning, UTC, of the next Monday: what follows is then the same on every day the test
 * runs.
 */
export async function onMonday(server: Pick<Carabiner, "clock">): Promise<number> {
  const DAY = 24 * 3_600;
  const today = Math.floor(server.clock.now() / 1_000 / DAY);
  // The first day of 1970 was a Thursday.
  const monday = today + 1 + ((7 - ((today + 4) % 7)) % 7);
  await server.clock.advance({ to: monday * DAY + 10 * 3_600 });
  return monday * DAY;
}
