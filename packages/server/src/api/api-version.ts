import { type ApiVersion, apiError, isApiVersion, LATEST_API_VERSION } from "@carabiner/protocol";

/**
 * The version a `Stripe-Version` header asks for; null when it asks for none.
 * Throws `api_version_invalid` for one that was never published. Source: https://docs.stripe.com/api/versioning
 */
export function requestedVersion(header: string | undefined): ApiVersion | null {
  if (header === undefined || header === "") return null;
  if (!isApiVersion(header)) throw apiError("api_version_invalid", { version: header.slice(0, 40) });
  return header;
}

/** An account's default version. One we do not know, left by another release of this server, counts as the latest. */
export function defaultVersion(accountVersion: string): ApiVersion {
  return isApiVersion(accountVersion) ? accountVersion : LATEST_API_VERSION;
}
