import type Stripe from "stripe";
import type { DisputeCause } from "../../customers/payment-methods/card.ts";
import { type MoneyObject, moneyKind } from "../money-object.ts";

export const DISPUTE = moneyKind("dispute", "dispute");

/** The internal state of a dispute. */
export interface DisputeKept {
  /**
   * The account that pays its fee: the platform of a direct charge, if it pays such fees, otherwise the account itself.
   */
  feePayer: string;
}

export type Dispute = MoneyObject<Stripe.Dispute, DisputeKept>;

/**
 * The task that ends a dispute's wait: the bank decides, or the time to respond is over. Its subject is the dispute.
 */
export const DISPUTE_TASK = "dispute";

type Status = Stripe.Dispute.Status;

/** States in which the account has to respond. */
export const OPEN_DISPUTES: readonly Status[] = ["needs_response", "warning_needs_response"];

/** States in which the account can no longer respond. */
export const CLOSED_DISPUTES: readonly Status[] = ["won", "lost", "warning_closed"];

/** Whether a dispute is an inquiry, which has withdrawn nothing. */
export function isInquiry({ status }: Pick<Stripe.Dispute, "status">): boolean {
  return status.startsWith("warning_");
}

/** The bank's decision by the words of the evidence. Source: https://docs.stripe.com/testing#evidence */
export type EvidenceVerdict = "won" | "lost" | "escalated";

const VERDICTS: Readonly<Record<string, EvidenceVerdict>> = {
  winning_evidence: "won",
  losing_evidence: "lost",
  escalate_inquiry_evidence: "escalated",
};

/** The bank's decision on evidence in test mode; null while it is undecided. Only an inquiry can be escalated. */
export function verdictOf(dispute: Pick<Stripe.Dispute, "evidence" | "livemode" | "status">): EvidenceVerdict | null {
  const words = dispute.evidence.uncategorized_text;
  const verdict = dispute.livemode || words === null || !Object.hasOwn(VERDICTS, words) ? null : (VERDICTS[words] ?? null);
  return verdict === "escalated" && !isInquiry(dispute) ? null : verdict;
}

/** Evidence with every field empty. */
export const NO_EVIDENCE: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};

/** Renders a dispute of a card payment. */
export function cardOfDispute(brand: string, { caseType, networkReasonCode }: DisputeCause): Stripe.Dispute.PaymentMethodDetails {
  return { card: { brand, case_type: caseType, network: brand, network_reason_code: networkReasonCode }, type: "card" };
}
