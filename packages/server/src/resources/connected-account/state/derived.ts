import type Stripe from "stripe";
import type { CapabilityName } from "./capabilities.ts";

/** What follows for an account from all that is known of it. Kept with it as it was last told, so that no answer changes without an event. */
export interface AccountDerived {
  chargesEnabled: boolean;
  payoutsEnabled: boolean;
  detailsSubmitted: boolean;
  requirements: Stripe.Account.Requirements;
  futureRequirements: Stripe.Account.FutureRequirements;
  /** Those asked for, and those that every account of its kind has. */
  capabilities: Partial<Record<CapabilityName, CapabilityDerived>>;
  companyDocument: DocumentDerived;
}

/** What is wrong with a document of identity. */
export interface DocumentDerived {
  details: string | null;
  details_code: string | null;
}

/** What follows for one capability. */
export interface CapabilityDerived {
  requested: boolean;
  /** Unix milliseconds. */
  requestedAt: number | null;
  status: Stripe.Capability.Status;
  requirements: Stripe.Capability.Requirements;
  futureRequirements: Stripe.Capability.FutureRequirements;
}

/** What follows for a person. */
export interface PersonDerived {
  requirements: Stripe.Person.Requirements;
  futureRequirements: Stripe.Person.FutureRequirements;
  verification: Pick<Stripe.Person.Verification, "details" | "details_code" | "status">;
  document: DocumentDerived;
  additionalDocument: DocumentDerived;
}

const NOTHING_DUE = {
  alternatives: [],
  current_deadline: null,
  currently_due: [],
  disabled_reason: null,
  errors: [],
  eventually_due: [],
  past_due: [],
  pending_verification: [],
};

/** What is required where nothing is. */
export const nothingDue = (): typeof NOTHING_DUE => structuredClone(NOTHING_DUE);

/** What follows for an account of which nothing has been worked out yet. */
export const underivedAccount = (): AccountDerived => ({
  chargesEnabled: false,
  payoutsEnabled: false,
  detailsSubmitted: false,
  requirements: nothingDue(),
  futureRequirements: nothingDue(),
  capabilities: {},
  companyDocument: { details: null, details_code: null },
});

/** What follows for a person of whom nothing has been worked out yet. */
export const underivedPerson = (): PersonDerived => {
  const { current_deadline: _, disabled_reason: __, ...nothing } = nothingDue();
  return {
    requirements: nothing,
    futureRequirements: structuredClone(nothing),
    verification: { details: null, details_code: null, status: "unverified" },
    document: { details: null, details_code: null },
    additionalDocument: { details: null, details_code: null },
  };
};
