import { apiError } from "@carabiner/protocol";
import type { Threshold } from "../../connected-account/requirements/thresholds.ts";
import type { Card, Decline } from "./card.ts";

/** A card of the documentation: its number, its names in `tok_…` and `pm_card_…`, and what comes of it where that is not success. */
interface TestCard {
  number: string;
  names: readonly string[];
  brand?: string;
  funding?: "credit" | "debit" | "prepaid";
  decline?: Decline;
  bypassesPending?: true;
  needsAuthentication?: true;
  threshold?: Threshold;
}

const declined = (declineCode: string, reason = "Your card was declined."): Decline => ({ error: "card_declined", reason, declineCode });
const visa = (number: string, ...names: string[]): TestCard => ({ number, names });

/** Source: https://docs.stripe.com/testing and https://docs.stripe.com/connect/testing */
const TEST_CARDS: readonly TestCard[] = [
  visa("4242424242424242", "visa", "us"),
  { ...visa("4000056655665556", "visa_debit", "visa_debit_us_transferSuccess"), funding: "debit" },
  { ...visa("5555555555554444", "mastercard"), brand: "mastercard" },
  { ...visa("5200828282828210", "mastercard_debit"), brand: "mastercard", funding: "debit" },
  { ...visa("5105105105105100", "mastercard_prepaid"), brand: "mastercard", funding: "prepaid" },
  { ...visa("378282246310005", "amex"), brand: "amex" },
  { ...visa("6011111111111117", "discover"), brand: "discover" },
  { ...visa("3056930009020004", "diners"), brand: "diners" },
  { ...visa("3566002020360505", "jcb"), brand: "jcb" },
  { ...visa("6200000000000005", "unionpay"), brand: "unionpay" },
  { ...visa("4000000000000077", "bypassPending"), bypassesPending: true },
  { ...visa("4000000000000002", "chargeDeclined"), decline: declined("generic_decline") },
  {
    ...visa("4000000000009995", "chargeDeclinedInsufficientFunds"),
    decline: declined("insufficient_funds", "Your card has insufficient funds."),
  },
  { ...visa("4000000000009987", "chargeDeclinedLostCard"), decline: declined("lost_card") },
  { ...visa("4000000000009979", "chargeDeclinedStolenCard"), decline: declined("stolen_card") },
  { ...visa("4000000000006975", "chargeDeclinedVelocityLimitExceeded"), decline: declined("card_velocity_exceeded") },
  { ...visa("4100000000000019", "chargeDeclinedFraudulent", "radarBlock"), decline: declined("fraudulent") },
  { ...visa("4000000000000341", "chargeCustomerFail"), decline: declined("generic_decline") },
  {
    ...visa("4000000000000069", "chargeDeclinedExpiredCard"),
    decline: { error: "card_expired", reason: "Your card has expired.", declineCode: null },
  },
  {
    ...visa("4000000000000127", "chargeDeclinedIncorrectCvc"),
    decline: { error: "card_cvc_incorrect", reason: "Your card's security code is incorrect.", declineCode: null },
  },
  {
    ...visa("4000000000000119", "chargeDeclinedProcessingError"),
    decline: {
      error: "card_processing_error",
      reason: "An error occurred while processing your card. Try again in a little bit.",
      declineCode: null,
    },
  },
  { ...visa("4000002500003155", "authenticationRequired", "authenticationRequiredOnSetup"), needsAuthentication: true },
  { ...visa("4000000000003220", "threeDSecure2Required", "threeDSecureRequired"), needsAuthentication: true },
  { ...visa("4000000000004202", "triggerNextRequirements", "triggerVerification"), threshold: "next_requirements" },
  { ...visa("4000000000004210", "triggerChargeBlock"), threshold: "charge_block" },
  { ...visa("4000000000004236", "triggerPayoutBlock", "triggerTransferBlock"), threshold: "payout_block" },
];

const BY_NUMBER = new Map(TEST_CARDS.map((card) => [card.number, card]));
const BY_NAME = new Map(TEST_CARDS.flatMap((card) => card.names.map((name) => [name, card])));

/** How many years a card that names no date is still good for. */
const GOOD_FOR_YEARS = 5;

interface Expiry {
  exp_month?: number | undefined;
  exp_year?: number | undefined;
}

/** The card that a `tok_…` or `pm_card_…` of the documentation stands for; null for any other. `now` is in Unix milliseconds. */
export function testCardNamed(id: string, now: number): Card | null {
  const name = /^(?:tok|pm_card)_(\w+)$/.exec(id)?.[1];
  if (name === undefined) return null;
  const card = BY_NAME.get(name) ?? BY_NAME.get(name.replace(/^visa_/, ""));
  return card === undefined ? null : cardOf(card, {}, now);
}

/**
 * The card a number stands for, which is looked at and forgotten. In test mode a number of the documentation; in live
 * mode any whose last digit is right succeeds. Throws `card_declined` or `card_number_incorrect`.
 */
export function cardNumbered(number: string, expiry: Expiry, { livemode, now }: { livemode: boolean; now: number }, param: string): Card {
  const digits = number.replace(/[ -]/g, "");
  if (!isCardNumber(digits)) throw apiError("card_number_incorrect", { param });
  const known = BY_NUMBER.get(digits);
  if (livemode === (known !== undefined))
    throw apiError(
      "card_declined",
      {
        reason: `Your card was declined. Your request was in ${livemode ? "live" : "test"} mode, but used a ${livemode ? "known test" : "non test"} card.`,
        param,
      },
      { decline_code: livemode ? "live_mode_test_card" : "test_mode_live_card" },
    );
  return cardOf(known ?? visa(digits), expiry, now);
}

function cardOf(
  { number, brand, funding, decline, bypassesPending, needsAuthentication, threshold }: TestCard,
  expiry: Expiry,
  now: number,
): Card {
  return {
    brand: brand ?? "visa",
    funding: funding ?? "credit",
    country: "US",
    last4: number.slice(-4),
    expMonth: expiry.exp_month ?? 12,
    expYear: expiry.exp_year ?? new Date(now).getUTCFullYear() + GOOD_FOR_YEARS,
    decline: decline ?? null,
    bypassesPending: bypassesPending ?? false,
    needsAuthentication: needsAuthentication ?? false,
    threshold: threshold ?? null,
  };
}

/** Whether the last digit of a number is the one that the others call for. Source: ISO/IEC 7812-1 */
function isCardNumber(digits: string): boolean {
  if (!/^\d{12,19}$/.test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const doubled = at % 2 === 0 ? Number(digit) : Number(digit) * 2;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}
