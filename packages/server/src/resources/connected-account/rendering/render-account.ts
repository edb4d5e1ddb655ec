import type Stripe from "stripe";
import type { Limits } from "../../../limits.ts";
import { ADDRESS, DATE, DOCUMENT, JAPAN_ADDRESS } from "../../../operations/address.ts";
import { asJson } from "../../../operations/as-json.ts";
import { hashOf, isHash } from "../../../operations/merge-change.ts";
import type { OperationContext } from "../../../operations/operation.ts";
import { seconds } from "../../../operations/time-range.ts";
import { pickGiven, withDefaults, withDefaultsOrNull } from "../../../operations/with-defaults.ts";
import type { AccountRow, Json, JsonObject } from "../../../store/contract/rows.ts";
import { individualOf } from "../requirements/required-fields.ts";
import type { AccountState } from "../state/account-state.ts";
import { type AccountWorld, externalAccountsIn, readAccountWorld } from "../state/account-world.ts";
import { isControlled } from "../state/controller-properties.ts";
import { showsMissingVatNumber } from "../state/countries.ts";
import { defaultCurrencyOf } from "../state/default-currency.ts";
import { debitsNegativeBalances, payoutSchedule } from "../state/payout-schedule.ts";
import { type AccountView, viewOf } from "./account-view.ts";
import { shownBeforeOnboarding } from "./before-onboarding.ts";
import { renderExternalAccount } from "./render-external-account.ts";
import { renderPerson } from "./render-person.ts";
import { statementDescriptors } from "./statement-descriptors.ts";
import { websiteHost } from "./website-host.ts";

/** The mode in which an account is rendered, and the length of its lists. */
interface Shown {
  livemode: boolean;
  limits: Pick<Limits, "externalAccountsShown">;
}

type Showing = Pick<OperationContext, "tx" | "caller" | "account" | "livemode" | "limits">;

/** An account as the caller sees it. */
export async function renderAccount(context: Showing, row: AccountRow): Promise<JsonObject> {
  return renderAccountWorld(context, await readAccountWorld(context.tx, row, context.limits));
}

/** The same for an account whose world is already loaded. */
export async function renderAccountWorld(context: Showing, world: AccountWorld): Promise<JsonObject> {
  return asJson(accountObject(world, await viewOf(context, world), context));
}

/** An account as its events show it: to the platform that controls it, or to anyone. */
export function accountOfEvent(world: AccountWorld, shown: Shown): JsonObject {
  const { type, createdBy } = world.state;
  const full = isControlled(type);
  return asJson(accountObject(world, { controls: full || createdBy !== null, full }, shown));
}

const DECLARATION: Stripe.Account.Company.DirectorshipDeclaration = { date: null, ip: null, user_agent: null };

/** The Account object. Source: https://docs.stripe.com/api/accounts/object */
export function accountObject(world: AccountWorld, view: Omit<AccountView, "creator">, shown: Shown): Stripe.Account {
  const { row, state } = world;
  const { given: told, derived } = state;
  const individual = individualOf(world);
  const waiting = shownBeforeOnboarding(world);
  return {
    id: row.id,
    object: "account",
    business_profile: businessProfile(told.business_profile),
    business_type: (told.business_type as Stripe.Account.BusinessType | undefined) ?? null,
    capabilities:
      waiting?.capabilities ??
      Object.fromEntries(
        Object.entries(derived.capabilities).flatMap(([name, { status }]) => (status === "unrequested" ? [] : [[name, status]])),
      ),
    charges_enabled: derived.chargesEnabled,
    ...(view.full && hasCompany(told) ? { company: company(state) } : {}),
    controller: controller(state, view),
    country: state.country,
    created: seconds(row.created),
    default_currency: defaultCurrencyOf(state),
    details_submitted: derived.detailsSubmitted,
    email: (told.email as string | undefined) ?? null,
    ...(view.full ? { external_accounts: externalAccounts(world, shown) } : {}),
    future_requirements: derived.futureRequirements,
    ...(isHash(told.groups) ? { groups: withDefaults<Stripe.Account.Groups>({ payments_pricing: null }, told.groups) } : {}),
    ...(view.full && individual !== undefined ? { individual: renderPerson(individual, state.country) } : {}),
    metadata: (told.metadata as Stripe.Metadata | undefined) ?? {},
    payouts_enabled: derived.payoutsEnabled,
    requirements: waiting?.requirements ?? derived.requirements,
    settings: settings(state),
    tos_acceptance: {
      ...withDefaults<Stripe.Account.TosAcceptance>({ date: null, ip: null, user_agent: null }, told.tos_acceptance),
      ...pickGiven<Stripe.Account.TosAcceptance>(hashOf(told.tos_acceptance), ["service_agreement"]),
    },
    type: state.type,
  };
}

function externalAccounts(
  world: AccountWorld,
  { livemode, limits }: Shown,
): Stripe.ApiList<Stripe.ExternalAccount> & { total_count: number } {
  const all = externalAccountsIn(world, livemode).reverse();
  return {
    object: "list",
    data: all.slice(0, limits.externalAccountsShown).map(renderExternalAccount),
    has_more: all.length > limits.externalAccountsShown,
    total_count: all.length,
    url: `/v1/accounts/${world.row.id}/external_accounts`,
  };
}

function businessProfile(told: Json | undefined): Stripe.Account.BusinessProfile {
  const from = hashOf(told);
  return {
    ...withDefaults<Stripe.Account.BusinessProfile>(
      {
        annual_revenue: null,
        estimated_worker_count: null,
        mcc: null,
        minority_owned_business_designation: null,
        name: null,
        product_description: null,
        specified_commercial_transactions_act_url: null,
        support_address: null,
        support_email: null,
        support_phone: null,
        support_url: null,
        url: null,
      },
      from,
    ),
    support_address: withDefaultsOrNull(ADDRESS, from.support_address),
    ...pickGiven<Stripe.Account.BusinessProfile>(from, ["monthly_estimated_revenue"]),
  };
}

function controller(
  { type, createdBy, controller: properties }: AccountState,
  { controls }: Pick<AccountView, "controls">,
): Stripe.Account.Controller {
  const by = isControlled(type) || createdBy !== null ? "application" : "account";
  if (!controls) return { type: by };
  return {
    fees: { payer: properties.fees },
    is_controller: true,
    losses: { payments: properties.losses },
    requirement_collection: properties.requirementCollection,
    stripe_dashboard: { type: properties.dashboard },
    type: by,
  };
}

function hasCompany(told: JsonObject): boolean {
  return told.company !== undefined || told.business_type !== undefined;
}

/**
 * Its address is in the account's country unless another country was given. For an individual's account, all people
 * count as named. Recorded answers show both.
 */
function company({ given: { business_type, company: told }, country, derived }: AccountState): Stripe.Account.Company {
  const from = hashOf(told);
  const complete = business_type === "individual";
  const addressKana = withDefaultsOrNull(JAPAN_ADDRESS, from.address_kana);
  const addressKanji = withDefaultsOrNull(JAPAN_ADDRESS, from.address_kanji);
  const addresses = (["administrative_address", "physical_address", "principal_place_of_business"] as const)
    .filter((key) => isHash(from[key]))
    .map((key) => [key, withDefaults(ADDRESS, from[key])]);
  const declarations = (["directorship_declaration", "ownership_declaration", "representative_declaration"] as const)
    .filter((key) => isHash(from[key]))
    .map((key) => [key, withDefaults(DECLARATION, from[key])]);
  return {
    ...withDefaults<Stripe.Account.Company>(
      {
        address: { ...ADDRESS, country },
        directors_provided: complete,
        executives_provided: complete,
        name: null,
        owners_provided: complete,
        phone: null,
        tax_id_provided: false,
      },
      from,
    ),
    ...(showsMissingVatNumber(country) ? { name_kana: null, name_kanji: null, ownership_declaration: null, vat_id_provided: false } : {}),
    verification: { document: { ...withDefaults(DOCUMENT, hashOf(from.verification).document), ...derived.companyDocument } },
    ...(addressKana === null ? {} : { address_kana: addressKana }),
    ...(addressKanji === null ? {} : { address_kanji: addressKanji }),
    ...(Object.fromEntries([...addresses, ...declarations]) as Partial<Stripe.Account.Company>),
    ...(isHash(from.registration_date) ? { registration_date: withDefaults(DATE, from.registration_date) } : {}),
    ...pickGiven<Stripe.Account.Company>(from, [
      "export_license_id",
      "export_purpose_code",
      "name_kana",
      "name_kanji",
      "ownership_exemption_reason",
      "structure",
      "tax_id_registrar",
      "vat_id_provided",
    ]),
  };
}

function settings(state: AccountState): Stripe.Account.Settings {
  const { given: told } = state;
  const from = hashOf(told.settings);
  const payouts = hashOf(from.payouts);
  const { descriptor, prefix } = statementDescriptors(told);
  return {
    bacs_debit_payments: withDefaults({ display_name: null, service_user_number: null }, from.bacs_debit_payments),
    branding: withDefaults<Stripe.Account.Settings.Branding>(
      { icon: null, logo: null, primary_color: null, secondary_color: null },
      from.branding,
    ),
    card_issuing: { tos_acceptance: acceptance(from.card_issuing) },
    card_payments: withDefaults<Stripe.Account.Settings.CardPayments>(
      {
        decline_on: { avs_failure: false, cvc_failure: false },
        statement_descriptor_prefix: prefix,
        statement_descriptor_prefix_kana: null,
        statement_descriptor_prefix_kanji: null,
      },
      from.card_payments,
    ),
    dashboard: {
      display_name: (hashOf(from.dashboard).display_name as string | undefined) ?? derivedName(told),
      timezone: "Etc/UTC",
    },
    invoices: withDefaults<Stripe.Account.Settings.Invoices>(
      { default_account_tax_ids: null, hosted_payment_method_save: "offer" },
      from.invoices,
    ),
    payments: withDefaults<Stripe.Account.Settings.Payments>(
      {
        statement_descriptor: descriptor,
        statement_descriptor_kana: null,
        statement_descriptor_kanji: null,
        statement_descriptor_prefix_kana: null,
        statement_descriptor_prefix_kanji: null,
      },
      from.payments,
    ),
    payouts: {
      debit_negative_balances: debitsNegativeBalances(state),
      schedule: payoutSchedule(state),
      statement_descriptor: (payouts.statement_descriptor as string | undefined) ?? null,
    },
    ...(isHash(from.paypay_payments) ? { paypay_payments: paypay(from.paypay_payments) } : {}),
    sepa_debit_payments: pickGiven<Stripe.Account.Settings.SepaDebitPayments>(hashOf(from.sepa_debit_payments), ["creditor_id"]),
    ...(isHash(from.treasury) ? { treasury: { tos_acceptance: acceptance(from.treasury) } } : {}),
  };
}

/** An account's display name by default: its business name, or its website's host. */
export function derivedName({ business_profile }: JsonObject): string | null {
  const { name, url } = hashOf(business_profile);
  return typeof name === "string" ? name : websiteHost(url);
}

function acceptance(told: Json | undefined): Stripe.Account.Settings.CardIssuing.TosAcceptance {
  const from = hashOf(hashOf(told).tos_acceptance);
  return {
    ...withDefaults<Stripe.Account.Settings.CardIssuing.TosAcceptance>({ date: null, ip: null }, from),
    ...pickGiven<Stripe.Account.Settings.CardIssuing.TosAcceptance>(from, ["user_agent"]),
  };
}

function paypay(from: JsonObject): Stripe.Account.Settings.PaypayPayments {
  const site = hashOf(from.site);
  return {
    ...pickGiven<Stripe.Account.Settings.PaypayPayments>(from, ["additional_files", "goods_type"]),
    ...(isHash(from.site)
      ? {
          site: {
            ...pickGiven<Stripe.Account.Settings.PaypayPayments.Site>(site, ["accessible", "type"]),
            ...(isHash(site.in_development)
              ? {
                  in_development: withDefaults<Stripe.Account.Settings.PaypayPayments.Site.InDevelopment>(
                    { password_provided: false, username: null },
                    site.in_development,
                  ),
                }
              : {}),
            ...(isHash(site.restricted)
              ? {
                  restricted: withDefaults<Stripe.Account.Settings.PaypayPayments.Site.Restricted>(
                    { payment_flow_file: null },
                    site.restricted,
                  ),
                }
              : {}),
          },
        }
      : {}),
  };
}
