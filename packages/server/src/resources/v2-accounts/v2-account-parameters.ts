import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { date } from "../../operations/identity-parameters.ts";
import {
  choice,
  clearableChoice,
  clearableFile,
  clearableFormatted,
  clearableHash,
  clearableInteger,
  clearableList,
  clearableText,
  flag,
  formatted,
  hash,
  integer,
  json,
  list,
  metadata,
  optional,
  text,
} from "../../operations/parameters.ts";
import { v2PageProperties } from "../../operations/v2-page.ts";
import { BRANDING_PURPOSES } from "../accounts/account-parameters.ts";
import { BUSINESS_TYPES } from "../accounts/company-parameters.ts";
import { CONFIGURATIONS, MERCHANT_CAPABILITIES, type MerchantCapability } from "../connected-account/v2/capability-names.ts";
import { BUSINESS_ID_TYPES } from "../connected-account/v2/id-number-types.ts";
import { LOCALES } from "../connected-account/v2/locales.ts";
import { INCLUDES } from "../connected-account/v2/render-v2-account.ts";
import {
  v2Address,
  v2AddressChange,
  v2Addresses,
  v2Declaration,
  v2Files,
  v2Sides,
  v2SignedFiles,
} from "../connected-account/v2/v2-identity-parameters.ts";
import { accountIndividualProperties } from "../persons/account-person-parameters.ts";
import { createdCustomer, requested, updatedCustomer } from "./customer-parameters.ts";

/** The most numbers that a business may have. */
const NUMBERS = 10;

/** The parts that an answer should include. */
export const include = optional(list(choice(INCLUDES), INCLUDES.length));

const merchantCapabilities = Object.fromEntries(MERCHANT_CAPABILITIES.map((name) => [name, requested()])) as Record<
  MerchantCapability,
  ReturnType<typeof requested>
>;

const amount = () => hash({ currency: formatted("currency"), value: integer(0) });
const descriptors = () => optional(clearableHash({ descriptor: optional(clearableText(22)), prefix: optional(clearableText(10)) }));

/** An address that must be complete, or one with parts to change. */
type AddressParameter = typeof v2Address | typeof v2AddressChange;

const merchantTold = (address: AddressParameter) => ({
  bacs_debit_payments: optional(clearableHash({ display_name: optional(clearableText()) })),
  branding: optional(
    clearableHash({
      icon: optional(clearableFile(BRANDING_PURPOSES)),
      logo: optional(clearableFile(BRANDING_PURPOSES)),
      primary_color: optional(clearableFormatted("color")),
      secondary_color: optional(clearableFormatted("color")),
    }),
  ),
  capabilities: optional(hash(merchantCapabilities)),
  card_payments: optional(
    clearableHash({ decline_on: optional(clearableHash({ avs_failure: optional(flag()), cvc_failure: optional(flag()) })) }),
  ),
  konbini_payments: optional(
    clearableHash({
      support: optional(
        clearableHash({
          email: optional(clearableFormatted("email")),
          hours: optional(
            clearableHash({
              end_time: optional(clearableFormatted("time_of_day")),
              start_time: optional(clearableFormatted("time_of_day")),
            }),
          ),
          phone: optional(clearableFormatted("phone")),
        }),
      ),
    }),
  ),
  mcc: optional(clearableFormatted("mcc")),
  script_statement_descriptor: optional(clearableHash({ kana: descriptors(), kanji: descriptors() })),
  sepa_debit_payments: optional(clearableHash({ creditor_id: optional(clearableText()) })),
  statement_descriptor: descriptors(),
  support: optional(
    clearableHash({
      address: optional(address()),
      email: optional(clearableFormatted("email")),
      phone: optional(clearableFormatted("phone")),
      url: optional(clearableFormatted("url")),
    }),
  ),
});

const recipient = {
  capabilities: optional(
    hash({
      bank_accounts: optional(
        hash({
          ach: requested(),
          fedwire: requested(),
          fps: requested(),
          local: requested(),
          rtp: requested(),
          sepa: requested(),
          swift: requested(),
        }),
      ),
      cards: requested(),
      stripe_balance: optional(hash({ stripe_transfers: requested() })),
    }),
  ),
};

const businessTold = (address: AddressParameter) =>
  clearableHash({
    additional_addresses: optional(v2Addresses(["administrative", "principal_place_of_business"])),
    address: optional(address()),
    annual_revenue: optional(clearableHash({ amount: amount(), fiscal_year_end: formatted("date") })),
    documents: optional(
      clearableHash({
        bank_account_ownership_verification: optional(v2Files()),
        company_license: optional(v2Files()),
        company_memorandum_of_association: optional(v2Files()),
        company_ministerial_decree: optional(v2Files()),
        company_registration_verification: optional(v2Files()),
        company_tax_id_verification: optional(v2Files()),
        primary_verification: optional(v2Sides()),
        proof_of_address: optional(v2Files()),
        proof_of_registration: optional(v2SignedFiles()),
        proof_of_ultimate_beneficial_ownership: optional(v2SignedFiles()),
      }),
    ),
    estimated_worker_count: optional(clearableInteger(0)),
    id_numbers: optional(clearableList(hash({ registrar: optional(text()), type: choice(BUSINESS_ID_TYPES), value: text() }), NUMBERS)),
    monthly_estimated_revenue: optional(clearableHash({ amount: amount() })),
    phone: optional(clearableFormatted("phone")),
    registered_name: optional(clearableText(100)),
    registration_date: optional(date()),
    script_addresses: optional(clearableHash({ kana: optional(address()), kanji: optional(address()) })),
    script_names: optional(
      clearableHash({
        kana: optional(clearableHash({ registered_name: optional(clearableText(100)) })),
        kanji: optional(clearableHash({ registered_name: optional(clearableText(100)) })),
      }),
    ),
    structure: optional(
      clearableChoice([
        "cooperative",
        "free_zone_establishment",
        "free_zone_llc",
        "government_instrumentality",
        "governmental_unit",
        "incorporated_association",
        "incorporated_non_profit",
        "incorporated_partnership",
        "limited_liability_partnership",
        "llc",
        "multi_member_llc",
        "private_company",
        "private_corporation",
        "private_partnership",
        "public_company",
        "public_corporation",
        "public_listed_corporation",
        "public_partnership",
        "registered_charity",
        "single_member_llc",
        "sole_establishment",
        "sole_proprietorship",
        "tax_exempt_government_instrumentality",
        "trust",
        "unincorporated_association",
        "unincorporated_non_profit",
        "unincorporated_partnership",
      ]),
    ),
  });

/** Changes to the data of a business in the v2 API. */
export const businessDetails = businessTold(v2AddressChange);

/** Whether all persons with a role were named. */
export const personsProvided = clearableHash({
  directors: optional(flag()),
  executives: optional(flag()),
  owners: optional(flag()),
  ownership_exemption_reason: optional(
    clearableChoice(["qualified_entity_exceeds_ownership_threshold", "qualifies_as_financial_institution"]),
  ),
});

const identityTold = (business: typeof businessDetails) =>
  hash({
    attestations: optional(
      clearableHash({
        directorship_declaration: optional(v2Declaration()),
        ownership_declaration: optional(v2Declaration()),
        persons_provided: optional(personsProvided),
        representative_declaration: optional(v2Declaration()),
        terms_of_service: optional(
          hash({ account: optional(v2Declaration()), crypto_money_manager: optional(json()), money_manager: optional(json()) }),
        ),
      }),
    ),
    business_details: optional(business),
    country: optional(text(2)),
    entity_type: optional(choice(BUSINESS_TYPES)),
    individual: optional(hash(accountIndividualProperties)),
  });

const profile = clearableHash({
  business_url: optional(clearableFormatted("url")),
  doing_business_as: optional(clearableText()),
  product_description: optional(clearableText(40_000)),
});

const responsibilities = hash({
  fees_collector: choice(["application", "application_custom", "application_express", "stripe"]),
  losses_collector: choice(["application", "stripe"]),
});

const defaults = {
  currency: optional(clearableFormatted("currency")),
  locales: optional(clearableList(choice(LOCALES), LOCALES.length)),
  profile: optional(profile),
  responsibilities: optional(responsibilities),
};

const common = {
  account_token: optional(text()),
  contact_email: optional(clearableFormatted("email", 800)),
  contact_phone: optional(clearableFormatted("phone")),
  dashboard: optional(choice(["express", "full", "none"])),
  display_name: optional(clearableText()),
  include,
  metadata: optional(metadata()),
};

/** Parameters of a creation. Source: https://docs.stripe.com/api/v2/core/accounts/create */
export const createV2AccountParameters = coversStripeParams<Stripe.V2.Core.AccountCreateParams>()(
  hash({
    ...common,
    configuration: optional(
      hash({
        customer: optional(hash(createdCustomer)),
        merchant: optional(hash(merchantTold(v2Address))),
        recipient: optional(hash(recipient)),
      }),
    ),
    defaults: optional(hash(defaults)),
    identity: optional(identityTold(businessTold(v2Address))),
  }),
);

/** Parameters of an update. Source: https://docs.stripe.com/api/v2/core/accounts/update */
export const updateV2AccountParameters = coversStripeParams<Stripe.V2.Core.AccountUpdateParams>()(
  hash({
    ...common,
    configuration: optional(
      hash({
        customer: optional(hash(updatedCustomer)),
        merchant: optional(hash({ ...merchantTold(v2AddressChange), applied: optional(flag()) })),
        recipient: optional(hash({ ...recipient, applied: optional(flag()) })),
      }),
    ),
    defaults: optional(hash({ ...defaults, payout_methods: optional(json()) })),
    identity: optional(identityTold(businessDetails)),
  }),
);

/** Parameters of a list. Source: https://docs.stripe.com/api/v2/core/accounts/list */
export const listV2AccountsParameters = coversStripeParams<Stripe.V2.Core.AccountListParams>()(
  hash({
    ...v2PageProperties,
    applied_configurations: optional(list(choice(CONFIGURATIONS), CONFIGURATIONS.length)),
    closed: optional(flag()),
  }),
);

/** Parameters of a closing. Source: https://docs.stripe.com/api/v2/core/accounts/close */
export const closeV2AccountParameters = coversStripeParams<Stripe.V2.Core.AccountCloseParams>()(
  hash({ applied_configurations: optional(list(choice(CONFIGURATIONS), CONFIGURATIONS.length)) }),
);
