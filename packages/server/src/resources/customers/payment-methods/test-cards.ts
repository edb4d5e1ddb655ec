import { apiError } from "@carabiner/protocol";
import type { Threshold } from "../../connected-account/requirements/thresholds.ts";
import type { Fingerprint } from "../../external-accounts/fingerprint.ts";
import type { AddressChecks, Card, Decline, DisputeCause } from "./card.ts";
import { INTERNATIONAL_TEST_CARDS } from "./international-test-cards.ts";

/** A documented card: its number, its names in `tok_…` and `pm_card_…`, and its outcome if that is not success. */
interface TestCard {
  number: string;
  names: readonly string[];
  brand?: string;
  /** Two letters of ISO 3166-1; the United States by default. */
  country?: string;
  funding?: "credit" | "debit" | "prepaid";
  decline?: Decline;
  /** It is declined only if the call gives a security code. */
  declinesCvc?: true;
  declineOffSession?: Decline;
  checks?: AddressChecks;
  savable?: true;
  bypassesPending?: true;
  needsAuthentication?: true;
  setUpForOffSession?: true;
  dispute?: DisputeCause;
  threshold?: Threshold;
}

const declined = (declineCode: string, reason = "Your card was declined."): Decline => ({ error: "card_declined", reason, declineCode });
const FRAUDULENT: DisputeCause = { reason: "fraudulent", caseType: "chargeback", networkReasonCode: "10.4" };
const VELOCITY = declined(
  "card_velocity_exceeded",
  "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
);
const INCORRECT_CVC: Decline = {
  error: "card_cvc_incorrect",
  reason: "Your card's security code is incorrect.",
  declineCode: "incorrect_cvc",
};
const visa = (number: string, ...names: string[]): TestCard => ({ number, names });
const other = (brand: string, number: string, ...names: string[]): TestCard => ({ ...visa(number, ...names), brand });

/**
 * The cards that pay in test mode. Source: https://docs.stripe.com/testing and https://docs.stripe.com/connect/testing
 */
export const PAYMENT_TEST_CARDS: readonly TestCard[] = [
  visa("4242424242424242", "visa", "us"),
  { ...visa("4000056655665556", "visa_debit", "visa_debit_us_transferSuccess"), funding: "debit" },
  visa("4111111111111111"),
  visa("4012888888881881"),
  other("mastercard", "5555555555554444", "mastercard"),
  other("mastercard", "2223003122003222"),
  { ...other("mastercard", "5200828282828210", "mastercard_debit"), funding: "debit" },
  { ...other("mastercard", "5105105105105100", "mastercard_prepaid"), funding: "prepaid" },
  other("amex", "371449635398431", "amex"),
  other("amex", "378282246310005", "amex_threeDSecureNotSupported"),
  other("discover", "6011000990139424", "discover"),
  other("discover", "6011111111111117"),
  { ...other("discover", "6011981111111113"), funding: "debit" },
  other("discover", "6555900000604105"),
  other("diners", "3056930009020004", "diners"),
  other("diners", "30569309025904"),
  other("diners", "36227206271667"),
  other("diners", "38520000023237"),
  other("jcb", "3566002020360505", "jcb"),
  { ...other("jcb", "3530111333300000"), country: "JP" },
  other("unionpay", "6200000000000005", "unionpay"),
  { ...other("unionpay", "6200000000000047"), funding: "debit" },
  other("unionpay", "6205500000000000004"),
  ...Object.entries(INTERNATIONAL_TEST_CARDS).map(([country, number]) => ({ ...visa(number, country.toLowerCase()), country })),
  { ...other("mastercard", "5200007840000022", "ae_mastercard"), country: "AE" },
  { ...visa("4000058260000005", "gb_debit"), country: "GB", funding: "debit" },
  { ...other("mastercard", "5555558265554449", "gb_mastercard"), country: "GB" },
  { ...visa("4000057640000008", "th_debit"), country: "TH", funding: "debit" },
  { ...visa("4000002500001001", "visa_cartesBancaires"), country: "FR" },
  { ...other("mastercard", "5555552500001001", "mastercard_cartesBancaires"), country: "FR" },
  visa("4000000000003055", "threeDSecureOptional"),
  visa("4000000000000093", "domesticPricing"),
  visa("4000000000009235", "riskLevelElevated"),
  visa("4000000000005423", "createIssuerFraudRecord"),
  { ...visa("4000000000000010", "avsFail"), checks: { line1: "fail", postalCode: "fail" } },
  { ...visa("4000000000000028", "avsLine1Fail"), checks: { line1: "fail" } },
  { ...visa("4000000000000036", "avsZipFail"), checks: { postalCode: "fail" } },
  { ...visa("4000000000000044", "avsUnchecked"), checks: { line1: "unavailable", postalCode: "unavailable" } },
  { ...visa("4000000000000101", "cvcCheckFail"), decline: INCORRECT_CVC, declinesCvc: true },
  { ...visa("4000000000000077", "bypassPending"), bypassesPending: true },
  { ...visa("4000003720000278", "bypassPendingInternational"), country: "IE", bypassesPending: true },
  { ...visa("4000000000000002", "chargeDeclined"), decline: declined("generic_decline") },
  {
    ...visa("4000000000009995", "chargeDeclinedInsufficientFunds"),
    decline: declined("insufficient_funds", "Your card has insufficient funds."),
  },
  { ...visa("4000000000009987", "chargeDeclinedLostCard"), decline: declined("lost_card") },
  { ...visa("4000000000009979", "chargeDeclinedStolenCard"), decline: declined("stolen_card") },
  { ...visa("4000000000006975", "chargeDeclinedVelocityLimitExceeded"), decline: VELOCITY },
  { ...visa("4100000000000019", "chargeDeclinedFraudulent", "radarBlock"), decline: declined("fraudulent"), savable: true },
  { ...visa("4000000000004954", "riskLevelHighest"), decline: declined("fraudulent"), savable: true },
  { ...visa("4000000000000341", "chargeCustomerFail"), decline: declined("generic_decline"), savable: true },
  {
    ...visa("4000000000000069", "chargeDeclinedExpiredCard"),
    decline: { error: "card_expired", reason: "Your card has expired.", declineCode: "expired_card" },
  },
  { ...visa("4000000000000127", "chargeDeclinedIncorrectCvc"), decline: INCORRECT_CVC },
  {
    ...visa("4000000000000119", "chargeDeclinedProcessingError"),
    decline: {
      error: "card_processing_error",
      reason: "An error occurred while processing your card. Try again in a little bit.",
      declineCode: "processing_error",
    },
  },
  { ...visa("4000002500003155", "authenticationRequiredOnSetup"), country: "FR", needsAuthentication: true },
  { ...visa("4000002760003184", "authenticationRequired"), country: "DE", needsAuthentication: true },
  {
    ...visa("4000003800000446", "authenticationRequiredSetupForOffSession"),
    country: "IT",
    needsAuthentication: true,
    setUpForOffSession: true,
  },
  { ...visa("4000000000003220", "threeDSecure2Required"), needsAuthentication: true },
  { ...visa("4000000000003063", "threeDSecureRequired"), needsAuthentication: true, declineOffSession: declined("generic_decline") },
  { ...visa("4000000000000259", "createDispute"), dispute: FRAUDULENT },
  {
    ...visa("4000000000002685", "createDisputeProductNotReceived"),
    dispute: { reason: "product_not_received", caseType: "chargeback", networkReasonCode: "13.1" },
  },
  { ...visa("4000000000001976", "createDisputeInquiry"), dispute: { ...FRAUDULENT, caseType: "inquiry", networkReasonCode: "10" } },
  { ...visa("4000000000004202", "triggerNextRequirements", "triggerVerification"), threshold: "next_requirements" },
  { ...visa("4000000000004210", "triggerChargeBlock"), threshold: "charge_block" },
  { ...visa("4000000000004236", "triggerPayoutBlock", "triggerTransferBlock"), threshold: "payout_block" },
];

const BY_NUMBER = new Map(PAYMENT_TEST_CARDS.map((card) => [card.number, card]));
const BY_NAME = new Map(PAYMENT_TEST_CARDS.flatMap((card) => card.names.map((name) => [name, card])));

/** Years until a card without a given date expires. */
const GOOD_FOR_YEARS = 5;

/** What a call says about a card in addition to its number. */
interface CardSaid {
  cvc?: string | undefined;
  exp_month?: number | undefined;
  exp_year?: number | undefined;
}

/** What a card's details depend on in addition to its number. */
interface Looking {
  /** Unix milliseconds. */
  now: number;
  fingerprint: Fingerprint;
}

/** The security code of a card known by its name. */
const NAMED_CVC = "123";

/** The card of a documented `tok_…` or `pm_card_…`; null for any other id. */
export function testCardNamed(id: string, looking: Looking): Card | null {
  const card = cardOfName(id);
  return card === undefined ? null : cardOf(card, { cvc: NAMED_CVC }, looking);
}

/** Whether an id is a documented `tok_…` or `pm_card_…`. */
export const namesTestCard = (id: string): boolean => cardOfName(id) !== undefined;

function cardOfName(id: string): TestCard | undefined {
  const name = /^(?:tok|pm_card)_(\w+)$/.exec(id)?.[1] ?? "";
  return BY_NAME.get(name) ?? BY_NAME.get(name.replace(/^visa_/, ""));
}

/** The test card with a number, which contains only digits; null when there is none. */
export function testCardNumbered(digits: string, said: CardSaid, looking: Looking): Card | null {
  const known = BY_NUMBER.get(digits);
  return known === undefined ? null : cardOf(known, said, looking);
}

/**
 * Looks up the card of a number, which is not stored. Test mode accepts documented numbers. In live mode any number
 * with a valid check digit succeeds. Throws `card_declined` or `card_number_incorrect`.
 */
export function cardNumbered(
  number: string,
  said: CardSaid,
  { livemode, ...looking }: Looking & { livemode: boolean },
  param: string,
): Card {
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
  return cardOf(known ?? visa(digits), said, looking);
}

function cardOf(
  { number, brand, funding, names: _, declinesCvc, decline, ...behaviour }: TestCard,
  said: CardSaid,
  { now, fingerprint }: Looking,
): Card {
  return {
    brand: brand ?? "visa",
    funding: funding ?? "credit",
    country: "US",
    last4: number.slice(-4),
    expMonth: said.exp_month ?? 12,
    expYear: said.exp_year ?? new Date(now).getUTCFullYear() + GOOD_FOR_YEARS,
    fingerprint: fingerprint(`card ${number}`),
    decline: decline === undefined || (declinesCvc && said.cvc === undefined) ? null : decline,
    bypassesPending: false,
    needsAuthentication: false,
    threshold: null,
    ...behaviour,
  };
}

/** Whether a number's last digit is its correct check digit. Source: ISO/IEC 7812-1 */
function isCardNumber(digits: string): boolean {
  if (!/^\d{12,19}$/.test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const doubled = at % 2 === 0 ? Number(digit) : Number(digit) * 2;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}
