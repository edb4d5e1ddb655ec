import type Stripe from "stripe";
import { coversStripeParams } from "../../operations/covers-stripe-params.ts";
import { acceptance, address, files } from "../../operations/identity-parameters.ts";
import {
  choice,
  clearableFile,
  clearableFormatted,
  clearableList,
  clearableText,
  file,
  flag,
  formatted,
  hash,
  integer,
  list,
  metadata,
  optional,
  params,
  text,
  timestamp,
} from "../../operations/parameters.ts";
import { CAPABILITIES, type CapabilityName } from "../connected-account/state/capabilities.ts";
import { bankAccountParameter, externalAccountParameter } from "../external-accounts/external-account-parameters.ts";
import { individualProperties } from "../persons/person-parameters.ts";
import { BUSINESS_TYPES, companyProperties } from "./company-parameters.ts";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"] as const;

/** The purposes of files that an account shows as its own, and of files that a wallet requires. */
export const BRANDING_PURPOSES = ["business_icon", "business_logo"];
const PAYPAY = ["account_requirement", "additional_verification", "identity_document"];

const amount = { amount: integer(0), currency: formatted("currency") };
const signedFiles = { ...files, signer: optional(hash({ person: optional(text()) })) };

const capability = () => optional(hash({ requested: optional(flag()) }));
const capabilities = Object.fromEntries(CAPABILITIES.map((name) => [name, capability()])) as Record<
  CapabilityName,
  ReturnType<typeof capability>
>;

const common = {
  account_token: optional(text()),
  /** An older name of `external_account`, only for a bank account. */
  bank_account: optional(bankAccountParameter()),
  business_profile: optional(
    hash({
      annual_revenue: optional(hash({ ...amount, fiscal_year_end: formatted("date") })),
      estimated_worker_count: optional(integer(0)),
      mcc: optional(formatted("mcc")),
      minority_owned_business_designation: optional(
        list(
          choice([
            "lgbtqi_owned_business",
            "minority_owned_business",
            "none_of_these_apply",
            "prefer_not_to_answer",
            "women_owned_business",
          ]),
        ),
      ),
      monthly_estimated_revenue: optional(hash(amount)),
      name: optional(text()),
      product_description: optional(clearableText(40_000)),
      specified_commercial_transactions_act_url: optional(clearableFormatted("url")),
      support_address: optional(address()),
      support_email: optional(clearableFormatted("email")),
      support_phone: optional(clearableFormatted("phone")),
      support_url: optional(clearableFormatted("url")),
      url: optional(formatted("url")),
    }),
  ),
  business_type: optional(choice(BUSINESS_TYPES)),
  capabilities: optional(hash(capabilities)),
  company: optional(hash(companyProperties)),
  default_currency: optional(formatted("currency")),
  documents: optional(
    hash({
      bank_account_ownership_verification: optional(hash(files)),
      company_license: optional(hash(files)),
      company_memorandum_of_association: optional(hash(files)),
      company_ministerial_decree: optional(hash(files)),
      company_registration_verification: optional(hash(files)),
      company_tax_id_verification: optional(hash(files)),
      proof_of_address: optional(hash(files)),
      proof_of_business_presence: optional(hash(files)),
      proof_of_registration: optional(hash(signedFiles)),
      proof_of_ultimate_beneficial_ownership: optional(hash(signedFiles)),
    }),
  ),
  email: optional(formatted("email", 800)),
  external_account: optional(externalAccountParameter()),
  groups: optional(hash({ payments_pricing: optional(clearableText()) })),
  individual: optional(hash(individualProperties)),
  metadata: optional(metadata()),
  /** An older way to request capabilities: their names. */
  requested_capabilities: optional(clearableList(choice(CAPABILITIES))),
  settings: optional(
    hash({
      bacs_debit_payments: optional(hash({ display_name: optional(text()) })),
      branding: optional(
        hash({
          icon: optional(clearableFile(BRANDING_PURPOSES)),
          logo: optional(clearableFile(BRANDING_PURPOSES)),
          primary_color: optional(formatted("color")),
          secondary_color: optional(formatted("color")),
        }),
      ),
      card_issuing: optional(hash({ tos_acceptance: optional(acceptance()) })),
      card_payments: optional(
        hash({
          decline_on: optional(hash({ avs_failure: optional(flag()), cvc_failure: optional(flag()) })),
          statement_descriptor_prefix: optional(text(10)),
          statement_descriptor_prefix_kana: optional(clearableText(10)),
          statement_descriptor_prefix_kanji: optional(clearableText(10)),
        }),
      ),
      invoices: optional(
        hash({
          default_account_tax_ids: optional(clearableList(text())),
          hosted_payment_method_save: optional(choice(["always", "never", "offer"])),
        }),
      ),
      payments: optional(
        hash({
          statement_descriptor: optional(text(22)),
          statement_descriptor_kana: optional(text(22)),
          statement_descriptor_kanji: optional(text(22)),
        }),
      ),
      payouts: optional(
        hash({
          debit_negative_balances: optional(flag()),
          schedule: optional(
            hash({
              /** A number of days, or `minimum`. */
              delay_days: optional(text(10)),
              interval: optional(choice(["daily", "manual", "monthly", "weekly"])),
              monthly_anchor: optional(integer(1, 31)),
              monthly_payout_days: optional(list(integer(1, 31))),
              weekly_anchor: optional(choice([...DAYS, "saturday", "sunday"])),
              weekly_payout_days: optional(list(choice(DAYS))),
            }),
          ),
          statement_descriptor: optional(text(22)),
        }),
      ),
      paypay_payments: optional(
        hash({
          additional_files: optional(list(file(PAYPAY))),
          goods_type: optional(choice(["digital_content", "other"])),
          site: optional(
            hash({
              accessible: optional(hash({})),
              in_development: optional(hash({ password: text(), username: optional(text()) })),
              restricted: optional(hash({ payment_flow_file: optional(file(PAYPAY)) })),
              type: optional(choice(["accessible", "in_development", "restricted"])),
            }),
          ),
        }),
      ),
      sepa_debit_payments: optional(hash({ creditor_id: optional(text()) })),
      treasury: optional(hash({ tos_acceptance: optional(acceptance()) })),
    }),
  ),
  tos_acceptance: optional(
    hash({
      date: optional(timestamp()),
      ip: optional(formatted("ip")),
      service_agreement: optional(choice(["full", "recipient"])),
      user_agent: optional(text()),
    }),
  ),
};

/** Parameters of an update. Source: https://docs.stripe.com/api/accounts/update */
export const updateAccountParameters = coversStripeParams<Stripe.AccountUpdateParams>()(params(common));

/** Parameters of a creation. Source: https://docs.stripe.com/api/accounts/create */
export const createAccountParameters = coversStripeParams<Stripe.AccountCreateParams>()(
  params({
    ...common,
    controller: optional(
      hash({
        fees: optional(hash({ payer: optional(choice(["account", "application"])) })),
        losses: optional(hash({ payments: optional(choice(["application", "stripe"])) })),
        requirement_collection: optional(choice(["application", "stripe"])),
        stripe_dashboard: optional(hash({ type: optional(choice(["express", "full", "none"])) })),
      }),
    ),
    country: optional(text(2)),
    type: optional(choice(["custom", "express", "standard"])),
  }),
);
