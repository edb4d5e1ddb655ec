import type { ApiErrorName } from "@carabiner/protocol";
import ipaddr from "ipaddr.js";

/** Names that never lead to the public internet, with all names below them. Source: https://www.iana.org/assignments/special-use-domain-names */
const LOCAL_NAMES = /(?:^|\.)(?:localhost|localdomain|local|internal|home\.arpa)$/;

/** Addresses of this machine and its own network. Link-local ones are not among them: cloud machines keep their credentials there. */
const LOCAL_RANGES: ReadonlySet<string> = new Set(["loopback", "private", "uniqueLocal"]);

/** All of IPv6 that has been handed out to the public. Source: https://www.iana.org/assignments/ipv6-address-space */
const PUBLIC_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * What is wrong with an endpoint's URL: an error of the table with its values, or null. Whether a name leads to a
 * public address is known only when it is looked up, at each attempt; here is refused what can never be delivered to.
 * Source: https://docs.stripe.com/webhooks
 */
export function endpointUrlProblem(
  url: string,
  { livemode, allowLocal }: { livemode: boolean; allowLocal: boolean },
): { error: ApiErrorName; values: Record<string, string> } | null {
  const values = { param: "url", url };
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return { error: "url_scheme_missing", values };
  const parsed = /[\s\p{Cc}]/u.test(url) ? null : URL.parse(url);
  if (parsed === null || (parsed.protocol !== "https:" && parsed.protocol !== "http:")) return { error: "url_invalid", values };
  // What a URL says of its user would be sent to a receiver as a header, which none of Stripe's has.
  if (parsed.username !== "" || parsed.password !== "") return { error: "url_invalid", values };
  if (!mayBeReached(parsed.hostname, allowLocal)) return { error: "url_not_public", values };
  if (livemode && !allowLocal && parsed.protocol !== "https:") return { error: "url_https_required", values };
  return null;
}

/** Whether a host, as `URL` normalises it, may be reached from the internet, or from here where that will do. */
function mayBeReached(hostname: string, allowLocal: boolean): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").replace(/\.+$/, "");
  if (!ipaddr.isValid(host)) return allowLocal || (host.includes(".") && !LOCAL_NAMES.test(host));
  const address = ipaddr.process(host);
  const range = address.range();
  const handedOut = address.kind() === "ipv4" || address.match(PUBLIC_IPV6);
  return (range === "unicast" && handedOut) || (allowLocal && LOCAL_RANGES.has(range));
}
