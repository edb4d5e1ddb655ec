import { apiError } from "@carabiner/protocol";

/** The requested type of an account. `none` has individual controller properties. */
export type AccountType = "standard" | "express" | "custom" | "none";

/**
 * The responsibilities for a connected account.
 * Source: https://docs.stripe.com/connect/migrate-to-controller-properties
 */
export interface ControllerProperties {
  /** Who bears losses that the account cannot cover. */
  losses: "stripe" | "application";
  /** Who pays Stripe's fees. */
  fees: "account" | "application" | "application_express" | "application_custom";
  /** Who collects the account's requirements. */
  requirementCollection: "stripe" | "application";
  /** Which of Stripe's dashboards the account can use. */
  dashboard: "full" | "express" | "none";
}

/** The properties of each type. */
export const PROPERTIES_OF_TYPE: Readonly<Record<Exclude<AccountType, "none">, ControllerProperties>> = {
  standard: { losses: "stripe", fees: "account", requirementCollection: "stripe", dashboard: "full" },
  express: { losses: "application", fees: "application_express", requirementCollection: "stripe", dashboard: "express" },
  custom: { losses: "application", fees: "application_custom", requirementCollection: "application", dashboard: "none" },
};

/** The parameters that determine an account's kind. */
export interface KindAsked {
  type?: Exclude<AccountType, "none">;
  controller?: {
    losses?: { payments?: "stripe" | "application" };
    fees?: { payer?: "account" | "application" };
    requirement_collection?: "stripe" | "application";
    stripe_dashboard?: { type?: "full" | "express" | "none" };
  };
}

/**
 * The type and properties of a new account, `standard` by default. Throws `account_type_with_controller` when both are
 * given, and `controller_unsupported` for properties that contradict each other.
 */
export function kindAsked({ type, controller }: KindAsked): { type: AccountType; properties: ControllerProperties } {
  if (controller === undefined) return { type: type ?? "standard", properties: PROPERTIES_OF_TYPE[type ?? "standard"] };
  if (type !== undefined) throw apiError("account_type_with_controller", { param: "controller" });
  const { standard } = PROPERTIES_OF_TYPE;
  const properties: ControllerProperties = {
    losses: controller.losses?.payments ?? standard.losses,
    fees: controller.fees?.payer ?? standard.fees,
    requirementCollection: controller.requirement_collection ?? standard.requirementCollection,
    dashboard: controller.stripe_dashboard?.type ?? standard.dashboard,
  };
  const reason = contradiction(properties);
  if (reason !== null) throw apiError("controller_unsupported", { reason, param: "controller" });
  return { type: "none", properties };
}

/**
 * Whether the platform that creates an account controls it: true for all but `standard` accounts, which control
 * themselves.
 */
export function isControlled(type: AccountType): boolean {
  return type !== "standard";
}

const BEARS = "be liable for negative balances or refunds and chargebacks";

/**
 * Why Stripe refuses a combination, in its own words where these are known. Stripe accepts Express accounts for which
 * it bears the losses and whose user pays the fees, first in previews since 2026-06-24. Carabiner always accepts them.
 */
function contradiction({ losses, fees, requirementCollection, dashboard }: ControllerProperties): string | null {
  const [paid, borne] = [fees === "application", losses === "application"];
  if (requirementCollection === "application" && !(paid && borne && dashboard === "none"))
    return "When controlling requirement collection, the Connect application must also control losses, fees, and specify a dashboard type of `none`.";
  if (dashboard === "express" && paid !== borne)
    return `When \`stripe_dashboard[type]=express\`, your platform must collect fees and ${BEARS}.`;
  if (dashboard === "none" && borne && requirementCollection === "stripe")
    return `When \`stripe_dashboard[type]=none\` and \`requirement_collection=stripe\`, Stripe must ${BEARS}.`;
  if (dashboard === "full" && borne) return `When \`stripe_dashboard[type]=full\`, Stripe must ${BEARS}.`;
  if (dashboard === "full" && paid) return "`fees[payer]=application` is not supported when creating an account with the full dashboard.";
  return null;
}
