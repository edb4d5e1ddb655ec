import type { ApiErrorName } from "@carabiner/protocol";
import type { JsonObject } from "../../../store/contract/rows.ts";
import type { Threshold } from "../../connected-account/requirements/thresholds.ts";

/** The stored details of a card, never its number. Cards stored by earlier versions lack the optional fields. */
export interface Card {
  brand: string;
  funding: string;
  country: string;
  last4: string;
  expMonth: number;
  expYear: number;
  /** Identical for identical numbers, see `external-accounts/fingerprint.ts`. */
  fingerprint?: string;
  /** The outcome of its charges; null when they succeed. */
  decline: Decline | null;
  /** The outcome of its charges while its holder is absent, if that is not a request for authentication. */
  declineOffSession?: Decline;
  /** The checks of the address that do not pass. */
  checks?: AddressChecks;
  /** It can be saved even though its charges are declined. */
  savable?: boolean;
  /** Funds of its charges are available at once. */
  bypassesPending: boolean;
  /** Its payments require authentication. */
  needsAuthentication: boolean;
  /** The cardholder has already agreed to payments made while absent. */
  setUpForOffSession?: boolean;
  /** The cardholder disputes each charge. */
  dispute?: DisputeCause | null;
  /** The effect of its charges on the account's requirements. */
  threshold: Threshold | null;
}

/** The results of the checks of an address; a check that is not named passes. */
export interface AddressChecks {
  line1?: "fail" | "unavailable";
  postalCode?: "fail" | "unavailable";
}

/** Why a charge is declined. */
export interface Decline {
  error: ApiErrorName & `card_${string}`;
  /** The reason, as the caller sees it. */
  reason: string;
  /**
   * Cards stored by earlier versions have null where it equals the error's code. Source:
   * https://docs.stripe.com/declines/codes
   */
  declineCode: string | null;
}

/** Why and how a charge is disputed. Source: https://docs.stripe.com/testing#disputes */
export interface DisputeCause {
  reason: "fraudulent" | "product_not_received";
  /** An inquiry does not withdraw funds yet. */
  caseType: "chargeback" | "inquiry";
  networkReasonCode: string;
}

/** A payment method: a card with the id that responses use. */
export interface PaymentMethod {
  id: string;
  card: Card;
  /** Its billing details, as `PaymentMethodState` has them. Payments stored by earlier versions lack them. */
  billing?: JsonObject;
}
