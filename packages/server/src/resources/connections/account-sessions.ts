import { apiError } from "@carabiner/protocol";
import type Stripe from "stripe";
import type { TObject, TOptional, TUnsafe } from "typebox";
import { asJson } from "../../operations/as-json.ts";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { operation, type Resource } from "../../operations/operation.ts";
import { flag, hash, optional, params, text } from "../../operations/parameters.ts";
import { seconds } from "../../operations/time-range.ts";
import { accessibleAccount } from "../access/accessible-account.ts";
import { letUserOnboard } from "../account-changes/let-user-onboard.ts";
import { readAccountState } from "../connected-account/state/account-state.ts";
import type { ControllerProperties } from "../connected-account/state/controller-properties.ts";

/** Every embedded component, with its optional features. Source: https://docs.stripe.com/api/account_sessions/object */
const COMPONENTS = {
  account_management: ["disable_stripe_user_authentication", "external_account_collection"],
  account_onboarding: ["disable_stripe_user_authentication", "external_account_collection"],
  balance_report: [],
  balances: [
    "disable_stripe_user_authentication",
    "edit_payout_schedule",
    "external_account_collection",
    "instant_payouts",
    "standard_payouts",
  ],
  disputes_list: [
    "capture_payments",
    "destination_on_behalf_of_charge_management",
    "dispute_management",
    "refund_management",
    "smart_disputes_management",
  ],
  documents: [],
  financial_account: ["disable_stripe_user_authentication", "external_account_collection", "send_money", "transfer_balance"],
  financial_account_transactions: ["card_spend_dispute_management"],
  instant_payouts_promotion: ["disable_stripe_user_authentication", "external_account_collection", "instant_payouts"],
  issuing_card: ["card_management", "card_spend_dispute_management", "cardholder_management", "spend_control_management"],
  issuing_cards_list: [
    "card_management",
    "card_spend_dispute_management",
    "cardholder_management",
    "disable_stripe_user_authentication",
    "spend_control_management",
  ],
  notification_banner: ["disable_stripe_user_authentication", "external_account_collection"],
  payment_details: [
    "capture_payments",
    "destination_on_behalf_of_charge_management",
    "dispute_management",
    "refund_management",
    "smart_disputes_management",
  ],
  payment_disputes: ["destination_on_behalf_of_charge_management", "dispute_management", "refund_management", "smart_disputes_management"],
  payment_method_settings: ["disable_stripe_user_authentication"],
  payments: [
    "capture_payments",
    "destination_on_behalf_of_charge_management",
    "dispute_management",
    "refund_management",
    "smart_disputes_management",
  ],
  payout_details: [],
  payout_reconciliation_report: [],
  payouts: [
    "disable_stripe_user_authentication",
    "edit_payout_schedule",
    "external_account_collection",
    "instant_payouts",
    "standard_payouts",
  ],
  payouts_list: [],
  reporting_chart: [],
  tax_registrations: [],
  tax_settings: [],
  terminal_hardware_orders: [],
  terminal_hardware_shop: [],
} as const satisfies Record<keyof Stripe.AccountSession.Components, readonly string[]>;

type ComponentName = keyof typeof COMPONENTS;
type Feature = (typeof COMPONENTS)[ComponentName][number];
type Features<Name extends ComponentName> = { [One in (typeof COMPONENTS)[Name][number]]: TOptional<TUnsafe<boolean>> };
type ComponentParameters = {
  [Name in ComponentName]: TOptional<TObject<{ enabled: TUnsafe<boolean>; features: TOptional<TObject<Features<Name>>> }>>;
};

const componentParameters = Object.fromEntries(
  Object.entries(COMPONENTS).map(([name, features]) => [
    name,
    optional(
      hash({ enabled: flag(), features: optional(hash(Object.fromEntries(features.map((feature) => [feature, optional(flag())])))) }),
    ),
  ]),
) as unknown as ComponentParameters;

/**
 * Sessions for embedded components. This server does not have such components: a session lists what they would be
 * allowed to do, and its client secret opens nothing.
 * Source: https://docs.stripe.com/api/account_sessions
 */
export const accountSessions: Resource = {
  object: "account_session",
  expandable: {},
  operations: [
    operation({
      method: "POST",
      path: "/v1/account_sessions",
      ownKeysOnly: true,
      params: coversStripeParams<Stripe.AccountSessionCreateParams>()(params({ account: text(), components: hash(componentParameters) })),
      async run(context, { account: id, components: asked }) {
        const { now, ids, livemode, limits } = context;
        const row = await accessibleAccount(context, id);
        const { controller } = readAccountState(row.data);
        if (!Object.values(asked).some((component) => component?.enabled === true))
          throw apiError("account_session_empty", { param: "components" });
        const components = Object.fromEntries(
          Object.entries(COMPONENTS).map(([name, features]) => {
            const component = asked[name as ComponentName];
            const given = (component?.features ?? {}) as Partial<Record<Feature, boolean>>;
            refuseUnlessCollected(given, controller, `components[${name}][features]`);
            const shown = features.map((feature: Feature) => [feature, given[feature] ?? defaultOf(feature, given, controller)]);
            return [name, { enabled: component?.enabled ?? false, features: Object.fromEntries(shown) }];
          }),
        ) as unknown as Stripe.AccountSession.Components;
        if (row.id !== context.account.id) await letUserOnboard(context, row);
        return asJson({
          object: "account_session",
          account: row.id,
          client_secret: `accs_secret__${ids.secret(SECRET_CHARS)}`,
          components,
          expires_at: seconds(now + limits.pageSessionMs),
          livemode,
        } satisfies Stripe.AccountSession);
      },
    }),
  ],
};

/** Random characters of a client secret. */
const SECRET_CHARS = 40;

/** Features that may differ only when the platform collects requirements. */
function refuseUnlessCollected(
  given: Partial<Record<Feature, boolean>>,
  { requirementCollection }: ControllerProperties,
  param: string,
): void {
  if (requirementCollection === "application") return;
  for (const [feature, refused] of [
    ["disable_stripe_user_authentication", true],
    ["external_account_collection", false],
  ] as const)
    if (given[feature] === refused)
      throw apiError("account_session_feature_refused", { value: String(refused), param: `${param}[${feature}]` });
}

/** The default of a feature. Source: same page */
function defaultOf(feature: Feature, given: Partial<Record<Feature, boolean>>, { losses }: ControllerProperties): boolean {
  switch (feature) {
    case "external_account_collection":
    case "capture_payments":
    case "dispute_management":
    case "refund_management":
      return true;
    case "smart_disputes_management":
      return given.dispute_management ?? true;
    case "disable_stripe_user_authentication":
      return given.external_account_collection === false;
    case "edit_payout_schedule":
    case "instant_payouts":
    case "standard_payouts":
      return losses === "stripe";
    default:
      return false;
  }
}
