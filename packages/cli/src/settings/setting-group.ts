import type { Setting } from "./setting.ts";

/** The headings of a server's options in its help, with the options of `startCarabiner` below each. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  Data: ["store", "secretKeys"],
  Listening: ["port", "host", "publicUrl", "unixSocket", "tls", "trustedProxies", "dashboard"],
  Bounds: ["limits"],
  Deliveries: ["egress", "allowLocalEndpoints", "retryPolicy", "traceparent", "forward"],
  "The API and its events": ["allowCustomEventTypes", "personEvents", "defaultMcc", "apiVersion"],
  "The Stripe CLI": ["stripeListen", "listenEndpointSecrets"],
  "Roles, metrics and logs": ["roles", "metrics", "log"],
};

/** The heading in the help under which a server's setting appears; null for a setting without a heading. */
export function settingGroup({ option }: Pick<Setting, "option">): string | null {
  const [root = ""] = option.split(".");
  return Object.entries(GROUPS).find(([, roots]) => roots.includes(root))?.[0] ?? null;
}
