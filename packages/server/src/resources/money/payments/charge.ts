import type Stripe from "stripe";
import type { DisputeCause } from "../../customers/payment-methods/card.ts";
import { type MoneyObject, moneyKind } from "../money-object.ts";
import type { TransferAbout } from "../transfers/transfer-about.ts";

export const CHARGE = moneyKind("charge", "charge");

/** The internal state of a charge. */
export interface ChargeKept {
  /** When its funds become available, in Unix milliseconds; null until it is captured. */
  availableOn: number | null;
  bypassesPending: boolean;
  /** The amount already sent on by transfers that name it. */
  transferred: number;
  /** The cardholder disputes it once it is captured. */
  dispute?: DisputeCause;
  /** The data of the transfer that is made from its funds when it is captured. */
  transferAbout?: TransferAbout;
}

/**
 * A charge as Stripe sends it in every version. The official types leave out three fields that code written for Connect
 * reads: the account that receives the funds, the dispute's id, and one for orders, which no longer exist.
 */
export interface ShownCharge extends Stripe.Charge {
  destination: string | null;
  dispute: string | null;
  order: null;
}

export type Charge = MoneyObject<ShownCharge, ChargeKept>;

/** The fields of a charge that are empty by default. */
export const BLANK_CHARGE = {
  amount_captured: 0,
  amount_refunded: 0,
  application: null,
  application_fee: null,
  application_fee_amount: null,
  balance_transaction: null,
  billing_details: {
    address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
    email: null,
    name: null,
    phone: null,
    tax_id: null,
  },
  calculated_statement_descriptor: null,
  captured: false,
  customer: null,
  description: null,
  destination: null,
  dispute: null,
  disputed: false,
  failure_balance_transaction: null,
  failure_code: null,
  failure_message: null,
  fraud_details: {},
  metadata: {},
  on_behalf_of: null,
  order: null,
  outcome: null,
  paid: true,
  payment_intent: null,
  payment_method: null,
  receipt_email: null,
  receipt_number: null,
  receipt_url: null,
  refunded: false,
  review: null,
  shipping: null,
  source: null,
  source_transfer: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  status: "succeeded",
  transfer_data: null,
  transfer_group: null,
} satisfies Partial<ShownCharge>;
