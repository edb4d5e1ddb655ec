/** Fields of one kind of object that `expand` may name, with spaces between. */
interface StripeExpandable {
  /** Those that hold an id, or a list or an object that is not part of the object itself. */
  readonly ids: string;
  /** Those that hold hashes of the object itself, which are always in full. */
  readonly hashes: string;
}

/**
 * What Stripe expands, for the kinds of object that Connect platforms use. Of hashes within hashes only those are here
 * in which something can be expanded. Source: `x-expandableFields` in Stripe's OpenAPI document, and the types of the
 * `stripe` package.
 */
export const STRIPE_EXPANDABLE: Readonly<Record<string, StripeExpandable>> = {
  account: {
    ids: `company.verification.document.back company.verification.document.front external_accounts individual
      settings.branding.icon settings.branding.logo`,
    hashes: `business_profile capabilities company controller future_requirements groups requirements settings
      tos_acceptance`,
  },
  account_session: {
    ids: "",
    hashes: "components",
  },
  application_fee: {
    ids: "account application balance_transaction charge originating_transaction refunds",
    hashes: "fee_source",
  },
  balance: {
    ids: "",
    hashes: `available connect_reserved instant_available instant_available.net_available instant_available.source_types
      issuing pending refund_and_dispute_prefunding`,
  },
  balance_settings: {
    ids: "",
    hashes: "payments",
  },
  balance_transaction: {
    ids: "source",
    hashes: "fee_details",
  },
  bank_account: {
    ids: "account customer",
    hashes: "future_requirements requirements",
  },
  capability: {
    ids: "account",
    hashes: "future_requirements requirements",
  },
  card: {
    ids: "account customer",
    hashes: "networks",
  },
  charge: {
    ids: `application application_fee balance_transaction customer failure_balance_transaction on_behalf_of
      payment_intent refunds review source_transfer transfer transfer_data.destination`,
    hashes: `billing_details fraud_details outcome payment_method_details presentment_details radar_options shipping
      transfer_data`,
  },
  "checkout.session": {
    ids: `customer discounts.coupon discounts.promotion_code invoice line_items payment_intent payment_link setup_intent
      subscription`,
    hashes: `adaptive_pricing after_expiration automatic_tax branding_settings collected_information consent
      consent_collection currency_conversion custom_fields custom_text customer_details discounts invoice_creation
      managed_payments name_collection optional_items payment_method_configuration_details payment_method_options
      permissions phone_number_collection presentment_details saved_payment_method_options
      shipping_address_collection shipping_cost shipping_options tax_id_collection total_details wallet_options`,
  },
  country_spec: {
    ids: "",
    hashes: "verification_fields",
  },
  coupon: {
    ids: "",
    hashes: "applies_to currency_options",
  },
  customer: {
    ids: "default_source invoice_settings.default_payment_method sources subscriptions tax_ids test_clock",
    hashes: "address cash_balance discount invoice_settings shipping tax",
  },
  dispute: {
    ids: `charge evidence.cancellation_policy evidence.customer_communication evidence.customer_signature
      evidence.duplicate_charge_documentation evidence.receipt evidence.refund_policy evidence.service_documentation
      evidence.shipping_documentation evidence.uncategorized_file payment_intent`,
    hashes: "balance_transactions evidence evidence_details payment_method_details",
  },
  event: {
    ids: "",
    hashes: "data request",
  },
  fee_refund: {
    ids: "balance_transaction fee",
    hashes: "",
  },
  file: {
    ids: "links",
    hashes: "",
  },
  file_link: {
    ids: "file",
    hashes: "",
  },
  item: {
    ids: "price",
    hashes: "adjustable_quantity discounts taxes",
  },
  payment_intent: {
    ids: "application customer latest_charge on_behalf_of payment_method review transfer_data.destination",
    hashes: `amount_details automatic_payment_methods hooks last_payment_error managed_payments next_action
      payment_details payment_method_configuration_details payment_method_options presentment_details processing
      shipping transfer_data`,
  },
  payment_link: {
    ids: "application line_items on_behalf_of transfer_data.destination",
    hashes: "after_completion automatic_tax custom_fields custom_text phone_number_collection transfer_data",
  },
  payment_method: {
    ids: "customer",
    hashes: `acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact billie
      billing_details bizum blik boleto card card_present cashapp crypto custom customer_balance eps fpx giropay
      grabpay ideal interac_present kakao_pay klarna konbini kr_card link mb_way mobilepay multibanco naver_pay
      nz_bank_account oxxo p24 pay_by_bank payco paynow paypal payto pix promptpay radar_options revolut_pay
      samsung_pay satispay scalapay sepa_debit sofort sunbit swish twint upi us_bank_account wechat_pay zip`,
  },
  payment_method_domain: {
    ids: "",
    hashes: "amazon_pay apple_pay google_pay klarna link paypal",
  },
  payout: {
    ids: `application_fee balance_transaction destination failure_balance_transaction original_payout reversed_by`,
    hashes: "trace_id",
  },
  person: {
    ids: `verification.additional_document.back verification.additional_document.front verification.document.back
      verification.document.front`,
    hashes: `additional_tos_acceptances address address_kana address_kanji dob future_requirements registered_address
      relationship requirements us_cfpb_data verification`,
  },
  plan: {
    ids: "product",
    hashes: "tiers transform_usage",
  },
  price: {
    ids: "product",
    hashes: "currency_options custom_unit_amount recurring tiers transform_quantity",
  },
  product: {
    ids: "default_price tax_code",
    hashes: "marketing_features package_dimensions",
  },
  promotion_code: {
    ids: "customer promotion.coupon",
    hashes: "promotion restrictions",
  },
  refund: {
    ids: `balance_transaction charge customer failure_balance_transaction payment_intent payment_method
      source_transfer_reversal transfer_reversal`,
    hashes: "destination_details next_action presentment_details",
  },
  setup_attempt: {
    ids: "application customer on_behalf_of payment_method setup_intent",
    hashes: "payment_method_details setup_error",
  },
  setup_intent: {
    ids: "application customer latest_attempt mandate on_behalf_of payment_method single_use_mandate",
    hashes: `automatic_payment_methods last_setup_error managed_payments next_action payment_method_configuration_details
      payment_method_options`,
  },
  tax_rate: {
    ids: "",
    hashes: "flat_amount",
  },
  token: {
    ids: "",
    hashes: "bank_account card",
  },
  topup: {
    ids: "balance_transaction payment_method",
    hashes: "payment_method_options source",
  },
  transfer: {
    ids: "balance_transaction destination destination_payment reversals source_transaction",
    hashes: "",
  },
  transfer_reversal: {
    ids: "balance_transaction destination_payment_refund source_refund transfer",
    hashes: "",
  },
};
