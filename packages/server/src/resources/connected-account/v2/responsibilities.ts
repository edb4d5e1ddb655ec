import type Stripe from "stripe";
import type { ControllerProperties } from "../state/controller-properties.ts";

type Responsibilities = Stripe.V2.Core.Account.Defaults.Responsibilities;

/** Who is responsible for an account in v2, from v1's controller properties. */
export function renderResponsibilities({ fees, losses, requirementCollection }: ControllerProperties): Responsibilities {
  return {
    fees_collector: fees === "account" ? "stripe" : fees,
    losses_collector: losses,
    requirements_collector: requirementCollection,
  };
}

/** What v2 lets a platform choose of an account's responsibilities. */
export interface ResponsibilitiesAsked {
  fees_collector: "application" | "application_custom" | "application_express" | "stripe";
  losses_collector: "application" | "stripe";
}

/**
 * The controller properties that correspond to v2's responsibilities and dashboard. They also determine who collects
 * requirements: the platform does if it bears the losses and the account has no dashboard.
 * Source: https://docs.stripe.com/connect/accounts-v2/connected-account-configuration
 */
export function controllerOf(
  { fees_collector, losses_collector }: ResponsibilitiesAsked,
  dashboard: ControllerProperties["dashboard"],
): ControllerProperties {
  return {
    fees: fees_collector === "stripe" ? "account" : fees_collector,
    losses: losses_collector,
    requirementCollection: losses_collector === "application" && dashboard === "none" ? "application" : "stripe",
    dashboard,
  };
}
