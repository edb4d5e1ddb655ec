import { API_VERSIONS, type ApiVersion, apiError, isApiVersion, LATEST_API_VERSION } from "@carabiner/protocol";

/** The betas that may follow a version: `; x_beta=v1; y_beta=v2`. Carabiner ignores them. */
const BETAS = /^(?:;[ ]?[a-z0-9_]{1,100}=v\d{1,3}){1,20}$/;

/**
 * The releases by the previews of the same dates, such as `2025-11-17.preview`, which most examples in Stripe's
 * documentation of v2 send. Source: https://docs.stripe.com/api-v2-overview#sdk-and-api-versioning
 */
const RELEASES: ReadonlyMap<string, ApiVersion> = new Map(
  API_VERSIONS.filter((version) => version.includes(".")).map((version) => [version.replace(/\..*/, ".preview"), version]),
);

/**
 * The version a `Stripe-Version` header asks for, with or without betas; null when it asks for none. A preview counts
 * as the release of the same date. Throws `api_version_invalid` for a version that was never published. Source:
 * https://docs.stripe.com/api/versioning
 */
export function requestedVersion(header: string | undefined): ApiVersion | null {
  if (header === undefined || header === "") return null;
  const end = header.indexOf(";");
  const named = end === -1 ? header : header.slice(0, end).trimEnd();
  const version = RELEASES.get(named) ?? named;
  if (!isApiVersion(version) || (end !== -1 && !BETAS.test(header.slice(end))))
    throw apiError("api_version_invalid", { version: header.slice(0, 40) });
  return version;
}

/** An account's default version. An unknown one, left by another release of this server, counts as the latest. */
export function defaultVersion(accountVersion: string): ApiVersion {
  return isApiVersion(accountVersion) ? accountVersion : LATEST_API_VERSION;
}
