import type Stripe from "stripe";
import { coversStripeParams } from "../../../operations/covers-stripe-params.ts";
import {
  clearableFile,
  clearableText,
  flag,
  hash,
  metadata,
  optional,
  pageProperties,
  params,
  text,
  timeFilter,
} from "../../../operations/parameters.ts";

const long = optional(clearableText(20_000));
const short = optional(clearableText());
const document = optional(clearableFile(["dispute_evidence"]));

/** Evidence that consists of files. */
const documents = {
  cancellation_policy: document,
  customer_communication: document,
  customer_signature: document,
  duplicate_charge_documentation: document,
  receipt: document,
  refund_policy: document,
  service_documentation: document,
  shipping_documentation: document,
  uncategorized_file: document,
};

/** The names of the files among the evidence. */
export const EVIDENCE_FILES: readonly string[] = Object.keys(documents);

const evidence = {
  ...documents,
  access_activity_log: long,
  billing_address: short,
  cancellation_policy_disclosure: long,
  cancellation_rebuttal: long,
  customer_email_address: short,
  customer_name: short,
  customer_purchase_ip: short,
  duplicate_charge_explanation: long,
  duplicate_charge_id: short,
  product_description: long,
  refund_policy_disclosure: long,
  refund_refusal_explanation: long,
  service_date: short,
  shipping_address: short,
  shipping_carrier: short,
  shipping_date: short,
  shipping_tracking_number: short,
  uncategorized_text: long,
};

export const updateDisputeParameters = coversStripeParams<Omit<Stripe.DisputeUpdateParams, "evidence">>()(
  params({
    // The missing parameters belong to programs of the card networks.
    evidence: optional(coversStripeParams<Stripe.DisputeUpdateParams.Evidence>()(hash(evidence), ["appeal", "enhanced_evidence"])),
    metadata: optional(metadata()),
    submit: optional(flag()),
  }),
  ["intended_submission_method"],
);

export const listDisputesParameters = coversStripeParams<Stripe.DisputeListParams>()(
  params({ ...pageProperties, charge: optional(text()), created: optional(timeFilter()), payment_intent: optional(text()) }),
);
