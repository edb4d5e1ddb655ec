import type { ApiErrorName } from "@carabiner/protocol";
import { checkUrl, type DestinationRules, type UrlProblem } from "../../destinations.ts";

/** What a request is answered for each problem of its URL. */
const ERRORS: Readonly<Record<UrlProblem, ApiErrorName>> = {
  scheme_missing: "url_scheme_missing",
  invalid: "url_invalid",
  not_http: "url_invalid",
  // What a URL says of its user would be sent to a receiver as a header, which none of Stripe's has.
  has_credentials: "url_invalid",
  not_allowed: "url_not_public",
};

/**
 * What is wrong with an endpoint's URL: an error of the table with its values, or null. Whether a name leads to an
 * allowed address is known only when it is looked up, at each attempt; this refuses what can never be delivered to.
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
