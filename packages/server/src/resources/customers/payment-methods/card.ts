import type { ApiErrorName } from "@carabiner/protocol";
import type { Threshold } from "../../connected-account/requirements/thresholds.ts";

/** What is kept of a card: never its number. Cards kept by earlier versions lack the fields that are optional here. */
export interface Card {
  brand: string;
  funding: string;
  country: string;
  last4: string;
  expMonth: number;
  expYear: number;
  /** The same for the same number, see `external-accounts/fingerprint.ts`. */
  fingerprint?: string;
  /** How a charge of it comes out; null when it succeeds. */
  decline: Decline | null;
  /** It can be saved although its charges are declined. */
  savable?: boolean;
  /** Its charges are available at once. */
  bypassesPending: boolean;
  /** Its holder has to be asked first. */
  needsAuthentication: boolean;
  /** Its holder has already agreed to payments made while they are away. */
  setUpForOffSession?: boolean;
  /** Its holder disputes each charge. */
  dispute?: DisputeCause | null;
  /** What a charge of it makes of what is required of the account. */
  threshold: Threshold | null;
}

/** Why a charge is declined. */
export interface Decline {
  error: ApiErrorName & `card_${string}`;
  /** The reason in the caller's words. */
  reason: string;
  /** Source: https://docs.stripe.com/declines/codes */
  declineCode: string | null;
}

/** Why and how a charge is disputed. Source: https://docs.stripe.com/testing#disputes */
export interface DisputeCause {
  reason: "fraudulent" | "product_not_received";
  /** An inquiry asks before anything is taken back. */
  caseType: "chargeback" | "inquiry";
  networkReasonCode: string;
}

/** A payment method: a card with the id by which an answer names it. */
export interface PaymentMethod {
  id: string;
  card: Card;
}
