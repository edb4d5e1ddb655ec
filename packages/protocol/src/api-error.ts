/** The types of error that clients distinguish. Source: https://docs.stripe.com/api/errors */
export type ApiErrorType = "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";

interface ApiErrorForm {
  status: number;
  type: ApiErrorType;
  /** Stripe's error code, if there is one. */
  code?: string;
  /** The message to the caller. `{name}` is replaced by a value. */
  message: string;
}

const invalid = (code: string | undefined, message: string, status = 400): ApiErrorForm => ({
  status,
  type: "invalid_request_error",
  ...(code === undefined ? {} : { code }),
  message,
});

/**
 * Every request error of this server, in one table. `docs/errors.md` lists the same names, and a test compares. Status,
 * type and code are part of the contract; the text of a message is not.
 */
export const API_ERRORS = {
  // Authentication
  api_key_missing: invalid(
    undefined,
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    401,
  ),
  api_key_invalid: invalid(undefined, "Invalid API Key provided: {key}", 401),
  api_key_expired: invalid("api_key_expired", "Expired API Key provided: {key}", 401),
  platform_api_key_expired: invalid(
    "platform_api_key_expired",
    "The API key provided by your Connect platform has expired: {key}. The account may have been disconnected.",
    401,
  ),
  secret_key_required: invalid(
    "secret_key_required",
    "This API call cannot be made with a publishable API key. Please use a secret API key.",
    403,
  ),
  publishable_key_required: invalid(
    undefined,
    "In live mode this call is made with a publishable key, by the user's browser or app, so that the details do not pass through your server.",
    403,
  ),
  account_invalid: invalid(
    "account_invalid",
    "The provided key '{key}' does not have access to account '{account}' (or that account does not exist). Application access may have been revoked.",
    403,
  ),
  live_streams_too_many: invalid(
    "live_streams_too_many",
    "More than {limit} pages are following what happens here. Close some of them.",
    429,
  ),
  session_missing: invalid("session_missing", "Sign in first: send a secret key or an operator key to POST /console/session.", 401),
  session_ended: invalid("session_ended", "Your session has ended. Sign in again.", 401),
  session_mode_missing: invalid("session_mode_missing", "You are not signed in for {mode} mode. Sign in with a {mode} mode key.", 403),
  session_platform_missing: invalid(
    "session_platform_missing",
    "You are signed in as an operator. Choose a platform: name it in the header Carabiner-Platform.",
  ),
  session_read_only: invalid(
    "session_read_only",
    "You are signed in with the read-only operator key '{key}', so you can read everything and change nothing.",
    403,
  ),
  operator_session_required: invalid(
    "operator_session_required",
    "Only operators of this server see its audit log: sign in to the dashboard with an operator key, or use `carabiner audit list`.",
    403,
  ),
  sign_in_not_encrypted: invalid(
    "sign_in_not_encrypted",
    "Operators use the dashboard over https or from the server's own machine only, and this request was not encrypted. If it held an operator key, revoke that key.",
    403,
  ),
  session_cross_site: invalid(
    "session_cross_site",
    "The request was sent from another site, so it was refused. This server's dashboard is at {url}.",
    403,
  ),
  sign_in_insecure: invalid(
    "sign_in_insecure",
    "Signing in needs https, or a browser on the server's own machine. The public URL of this server is {url}: put a proxy with TLS in front of it, and set its public URL.",
    403,
  ),
  connection_read_only: invalid(
    undefined,
    "Your platform's connection to account '{account}' has the read_only scope, so it cannot make changes. Ask the account to authorize the read_write scope.",
    403,
  ),
  permission_missing: invalid(
    undefined,
    "The provided key '{key}' does not have the required permissions for this endpoint on account '{account}'. Having the {permissions} would allow this request to continue.",
    403,
  ),
  restricted_key_refused: invalid(undefined, "This API call cannot be made with a restricted API key. Please use a secret API key.", 403),
  ephemeral_key_forbidden: invalid(
    undefined,
    "This ephemeral key reaches the customer '{customer}' and nothing else. Use a secret key for other calls.",
    403,
  ),
  own_key_required: invalid(
    undefined,
    "This application does not have the required permissions for this endpoint on account '{account}': use one of the account's own keys.",
    403,
  ),
  live_key_required: invalid(
    undefined,
    "A platform's settings hold in both modes, and can delete live events: change them with a live mode key.",
    403,
  ),
  platform_account_required: invalid(
    "platform_account_required",
    "Only Stripe Connect platforms can work with other accounts. This account has no application. Ask the operator of this server to create a platform.",
  ),

  // The form of a request
  url_not_recognized: invalid(undefined, "Unrecognized request URL ({method}: {path}).", 404),
  url_unknown_to_stripe: invalid(
    undefined,
    "Unrecognized request URL ({method}: {path}). Please see https://docs.stripe.com or we can help at https://support.stripe.com/.",
    404,
  ),
  url_not_here: invalid(
    undefined,
    "Stripe has {method} {path}, and Carabiner does not have it yet. docs/compatibility.md says what is here and what is not.",
    404,
  ),
  url_out_of_scope: invalid(
    undefined,
    "Stripe has {method} {path}, and Carabiner does not: {area} is out of its scope by decision. docs/compatibility.md says what is here and what is not.",
    404,
  ),
  // 421: another server can answer it. Source: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.20
  api_role_missing: invalid(
    undefined,
    "This server has no api role, so it answers no calls and shows no pages. Send {method} {path} to a server that was started with the role api.",
    421,
  ),
  url_without_id: invalid(
    undefined,
    "Unrecognized request URL ({method}: {path}). If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code.",
    404,
  ),
  api_version_invalid: invalid(undefined, "Invalid Stripe API version: {version}"),
  api_version_missing: invalid(
    undefined,
    "Requests to /v2 need a Stripe-Version header, such as 'Stripe-Version: {version}'. The official SDKs send one.",
  ),
  timestamp_invalid: invalid(undefined, "Invalid {param}: must be a time such as '2026-01-31T12:00:00Z', or Unix seconds."),
  page_token_invalid: invalid(undefined, "Invalid {param}: use the next_page_url or previous_page_url of a page of this list."),
  body_too_large: invalid(undefined, "Request body is larger than {limit} bytes.", 413),
  content_type_unsupported: invalid(
    undefined,
    "Unsupported content type: {type}. Send application/x-www-form-urlencoded or application/json.",
    415,
  ),
  content_type_not_json: invalid(
    undefined,
    "Unsupported content type: {type}. Requests to /v2 have JSON bodies: send application/json.",
    415,
  ),
  body_malformed: invalid(undefined, "The request body could not be read: {reason}."),
  request_headers_too_large: invalid(undefined, "The request line and headers are larger than {limit} bytes.", 431),
  request_timeout: invalid(
    undefined,
    "The request did not arrive in time: its headers may take {head} milliseconds, and the whole request {limit}.",
    408,
  ),
  rate_limited: invalid("rate_limit", "Request rate limit exceeded. Try again in {seconds} s.", 429),
  request_malformed: invalid(undefined, "The request could not be read: {reason}."),
  parameter_depth: invalid("parameters_too_deep", "Parameters are nested more than {limit} levels deep: {param}"),
  parameter_count: invalid("parameters_too_many", "The request has more than {limit} parameters."),
  parameter_duplicate: invalid("parameter_duplicate", "The parameter {param} was given more than once."),
  parameter_conflict: invalid("parameter_conflict", "The parameter {param} was given both as a value and as a hash or an array."),
  parameter_name_forbidden: invalid("parameter_unknown", "Received unknown parameter: {param}"),

  // Parameters and objects
  parameter_missing: invalid("parameter_missing", "Missing required param: {param}."),
  parameter_unknown: invalid("parameter_unknown", "Received unknown parameter: {param}"),
  parameters_unknown: invalid("parameter_unknown", "Received unknown parameters: {params}"),
  parameter_not_here: invalid(
    "parameter_unknown",
    "Stripe has the parameter {param} here, and Carabiner does not. docs/compatibility.md says what is here and what is not.",
  ),
  value_not_here: invalid(
    undefined,
    "Invalid {param}: Stripe has '{value}' here, and Carabiner does not. docs/compatibility.md says what is here and what is not.",
  ),
  parameter_invalid_empty: invalid(
    "parameter_invalid_empty",
    "You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter; however '{param}' cannot be unset. You should remove '{param}' from your request or supply a non-empty value.",
  ),
  parameter_invalid_null: invalid(
    "parameter_invalid_empty",
    "You passed null for '{param}', which cannot be unset. You should remove '{param}' from your request or supply a value.",
  ),
  parameter_invalid_integer: invalid("parameter_invalid_integer", "Invalid integer: {value}"),
  parameter_invalid_number: invalid(undefined, "Invalid decimal: {value}"),
  parameter_invalid_boolean: invalid(undefined, "Invalid boolean: {value}"),
  parameter_invalid_string: invalid(undefined, "Invalid string: {value}"),
  parameter_invalid_string_blank: invalid("parameter_invalid_string_blank", "Invalid {param}: must not be blank."),
  parameter_invalid_length: invalid(undefined, "Invalid {param}: must be at most {limit} characters"),
  parameter_invalid_array: invalid(undefined, "Invalid array"),
  parameter_invalid_object: invalid(undefined, "Invalid object"),
  parameter_invalid_enum: invalid(undefined, "Invalid {param}: must be one of {values}"),
  integer_below_minimum: invalid("parameter_invalid_integer", "This value must be greater than or equal to {min}."),
  integer_above_maximum: invalid("parameter_invalid_integer", "This value must be less than or equal to {max}."),
  parameter_out_of_range: invalid(undefined, "Invalid {param}: must be between {min} and {max}"),
  parameter_too_many_items: invalid(undefined, "Invalid {param}: must have at most {limit} items"),
  parameters_exclusive: invalid("parameters_exclusive", "Received both {param} and {other} parameters. Please pass in only one."),
  metadata_too_many_keys: invalid(undefined, "Metadata can have at most {limit} keys."),
  metadata_key_invalid: invalid(undefined, "Metadata keys must be 1 to {limit} characters and contain no square brackets: {key}"),
  metadata_value_too_long: invalid(undefined, "Metadata values can be at most {limit} characters: {key}"),
  email_invalid: invalid("email_invalid", "Invalid email address: {value}"),
  country_unsupported: invalid("country_unsupported", "{value} is not currently supported by Stripe."),
  country_unknown: invalid(
    undefined,
    "Country '{value}' is unknown. Try using a 2-character alphanumeric country code instead, such as 'US', 'EG', or 'GB'. A full list of country codes is available at https://en.wikipedia.org/wiki/ISO_3166-1_alpha-2#Officially_assigned_code_elements",
  ),
  day_invalid: invalid(undefined, "Invalid {param}: {reason}."),
  acceptance_date_invalid: invalid(
    undefined,
    "{what} date is not valid. Dates are expected to be integers, measured in seconds, not in the future, and after 2009.",
  ),
  postal_code_invalid: invalid("postal_code_invalid", "The postal code '{value}' cannot be one of the country {country}."),
  account_country_invalid_state: invalid("account_country_invalid_state", "'{value}' is not a state of the country {country}."),
  account_country_invalid_address: invalid("account_country_invalid_address", "Address for business must match account country"),
  phone_invalid: invalid(undefined, '"{value}" is not a valid phone number'),
  ip_address_invalid: invalid(undefined, "Invalid IP address: {value}"),
  color_invalid: invalid(undefined, "Invalid {param}: must be a colour such as '#635bff', not '{value}'."),
  mcc_invalid: invalid(undefined, "Invalid {param}: '{value}' is not a merchant category code, such as '5734'."),
  date_invalid: invalid(undefined, "Invalid {param}: must be a date such as '2026-12-31', not '{value}'."),
  time_of_day_invalid: invalid(undefined, "Invalid {param}: must be a time of day such as '09:30', not '{value}'."),
  ssn_last_4_invalid: invalid(undefined, "Invalid {param}: must be 4 digits."),
  expand_invalid: invalid(undefined, "This property cannot be expanded ({property})."),
  expand_invalid_in_list: invalid(
    undefined,
    "This property cannot be expanded ({property}). You may want to try expanding 'data.{property}' instead.",
  ),
  expand_too_deep: invalid(undefined, "You cannot expand more than {limit} levels of a property. Property: {property}"),
  resource_missing: invalid("resource_missing", "No such {object}: '{id}'", 404),
  resource_in_other_mode: invalid(
    "resource_missing",
    "No such {object}: '{id}'; a similar object exists in {other} mode, but a {mode} mode key was used to make this request.",
    404,
  ),

  search_query_invalid: invalid(
    undefined,
    'We were unable to parse your search query. Try using the format `metadata["key"]:"value"` to query for metadata or key:"value" to query for other fields.',
  ),
  search_field_unknown: invalid(undefined, "Field `{field}` is an unsupported search field for resource `{resource}`."),
  search_joiners_mixed: invalid(undefined, "A search query cannot combine AND and OR."),
  search_clauses_too_many: invalid(undefined, "A search query can have at most {limit} clauses."),
  search_part_too_short: invalid(undefined, "A part of a text that is searched for must have at least {limit} characters."),
  search_page_invalid: invalid(undefined, "Invalid {param}: it is not a `next_page` of a search."),

  // Endpoints
  url_scheme_missing: invalid("url_invalid", "Invalid URL: An explicit scheme (such as https) must be provided."),
  url_invalid: invalid("url_invalid", "Not a valid URL"),
  url_not_public: invalid(
    undefined,
    "Invalid URL: destination not allowed. URL must be publicly accessible. Consider using a tool like the Stripe CLI to forward events to this machine.",
  ),
  url_https_required: invalid(undefined, 'Invalid URL: {url}. URLs in livemode must begin with "https://"'),
  endpoint_secrets_too_many: invalid(
    undefined,
    "This webhook endpoint already has {limit} signing secrets that have not expired, which is the maximum. Roll the secret with `expire_after` 0, or wait until one expires.",
  ),
  endpoint_account_unsupported: invalid(
    undefined,
    "Account '{account}' cannot have its own webhook endpoints because it has no access to the full Dashboard. Create a Connect endpoint on your platform instead.",
  ),
  event_destination_type_unsupported: invalid(
    undefined,
    "Invalid {param}: this server sends to webhook endpoints only, so the type must be 'webhook_endpoint'.",
  ),
  event_destination_scope_unsupported: invalid(
    undefined,
    "Invalid {param}: '{scope}' is not a scope here. Use '@self', '@accounts', or both for thin events.",
  ),
  event_destination_scope_both: invalid(
    undefined,
    "Invalid {param}: a destination for snapshot events has one scope, '@self' or '@accounts'. Create two, or use event_payload 'thin'.",
  ),
  event_destination_payloads_mixed: invalid(
    undefined,
    "Invalid {param}: '{type}' is a {payload} event, and this destination receives {other} events.",
  ),
  event_destination_all_thin: invalid(
    undefined,
    "Invalid {param}: a destination for thin events cannot select all types with '*'. Name the types.",
  ),
  event_destination_version_thin: invalid(
    undefined,
    "Invalid {param}: thin events have no version. Leave it out, or use event_payload 'snapshot'.",
  ),
  endpoint_limit: invalid(undefined, "You have reached the maximum of {limit} {mode} webhook endpoints."),

  // Accounts
  connect_not_signed_up: invalid(
    undefined,
    "You can only create new accounts if you've signed up for Connect: this key's account has no application.",
  ),
  account_type_with_controller: invalid(
    "parameters_exclusive",
    "You cannot pass both type and controller: an account's type follows from its controller properties.",
  ),
  controller_unsupported: invalid(undefined, "{reason}"),
  account_responsibilities_missing: invalid(
    "parameter_missing",
    "A merchant configuration needs {param}: fees_collector and losses_collector.",
  ),
  account_responsibilities_fixed: invalid(
    undefined,
    "The responsibilities of account '{account}' were set, and cannot be changed any more.",
  ),
  account_dashboard_fixed: invalid(undefined, "Account '{account}' was created with a type, which determines its dashboard."),
  account_country_fixed: invalid(
    undefined,
    "The country of account '{account}' cannot be changed while it has a merchant or recipient configuration.",
  ),
  account_country_of_v1_fixed: invalid(
    undefined,
    "The country of account '{account}' cannot be changed: it was chosen when the account was made through v1.",
  ),
  account_closed: invalid(undefined, "Account '{account}' is closed, and cannot be changed any more."),
  account_configurations_to_close: invalid(
    undefined,
    "To close account '{account}', {param} must name all of its configurations: {configurations}.",
  ),
  account_customer_refused: invalid(undefined, "Account '{account}' cannot become a customer: {reason}."),
  account_not_customer: invalid(
    undefined,
    "Account '{account}' is not a customer: its customer configuration is not applied. Apply it with POST /v2/core/accounts/{account}.",
  ),
  account_parameter_unsupported: invalid(undefined, "This server does not have {param}: {reason}."),
  account_own_update: invalid(
    undefined,
    "You cannot change your own account with this call: it is for accounts connected to your platform.",
  ),
  account_deauthorize_refused: invalid(undefined, "This account cannot be disconnected by its user: {reason}."),
  redirect_uri_https_required: invalid(
    "url_invalid",
    "Invalid {param}: {url}. A redirect URI must begin with https://, or in test mode with http://.",
  ),
  capability_requested_for_it: invalid(
    "not_allowed_on_standard_account",
    "Account '{account}' has access to the full Dashboard, so its capabilities are requested automatically. A platform cannot request '{capability}'.",
  ),
  capability_granted: invalid(
    undefined,
    "The capability '{capability}' of account '{account}' has been granted and can no longer be unrequested.",
  ),
  terms_of_service_own: invalid(
    undefined,
    "You cannot accept the Terms of Service on behalf of account '{account}': the account accepts them itself when Stripe collects its information, as for Standard and Express accounts.",
  ),
  business_type_missing: invalid(
    undefined,
    "The `business_type` must be provided when sending either of `individual` or `company` parameters.",
  ),
  said_by_user: invalid(
    undefined,
    "This application does not have the required permissions for the parameter '{param}' on account '{account}': since an account link or session was created for it, only its user can change this. Create another link.",
    403,
  ),
  requirement_unknown: invalid(undefined, "Invalid {param}: account '{account}' cannot have a requirement named '{value}'."),
  verification_not_begun: invalid(undefined, "No verification of {subject} has started: {reason}."),
  onboarding_incomplete: invalid(undefined, "The onboarding of account '{account}' could not be completed: {reason}."),
  account_link_refused: invalid(undefined, "You cannot create an account link for this account: {reason}."),
  account_session_empty: invalid(undefined, "At least one component must be enabled for an account session."),
  account_session_feature_refused: invalid(
    undefined,
    "{param} can be {value} only for accounts whose requirements your platform collects, such as Custom ones.",
  ),
  login_link_refused: invalid(undefined, "Cannot create a login link for an account that {reason}."),
  redirect_https_required: invalid("url_invalid", "Invalid {param}: Livemode requests must always be redirected via HTTPS."),
  account_delete_refused: invalid(undefined, "This account cannot be deleted: {reason}."),
  account_reject_refused: invalid(undefined, "This account cannot be {what}: {reason}."),

  // Payouts
  balance_insufficient: invalid("balance_insufficient", "You have insufficient available funds in your Stripe account."),
  balance_insufficient_for_payout: invalid(
    "balance_insufficient",
    "You have insufficient funds in your Stripe account for this transfer. Your {balance} balance is too low. You can use the /v1/balance endpoint to view your Stripe balance.",
  ),
  instant_payouts_currency_disabled: invalid(
    "instant_payouts_currency_disabled",
    "Instant payouts are not available in the currency '{currency}'.",
  ),
  instant_payouts_limit_exceeded: invalid(
    "instant_payouts_limit_exceeded",
    "Instant Payouts to bank accounts are only supported for amounts less than or equal to {max}",
  ),
  instant_payouts_unsupported: invalid("instant_payouts_unsupported", "The external account '{id}' is not eligible for instant payouts."),
  not_allowed_on_standard_account: invalid(
    "not_allowed_on_standard_account",
    "Transfers and payouts on behalf of a Standard connected account are not allowed.",
  ),
  payout_cancel_refused: invalid(undefined, "This payout cannot be canceled: {reason}."),
  payout_currency_mismatch: invalid(undefined, "The external account '{id}' takes {theirs}, not {currency}."),
  payout_destination_missing: invalid(undefined, "You don't have any external accounts in that currency ({currency})."),
  payout_reversal_refused: invalid(undefined, "This payout cannot be reversed: {reason}."),
  payout_step_refused: invalid(undefined, "The payout '{id}' cannot be {what}: it is {status}."),
  payouts_not_allowed: invalid("payouts_not_allowed", "Payouts cannot be made: {reason}."),

  // Money
  card_declined: { status: 402, type: "card_error", code: "card_declined", message: "{reason}" },
  card_expired: { status: 402, type: "card_error", code: "expired_card", message: "Your card has expired." },
  card_cvc_incorrect: { status: 402, type: "card_error", code: "incorrect_cvc", message: "Your card's security code is incorrect." },
  card_processing_error: {
    status: 402,
    type: "card_error",
    code: "processing_error",
    message: "An error occurred while processing your card. Try again in a little bit.",
  },
  card_authentication_required: {
    status: 402,
    type: "card_error",
    code: "authentication_required",
    message: "Your card was declined. This transaction requires authentication.",
  },
  amount_too_small: invalid("amount_too_small", "Amount must be at least {min} {currency}"),
  amount_too_large: invalid("amount_too_large", "Amount must be no more than {max}"),
  capture_too_large: invalid(
    "amount_too_large",
    "The payment could not be captured because the requested capture amount is greater than the amount you can capture for this charge: {max} {currency}.",
  ),
  application_fee_needs_account: invalid(
    undefined,
    "You can take an application fee only from a charge on a connected account, made with the Stripe-Account header, or from a charge with transfer_data[destination].",
  ),
  application_fee_too_large: invalid("amount_too_large", "The application fee must be no more than {max}, the amount it is taken from."),
  charges_not_enabled: invalid(
    undefined,
    "Account '{account}' cannot currently make {mode} charges: it needs the card_payments capability {needs}.",
  ),
  transfers_capability_missing: invalid(
    "insufficient_capabilities_for_transfer",
    "Your destination account needs to have at least one of the following capabilities enabled: transfers, crypto_transfers, legacy_payments",
  ),
  transfer_to_self: invalid(undefined, "Cannot transfer to your own account, or to one that is not connected to yours."),
  transfer_source_too_small: invalid(
    undefined,
    "Cannot use {charge} as the source_transaction of a transfer of {amount}: only {left} of it is left to transfer.",
  ),
  transfer_source_unusable: invalid(undefined, "Cannot use {charge} as the source_transaction of a transfer: {reason}."),
  reversal_too_large: invalid(undefined, "Reversal amount ({amount}) is greater than what is left of the transfer ({left})."),
  transfer_already_reversed: invalid("transfer_already_reversed", "Transfer {transfer} is already fully reversed."),
  charge_already_refunded: invalid("charge_already_refunded", "Charge {charge} has already been refunded."),
  client_secret_wrong: invalid(undefined, "The client_secret provided does not match the client_secret associated with the {object}."),
  transfer_group_given: invalid(undefined, "Charge {charge} has a transfer_group, which cannot be replaced."),
  charge_already_captured: invalid("charge_already_captured", "Charge {charge} has already been captured."),
  charge_not_refundable: invalid(undefined, "Charge {charge} cannot be refunded: {reason}."),
  refund_too_large: invalid(undefined, "Refund amount ({amount}) is greater than {whole} ({left})"),
  refund_has_nothing_to_reverse: invalid(undefined, "Charge {charge} has no {what} to reverse."),
  refund_not_cancelable: invalid(undefined, "Refund {refund} has {status} and cannot be canceled."),
  fee_already_refunded: invalid(undefined, "Application fee {fee} has already been refunded."),
  payment_method_attached: invalid(undefined, "The payment method you provided has already been attached to a customer."),
  payment_method_not_attached: invalid(
    undefined,
    "The payment method you provided is not attached to a customer so detachment is impossible.",
  ),
  payment_method_not_attachable: invalid(
    undefined,
    "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.",
  ),
  payment_method_not_saved: invalid(undefined, "You must save this PaymentMethod to a customer before you can update it."),
  payment_method_consumed: invalid(
    undefined,
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.",
  ),
  payment_method_needs_customer: invalid(
    undefined,
    "The payment method supplied ({id}) belongs to the Customer {customer}. Please include the Customer in the `customer` parameter on the {object}.",
  ),
  payment_method_of_other_customer: invalid(
    undefined,
    "The PaymentMethod {id} does not belong to the Customer you supplied {customer}. Please use this PaymentMethod with the Customer that it belongs to instead.",
  ),
  customer_token_needs_account: invalid(
    undefined,
    "A customer's card becomes a token of a connected account: name that account with the Stripe-Account header.",
  ),
  payment_method_clone_needs_account: invalid(
    undefined,
    "A PaymentMethod is copied to a connected account: name that account with the Stripe-Account header.",
  ),
  customer_max_payment_methods: invalid(
    "customer_max_payment_methods",
    "A customer has at most {limit} payment methods. Detach some before you attach others.",
  ),
  customer_is_account: invalid(
    undefined,
    "Customer '{customer}' is account '{account}', and cannot be deleted alone. Close the account, which deletes the customer with it.",
  ),
  customer_tax_location_invalid: invalid(
    "customer_tax_location_invalid",
    "The location of the customer is not known well enough to calculate taxes: neither its shipping address nor the address of its identity has a country, with a state or postal code in Canada and the United States.",
  ),
  customer_without_payment_method: invalid(
    "resource_missing",
    "The customer does not have a payment method with the ID {id}. The payment method must be attached to the customer.",
  ),
  customer_source_missing: invalid("missing", "Customer {customer} does not have a linked source with ID {id}.", 404),
  customer_without_card: {
    status: 402,
    type: "card_error",
    code: "missing",
    message: "Cannot charge a customer that has no active card",
  },
  source_is_payment_method: invalid(
    undefined,
    "You cannot use a PaymentMethod as a source for Customers. Instead, use the PaymentMethods API to Attach a Customer to a PaymentMethod.",
  ),
  setup_intent_without_method: invalid(
    "setup_intent_unexpected_state",
    "You cannot confirm this SetupIntent because it's missing a payment method. You can either update the SetupIntent with a payment method and then confirm it again, or confirm it again directly with a payment method.",
  ),
  setup_intent_already_succeeded: invalid(
    "setup_intent_unexpected_state",
    "You cannot {action} this SetupIntent because it has already succeeded.",
  ),
  setup_intent_already_canceled: invalid(
    "setup_intent_unexpected_state",
    "You cannot {action} this SetupIntent because it has been canceled.",
  ),
  setup_intent_not_cancelable: invalid(
    "setup_intent_unexpected_state",
    "You cannot cancel this SetupIntent because it has a status of {status}. Only a SetupIntent with one of the following statuses may be canceled: {statuses}.",
  ),
  payment_method_missing: invalid(
    "parameter_missing",
    "You cannot confirm this PaymentIntent because it's missing a payment method. Pass one with payment_method or payment_method_data.",
  ),
  payment_intent_unexpected_state: invalid(
    "payment_intent_unexpected_state",
    "You cannot {action} this PaymentIntent because it has a status of {status}. Only a PaymentIntent with one of the following statuses may be {done}: {statuses}.",
  ),
  payment_intent_already_succeeded: invalid(
    "payment_intent_unexpected_state",
    "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.",
  ),
  payment_intent_already_captured: invalid(
    "payment_intent_unexpected_state",
    "This PaymentIntent could not be captured because it has already been captured.",
  ),
  payment_intent_not_capturable: invalid(
    "payment_intent_unexpected_state",
    "This PaymentIntent could not be captured because it has a status of {status}. Only a PaymentIntent with one of the following statuses may be captured: {statuses}.",
  ),
  payment_intent_not_updatable: invalid(
    "payment_intent_unexpected_state",
    "This PaymentIntent's {param} could not be updated because it has a status of {status}. You may only update the {param} of a PaymentIntent with one of the following statuses: {statuses}.",
  ),
  charge_of_payment_intent: invalid("charge_invalid_parameter", "This charge belongs to the PaymentIntent {intent}. Capture that instead."),
  charge_disputed: invalid("charge_disputed", "Charge {charge} has been charged back; cannot issue a refund."),
  charge_not_disputed: invalid(undefined, "No dispute for charge: {charge}", 404),
  dispute_closed: invalid(undefined, "This dispute is already closed"),
  dispute_evidence_missing: invalid(undefined, "There is no evidence to submit. Give some with evidence."),
  dispute_evidence_too_long: invalid(undefined, "The evidence of a dispute may have {max} characters in all."),
  topup_not_cancelable: invalid(undefined, "Top-up {topup} has {status} and cannot be canceled."),
  payout_not_automatic: invalid(undefined, "Balance transaction history can only be filtered on automatic transfers, not manual."),

  account_permission_missing: invalid(
    undefined,
    "This application does not have the required permissions for this endpoint on account '{account}'.",
    403,
  ),

  // People
  person_limit: invalid(undefined, "You have reached the maximum of {limit} people for one account."),
  person_in_other_mode: invalid(undefined, "This account was created in {mode} mode. Create its people in {mode} mode too."),
  person_representative_taken: invalid(
    undefined,
    "The account already has a representative, '{person}'. Set its relationship[representative] to false first.",
  ),
  person_delete_refused: invalid(undefined, "Person '{person}' cannot be deleted: {reason}."),
  person_too_young: invalid(undefined, "Must be at least {years} years of age to use Stripe"),

  // Files
  upload_malformed: invalid(undefined, "The upload could not be read: {reason}."),
  upload_missing: invalid(
    "parameter_missing",
    "Invalid {param}: send the file itself, as a part of multipart/form-data that has a file name.",
  ),
  file_not_linkable: invalid(undefined, "Invalid {param}: files for {purpose} cannot be linked to."),
  file_empty: invalid(undefined, "Invalid {param}: the file is empty."),
  file_too_large: invalid("file_too_large", "Invalid {param}: a file for {purpose} can have at most {limit} bytes."),
  file_type_invalid: invalid(
    "file_type_invalid",
    "Invalid {param}: a file for {purpose} must be one of {types}. The file's content decides, not its name.",
  ),
  file_image_unreadable: invalid(
    undefined,
    "Invalid {param}: the file begins as a {type} image, but where such an image has its width and height there are none. It may be damaged.",
  ),
  file_dimensions_invalid: invalid(undefined, "Invalid {param}: the image must be at most {limit} by {limit} pixels."),

  // Tokens
  token_content_missing: invalid("parameter_missing", "You must specify what the token is for: one of {kinds}."),
  token_already_used: invalid("token_already_used", "You cannot use a Stripe token more than once: {id}."),
  token_expired: invalid("token_expired", "Token '{id}' has expired. Create another one."),
  token_of_other_type: invalid(undefined, "Invalid {param}: '{id}' is a token for {type}, but {types} is required."),

  // External accounts
  external_accounts_forbidden: invalid(
    undefined,
    "This application does not have the required permissions for this endpoint on account '{account}': {reason}.",
    403,
  ),
  external_account_limit: invalid(undefined, "An account can have at most {limit} bank accounts and cards in {mode} mode."),
  external_account_delete_refused: invalid(
    undefined,
    "You cannot delete the default external account for {what}. Please make another external account the default using the `default_for_currency` param, and then delete this one.",
  ),
  account_number_invalid: invalid("account_number_invalid", "The bank account number provided is invalid: {reason}."),
  account_number_not_test: invalid(
    "account_number_invalid",
    "You must use a test bank account number in test mode. Try {example}; docs/test-values.md lists them all.",
  ),
  routing_number_invalid: invalid("routing_number_invalid", "The bank routing number provided is invalid: {reason}."),
  bank_account_unusable: invalid(
    "bank_account_unusable",
    "This bank account or card cannot be used because a payout to it failed. Update it, or use another one.",
  ),
  currency_unsupported: invalid(undefined, "Currency '{value}' is unknown or not supported."),
  currency_invalid: invalid(undefined, "Invalid currency: {value}. These currencies are supported: {currencies}"),
  invalid_card_type: invalid("invalid_card_type", "You cannot pay out to this card: it must be a debit card that is not prepaid."),
  card_number_incorrect: { status: 402, type: "card_error", code: "incorrect_number", message: "Your card number is incorrect." },
  card_number_not_test: {
    status: 402,
    type: "card_error",
    code: "card_declined",
    message: "Your card was declined. Your request was in test mode, but used a non test card; docs/test-values.md lists test cards.",
  },
  card_expiry_month_invalid: {
    status: 402,
    type: "card_error",
    code: "invalid_expiry_month",
    message: "Your card's expiration month is invalid.",
  },
  card_expiry_year_invalid: {
    status: 402,
    type: "card_error",
    code: "invalid_expiry_year",
    message: "Your card's expiration year is invalid.",
  },

  // Catalogue
  object_already_exists: invalid("resource_already_exists", "{object} already exists."),
  parameter_missing_either: invalid("parameter_missing", "You must provide one of {param} or {other}."),
  percent_off_invalid: invalid(undefined, "Invalid {param}: must be greater than 0 and at most 100."),
  duration_in_months_unneeded: invalid(undefined, "You can pass {param} only if duration is repeating."),
  timestamp_in_past: invalid(undefined, "Invalid {param}: must be in the future."),
  promotion_code_invalid: invalid(undefined, "Invalid {param}: a code is made of letters, digits and dashes."),
  promotion_code_taken: invalid(undefined, "An active promotion code with `code: {code}` already exists."),
  product_has_prices: invalid(undefined, "This product cannot be deleted because it has one or more user-created prices: {product}."),
  price_of_other_product: invalid(undefined, "Invalid {param}: the price {price} belongs to the product {product}."),
  lookup_key_taken: invalid(undefined, "A price (`{price}`) already uses that lookup key."),
  tiers_unneeded: invalid(undefined, "You can pass {param} only if billing_scheme is tiered."),
  tax_behavior_fixed: invalid(undefined, "Invalid {param}: once it has been set to exclusive or inclusive, it cannot be changed."),

  // Checkout
  checkout_mode_unsupported: invalid(
    undefined,
    "Invalid {param}: Checkout Sessions in {mode} mode are not here: billing is out of scope. docs/compatibility.md says what is here and what is not.",
  ),
  checkout_price_recurring: invalid(
    undefined,
    "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.",
  ),
  checkout_price_inactive: invalid(undefined, "The price specified is inactive. This field only accepts active prices."),
  checkout_price_open: invalid(undefined, "The price specified has no fixed amount: a customer cannot choose one here."),
  checkout_currencies_differ: invalid(undefined, "All prices on a Checkout Session must have the same currency: {currency}."),
  checkout_line_items_unneeded: invalid(undefined, "You can not pass `line_items` in `setup` mode."),
  checkout_unneeded: invalid(undefined, "You can not pass `{param}` in `{mode}` mode."),
  checkout_not_expirable: invalid(
    undefined,
    'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `{status}`.',
  ),
  checkout_not_open: invalid(undefined, "This Checkout Session is no longer open: it has a status of `{status}`."),
  checkout_amount_unexpected: invalid(undefined, "The amount to pay is {amount}, and not the {expected} that were expected."),
  checkout_authentication: {
    status: 402,
    type: "card_error",
    code: "authentication_required",
    message: "This card asks its holder to authenticate, which the page cannot do. Use another card.",
  },
  checkout_discount_late: invalid(undefined, "A code can be applied only before the first attempt to pay."),
  domain_name_invalid: invalid(undefined, "Invalid {param}: '{value}' is not a domain name."),
  coupon_invalid: invalid(undefined, "The {object} '{id}' cannot be redeemed: {reason}."),

  // Events
  event_type_unknown: invalid(undefined, "Invalid {param}: unknown event type '{type}'."),
  event_type_reserved: invalid(undefined, "Invalid {param}: only the server records '{type}' events. You cannot publish one."),
  event_object_invalid: invalid(undefined, "Invalid {param}: must be a hash with an 'object' key that names its type."),
  event_id_invalid: invalid(undefined, "Invalid {param}: must be 'evt_' followed by 8 to 64 letters, digits or underscores."),
  event_id_taken: invalid("resource_already_exists", "An event with the id '{id}' already exists and differs from this one."),
  event_in_other_mode: invalid(
    undefined,
    "The event is of {other} mode, but a {mode} mode key was used. Use a key of the event's mode, or leave {param} out.",
  ),
  event_account_differs: invalid(
    undefined,
    "The event happened on account '{account}', but the request is made for '{acting}'. Leave {param} out to publish it there.",
  ),
  event_not_owed: invalid(undefined, "Event '{event}' cannot be sent to endpoint '{endpoint}': {reason}."),
  resend_job_status: invalid(undefined, "Resend job '{job}' is {status}: it cannot be paused, resumed or canceled like this."),
  resend_jobs_too_many: invalid(
    undefined,
    "{limit} resend jobs of this account are running in this mode, which is the most. Wait for one to end, or cancel one.",
    429,
  ),
  delivery_not_quarantined: invalid(undefined, "Delivery '{delivery}' cannot be released: it is {state}, not quarantined."),

  // Sessions of the official CLI
  listen_sessions_too_many: invalid(
    undefined,
    "There are {limit} `stripe listen` and `stripe logs tail` sessions of this account open in {mode} mode, which is the most. End one first.",
    429,
  ),
  listen_feature_unsupported: invalid(
    undefined,
    "Invalid {param}: this server sends snapshot events, thin events and request logs. Use a newer Stripe CLI, or leave out flags that ask for something else.",
  ),
  listen_filter_invalid: invalid(undefined, "Invalid {param}: {reason}."),
  listen_unavailable: invalid(
    undefined,
    "Listening is switched off on this server: `stripe listen` and `stripe logs tail` do not work here.",
    403,
  ),

  // Idempotency
  idempotency_key_too_long: invalid(undefined, "Idempotency keys can be at most {limit} characters."),
  idempotency_mismatch: {
    status: 400,
    type: "idempotency_error",
    message:
      "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '{key}' if you meant to execute a different request.",
  },
  idempotency_key_in_use: invalid(
    "idempotency_key_in_use",
    "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): {key}. Please try again later.",
    409,
  ),

  // Test helpers
  test_helper_live: invalid(undefined, "Test helpers work in test mode: use a test mode key.", 403),
  clock_backwards: invalid(undefined, "Invalid {param}: the clock only moves forward, and it is at {now}."),
  clock_unavailable: invalid(undefined, "This server runs on real time, so its clock cannot be advanced.", 404),

  // Operators
  operator_key_missing: invalid(
    undefined,
    "You did not provide an operator key. Send it in the Authorization header, as 'Authorization: Bearer op_…'.",
    401,
  ),
  operator_key_invalid: invalid(undefined, "Invalid operator key provided: {key}", 401),
  operator_key_expired: invalid("api_key_expired", "Expired operator key provided: {key}", 401),
  operator_read_only: invalid(undefined, "The operator key '{key}' is read-only, so it cannot make changes.", 403),
  operator_not_encrypted: invalid(
    undefined,
    "Operator keys are accepted over TLS or from this machine only, and this one was sent unencrypted. Revoke it, and use https.",
    403,
  ),
  operator_local_only: invalid(
    undefined,
    "This call is not available over HTTP. Run the command on the server's machine, with --data or --database.",
    403,
  ),
  operators_too_many: invalid(undefined, "A server can have at most {limit} operators whose keys have not expired. Revoke one first."),

  // Keys, platforms and backups
  key_last: invalid(
    undefined,
    "Key {id} is the only secret key in {mode} mode that does not expire. Without it, no key could create another. Roll it, create another key first, or ask whoever runs this server to revoke it.",
  ),
  permission_unknown: invalid(undefined, "Invalid {param}: {value} is not a permission. docs/routes.md lists them."),
  permissions_missing: invalid("parameter_missing", "A restricted key needs permissions or connect_permissions."),
  permissions_for_restricted: invalid(undefined, "Invalid {param}: only restricted keys have permissions."),
  key_already_expired: invalid(undefined, "Key {id} has expired. Create a new one."),
  keys_too_many: invalid(undefined, "An account can have at most {limit} keys in {mode} mode that have not expired. Revoke one first."),
  confirmation_wrong: invalid(undefined, "Nothing was deleted: {param} must be {id}, to confirm that this cannot be undone."),
  account_not_deleted: invalid(undefined, "Account {id} has not been deleted. Its platform has to delete it before it can be erased."),
  account_is_platform: invalid(undefined, "Account {id} is a platform. Delete it with its connected accounts: carabiner platforms delete."),
  path_relative: invalid(undefined, "Invalid {param}: must be an absolute path."),
  file_exists: invalid(undefined, "{path} already exists and is not overwritten. Choose another file."),
  file_not_written: invalid(undefined, "Cannot write {path}: {reason}."),
  backup_in_progress: invalid(undefined, "Another backup is in progress. Try again when it has finished.", 409),
  backup_interrupted: {
    status: 503,
    type: "api_error",
    message: "The server stopped before the backup was complete. No backup was written.",
  },
  backup_failed_check: { status: 500, type: "api_error", message: "The backup failed its check and was removed: {reason}." },
  backup_by_database: invalid(
    undefined,
    "Carabiner does not back up PostgreSQL. Use pg_dump or point-in-time recovery: see docs/operating.md.",
  ),

  // The server
  storage_unavailable: {
    status: 503,
    type: "api_error",
    message: "The server cannot store anything at the moment, and changed nothing. Please try again later.",
  },
  storage_uncertain: {
    status: 503,
    type: "api_error",
    message:
      "The server lost its storage before the change was confirmed. Send the request again with the same idempotency key: it will be carried out once.",
  },
  server_stopping: { status: 503, type: "api_error", message: "The server is shutting down. Please try again later." },
  internal_error: {
    status: 500,
    type: "api_error",
    message: "An error occurred on our side, and nothing was changed. The server's log has it under this request's id.",
  },
} as const satisfies Record<string, ApiErrorForm>;

export type ApiErrorName = keyof typeof API_ERRORS;

/** The body of an error response. */
export interface ApiErrorBody {
  error: {
    type: ApiErrorType;
    code?: string;
    message: string;
    param?: string;
    doc_url?: string;
    request_log_url?: string;
    [more: string]: unknown;
  };
}

/** The body of an error response of the v2 API. */
export interface V2ErrorBody {
  error: { code?: string; message: string; param?: string; type: ApiErrorType; [more: string]: unknown };
}

/** A request error. Its message goes to the caller. Any other thrown error is a bug. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly error: ApiErrorName;
  readonly status: number;
  readonly type: ApiErrorType;
  readonly code: string | undefined;
  readonly param: string | undefined;
  readonly more: Readonly<Record<string, unknown>>;
  readonly #values: Readonly<Record<string, string | number>>;

  constructor(error: ApiErrorName, values: Record<string, string | number> = {}, more: Readonly<Record<string, unknown>> = {}) {
    const form: ApiErrorForm = API_ERRORS[error];
    super(form.message.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? "")));
    this.error = error;
    this.status = form.status;
    this.type = form.type;
    this.code = form.code;
    this.param = values.param === undefined ? undefined : String(values.param);
    this.more = more;
    this.#values = values;
  }

  /** The same error with its parameter nested in another: `amount` within `data` is `data[amount]`. */
  within(parameter: string): ApiError {
    if (this.param === undefined) return this;
    const [name = "", ...rest] = this.param.split("[");
    return new ApiError(this.error, { ...this.#values, param: [`${parameter}[${name}]`, ...rest].join("[") }, this.more);
  }

  /** The same error for a parameter that the caller knows by another name. */
  renamed(param: string): ApiError {
    return new ApiError(this.error, { ...this.#values, param }, this.more);
  }

  /** The same error with further fields in the response. */
  with(more: Readonly<Record<string, unknown>>): ApiError {
    return new ApiError(this.error, this.#values, { ...this.more, ...more });
  }

  /**
   * The response body of the v2 API, which has few codes: `not_found`, `invalid_fields` with the field in `param`
   * (`webhook_endpoint.url`), or v1's code. The field's name and the use of `type` are our choice: Stripe does not
   * publish them, and the SDKs choose the class of an error by its `type`.
   */
  toV2Body(): V2ErrorBody {
    const code = this.status === 404 ? "not_found" : this.param === undefined ? this.code : "invalid_fields";
    return {
      error: {
        ...(code === undefined ? {} : { code }),
        message: this.message,
        ...(this.param === undefined ? {} : { param: this.param.replace(/\[([^\][\d][^\][]*)\]/g, ".$1") }),
        ...this.more,
        type: this.type,
      },
    };
  }

  /** The response body, in Stripe's envelope. */
  toBody(): ApiErrorBody {
    return {
      error: {
        ...(this.code === undefined
          ? {}
          : { code: this.code, doc_url: `https://docs.stripe.com/error-codes/${this.code.replaceAll("_", "-")}` }),
        message: this.message,
        ...(this.param === undefined ? {} : { param: this.param }),
        ...this.more,
        type: this.type,
      },
    };
  }
}

/**
 * Makes an error from the table. `param` names the parameter at fault, in brackets as the caller sent it. `more` has
 * further fields of the response, such as the `decline_code` of a card.
 */
export function apiError(
  error: ApiErrorName,
  values?: Record<string, string | number>,
  more?: Readonly<Record<string, unknown>>,
): ApiError {
  return new ApiError(error, values, more);
}
