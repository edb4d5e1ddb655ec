/**
 * The reasons why a payout fails, with their `failure_message`. The codes are Stripe's; the sentences are ours.
 * Source: https://docs.stripe.com/api/payouts/failures
 */
export const PAYOUT_FAILURES = {
  account_closed: "The bank account has been closed.",
  account_frozen: "The bank account has been frozen.",
  bank_account_restricted: "The bank account does not allow this kind of payout, or not this many.",
  bank_ownership_changed: "The bank account is no longer valid: its branch has changed hands.",
  could_not_process: "The bank could not process this payout.",
  debit_not_authorized: "Debit transactions are not allowed on the bank account.",
  declined: "The bank has declined this payout. Contact the bank before trying again.",
  incorrect_account_holder_address: "The bank has another address on file for the account holder.",
  incorrect_account_holder_name: "The bank has another name on file for the account holder.",
  incorrect_account_holder_tax_id: "The bank has another tax ID on file for the account holder.",
  incorrect_account_type: "The bank account is of another type than it was said to be.",
  insufficient_funds: "The balance does not cover this payout.",
  invalid_account_number: "The routing number seems right, but the account number is not valid.",
  invalid_currency: "The bank account cannot take this currency.",
  no_account: "No bank account was found with these details.",
  unsupported_card: "The card no longer takes payouts.",
} as const satisfies Record<string, string>;

export type PayoutFailureCode = keyof typeof PAYOUT_FAILURES;

/** Every code. */
export const PAYOUT_FAILURE_CODES = Object.keys(PAYOUT_FAILURES) as [PayoutFailureCode, ...PayoutFailureCode[]];

/** Whether a word is one of the codes. */
export function isPayoutFailureCode(word: string): word is PayoutFailureCode {
  return Object.hasOwn(PAYOUT_FAILURES, word);
}
