import type Stripe from "stripe";
import type { CapabilityName } from "./capabilities.ts";

/** An account's derived state. It is stored as last reported, so that no response changes without an event. */
export interface AccountDerived {
  chargesEnabled: boolean;
  payoutsEnabled: boolean;
  detailsSubmitted: boolean;
  requirements: Stripe.Account.Requirements;
  futureRequirements: Stripe.Account.FutureRequirements;
  /** The requested capabilities, and those that every account of its kind has. */
  capabilities: Partial<Record<CapabilityName, CapabilityDerived>>;
  companyDocument: DocumentDerived;
}

/** The fault of an identity document. */
export interface DocumentDerived {
  details: string | null;
  details_code: string | null;
}

/** The derived state of one capability. */
export interface CapabilityDerived {
  requested: boolean;
  /** Unix milliseconds. */
  requestedAt: number | null;
  status: Stripe.Capability.Status;
  requirements: Stripe.Capability.Requirements;
  futureRequirements: Stripe.Capability.FutureRequirements;
}

/** The derived state of a person. */
export interface PersonDerived {
  requirements: Stripe.Person.Requirements;
  futureRequirements: Stripe.Person.FutureRequirements;
  verification: Pick<Stripe.Person.Verification, "details" | "details_code" | "status">;
  document: DocumentDerived;
  additionalDocument: DocumentDerived;
}

/** Empty requirements. */
export const nothingDue = () => ({
  alternatives: [],
  current_deadline: null,
  currently_due: [],
  disabled_reason: null,
  errors: [],
  eventually_due: [],
  past_due: [],
  pending_verification: [],
});

/** The initial derived state of an account. */
export const underivedAccount = (): AccountDerived => ({
  chargesEnabled: false,
  payoutsEnabled: false,
  detailsSubmitted: false,
  requirements: nothingDue(),
  futureRequirements: nothingDue(),
  capabilities: {},
  companyDocument: { details: null, details_code: null },
});

/** The initial derived state of a person. */
export const underivedPerson = (): PersonDerived => {
  return {
    requirements: nothingDueOfPerson(),
    futureRequirements: nothingDueOfPerson(),
    verification: { details: null, details_code: null, status: "unverified" },
    document: { details: null, details_code: null },
    additionalDocument: { details: null, details_code: null },
  };
};

/** The same without the fields that only accounts and capabilities have. */
const nothingDueOfPerson = () => {
  const { current_deadline: _, disabled_reason: __, ...nothing } = nothingDue();
  return nothing;
};
