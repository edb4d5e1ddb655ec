/**
 * Fields that contain the object's own hashes, by the object's kind. They are always complete, so `expand` accepts them
 * and changes nothing. Source: `x-expandableFields` in Stripe's OpenAPI document, https://github.com/stripe/openapi
 */
const EMBEDDED: Readonly<Record<string, string>> = {
  account:
    "business_profile capabilities company controller future_requirements groups requirements settings settings.branding tos_acceptance",
  account_session: "components",
  application_fee: "fee_source",
  balance: "available connect_reserved instant_available instant_available.source_types issuing pending refund_and_dispute_prefunding",
  balance_settings: "payments",
  balance_transaction: "fee_details",
  bank_account: "future_requirements requirements",
  capability: "future_requirements requirements",
  card: "networks",
  charge: "billing_details fraud_details outcome payment_method_details presentment_details radar_options shipping transfer_data",
  "checkout.session": `adaptive_pricing after_expiration automatic_tax branding_settings collected_information consent consent_collection
    currency_conversion custom_fields custom_text customer_details discounts invoice_creation managed_payments name_collection
    optional_items payment_method_configuration_details payment_method_options permissions phone_number_collection presentment_details
    saved_payment_method_options shipping_address_collection shipping_cost shipping_options tax_id_collection total_details
    wallet_options`,
  country_spec: "verification_fields",
  coupon: "applies_to currency_options",
  customer: "address cash_balance discount invoice_settings shipping tax",
  dispute: "balance_transactions evidence evidence_details payment_method_details",
  event: "data request",
  item: "adjustable_quantity discounts taxes",
  payment_intent: `amount_details automatic_payment_methods hooks last_payment_error managed_payments next_action payment_details
    payment_method_configuration_details payment_method_options presentment_details processing shipping transfer_data`,
  payment_method: `acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact billie billing_details
    bizum blik boleto card card_present cashapp crypto custom customer_balance eps fpx giropay grabpay ideal interac_present kakao_pay
    klarna konbini kr_card link mb_way mobilepay multibanco naver_pay nz_bank_account oxxo p24 pay_by_bank payco paynow paypal payto pix
    promptpay radar_options revolut_pay samsung_pay satispay scalapay sepa_debit sofort sunbit swish twint upi us_bank_account wechat_pay
    zip`,
  payment_method_domain: "amazon_pay apple_pay google_pay klarna link paypal",
  payout: "trace_id",
  person: `additional_tos_acceptances address address_kana address_kanji dob future_requirements registered_address relationship
    requirements us_cfpb_data verification`,
  plan: "tiers transform_usage",
  price: "currency_options custom_unit_amount recurring tiers transform_quantity",
  product: "marketing_features package_dimensions",
  promotion_code: "promotion restrictions",
  refund: "destination_details next_action presentment_details",
  setup_attempt: "payment_method_details setup_error",
  setup_intent: `automatic_payment_methods last_setup_error managed_payments next_action payment_method_configuration_details
    payment_method_options`,
  tax_rate: "flat_amount",
  topup: "payment_method_options",
};

const FIELDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(EMBEDDED).map(([object, fields]) => [object, new Set(fields.split(/\s+/))]),
);

/**
 * Whether the field at `path` in an object contains one of the object's own hashes: `instant_available.source_types`.
 */
export function isEmbedded(object: string, path: string): boolean {
  return FIELDS.get(object)?.has(path) === true;
}
