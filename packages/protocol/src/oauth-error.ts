/** OAuth's error codes. Source: RFC 6749, 5.2, and https://docs.stripe.com/connect/oauth-reference */
export type OAuthErrorWord =
  | "invalid_client"
  | "invalid_grant"
  | "invalid_redirect_uri"
  | "invalid_request"
  | "invalid_scope"
  | "unsupported_grant_type"
  | "unsupported_response_type";

interface OAuthErrorForm {
  status: number;
  error: OAuthErrorWord;
  /** `{name}` is replaced by a value. */
  description: string;
}

const refused = (error: OAuthErrorWord, description: string, status = 400): OAuthErrorForm => ({ status, error, description });

/**
 * Every error of `/oauth/…`, which has OAuth's own error form. Status and code are part of the contract; the
 * description is not.
 */
export const OAUTH_ERRORS = {
  // Where the user is redirected
  client_id_missing: refused("invalid_request", "No client_id specified."),
  client_id_unknown: refused("invalid_client", "No application matches the supplied client identifier."),
  response_type_missing: refused("invalid_request", "No response_type specified. It must be code."),
  response_type_unsupported: refused("unsupported_response_type", "Unsupported response_type: {value}. It must be code."),
  scope_invalid: refused("invalid_scope", "Invalid scope: {value}. It must be read_write or read_only."),
  redirect_uri_invalid: refused(
    "invalid_redirect_uri",
    "Invalid redirect URI '{value}'. It must exactly match one that is registered for this application.",
  ),
  redirect_uri_none: refused(
    "invalid_redirect_uri",
    "No redirect URI is registered for this application. Register one with POST /console/application or `carabiner platforms redirect-uris`.",
  ),
  form_malformed: refused("invalid_request", "The request could not be read: {reason}"),

  // Authentication
  key_missing: refused(
    "invalid_client",
    "No API key provided. Send your platform's secret key as a Bearer token, as the Basic user name or as client_secret.",
    401,
  ),
  key_invalid: refused("invalid_client", "This API key cannot be used here: {reason}", 401),
  platform_required: refused("invalid_client", "This API key's account is not a platform: it has no application.", 401),

  // What is exchanged for a token
  parameter_missing: refused("invalid_request", "No {param} specified."),
  grant_type_unsupported: refused(
    "unsupported_grant_type",
    "Unsupported grant_type: {value}. It must be authorization_code or refresh_token.",
  ),
  code_unknown: refused("invalid_grant", "Authorization code does not exist: {value}"),
  code_expired: refused("invalid_grant", "Authorization code expired: {value}"),
  code_used: refused("invalid_grant", "This authorization code has already been used. The connection made with it has been revoked."),
  code_foreign: refused("invalid_grant", "Authorization code provided does not belong to your application."),
  code_other_mode: refused("invalid_grant", "This authorization code was created in {other} mode, but a {mode} mode key was used."),
  refresh_token_unknown: refused("invalid_grant", "Refresh token does not exist, or its account has been disconnected."),
  refresh_token_foreign: refused("invalid_grant", "Refresh token provided does not belong to your application."),
  refresh_token_other_mode: refused(
    "invalid_grant",
    "This refresh token belongs to a test mode connection and cannot give live mode access.",
  ),
  scope_exceeded: refused("invalid_scope", "The refresh token has the scope {has}, which does not include {value}."),

  // What to disconnect
  client_not_yours: refused("invalid_client", "The client_id {value} does not belong to your application in {mode} mode.", 401),
  not_connected: refused(
    "invalid_client",
    "This application is not connected to account {account} in {mode} mode, or that account does not exist.",
    401,
  ),
  controlled_account: refused(
    "invalid_client",
    "no_deauth_on_controlled_account: account {account} is controlled by your platform and cannot be disconnected. Reject or delete it instead.",
    401,
  ),
} as const satisfies Record<string, OAuthErrorForm>;

export type OAuthErrorName = keyof typeof OAUTH_ERRORS;

/** An error in OAuth's form. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  readonly refusal: OAuthErrorName;
  readonly status: number;
  readonly error: OAuthErrorWord;

  constructor(refusal: OAuthErrorName, values: Readonly<Record<string, string>> = {}) {
    const form: OAuthErrorForm = OAUTH_ERRORS[refusal];
    super(form.description.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? ""));
    this.refusal = refusal;
    this.status = form.status;
    this.error = form.error;
  }

  /** The response body. */
  toBody(): { error: OAuthErrorWord; error_description: string } {
    return { error: this.error, error_description: this.message };
  }
}
