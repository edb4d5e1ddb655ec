import type { ApiErrorName } from "@carabiner/protocol";
import { checkUrl, type DestinationRules, type UrlProblem } from "../../destinations.ts";

/** The error for each problem of a URL. */
const ERRORS: Readonly<Record<UrlProblem, ApiErrorName>> = {
  scheme_missing: "url_scheme_missing",
  invalid: "url_invalid",
  not_http: "url_invalid",
  // Credentials in a URL would reach the receiver as a header that Stripe never sends.
  has_credentials: "url_invalid",
  not_allowed: "url_not_public",
};

/**
 * Checks an endpoint's URL. Returns an error of the table with its values, or null. This rejects URLs that can never be
 * delivered to. Whether a host name resolves to an allowed address is checked at each attempt.
 * Source: https://docs.stripe.com/webhooks
 */
export function endpointUrlProblem(
  url: string,
  { livemode, destinations }: { livemode: boolean; destinations: DestinationRules },
): { error: ApiErrorName; values: Record<string, string> } | null {
  const values = { param: "url", url };
  const checked = checkUrl(url, destinations);
  if (checked.problem !== null) return { error: ERRORS[checked.problem], values };
  if (livemode && !destinations.allowLocal && checked.url.protocol !== "https:") return { error: "url_https_required", values };
  return null;
}
