import type { Parameters } from "../api/form.ts";
import type { Filter } from "../design/filter-bar.tsx";
import { type Filters, SINCE, sinceSeconds } from "../design/filters.ts";
import { serverNow } from "../design/now.ts";

/** Types that are suggested while the user types. Any other type can be typed, or a group such as `payout.*`. */
const COMMON_TYPES = [
  "account.*",
  "account.application.authorized",
  "account.application.deauthorized",
  "account.external_account.created",
  "account.updated",
  "capability.updated",
  "charge.*",
  "payment_intent.*",
  "payout.*",
  "payout.created",
  "payout.failed",
  "payout.paid",
  "person.*",
];

const SINCE_CHOICES = SINCE.map(([value, label]) => [value, label] as const);

/** The filters of lists of events. */
export const EVENT_FILTERS: readonly Filter[] = [
  { name: "type", label: "Type", suggestions: COMMON_TYPES },
  { name: "account", label: "Account" },
  { name: "since", label: "Any time", choices: SINCE_CHOICES },
];

/** The filters that only apply to deliveries. */
export const DELIVERY_FILTERS: readonly Filter[] = [
  {
    name: "state",
    label: "Any state",
    choices: [
      ["succeeded", "Delivered"],
      ["retrying", "Failing, tried again"],
      ["pending", "Pending or failing"],
      ["exhausted", "Given up"],
      ["unreceived", "Given up, not received since"],
      ["cancelled", "Cancelled"],
      ["quarantined", "Quarantined"],
    ],
  },
  {
    name: "status",
    label: "Status",
    suggestions: ["2xx", "3xx", "4xx", "5xx", "500", "404", "timeout", "connection_refused", "dns_failure", "tls_failure"],
  },
  { name: "endpoint", label: "Endpoint" },
];

/** The parameters of a list of events. */
export function eventParameters({ type, account, since, undelivered }: Filters): Parameters {
  return {
    type,
    account,
    delivery_success: undelivered === "yes" ? false : undefined,
    created: created(since),
  };
}

/** The parameters of a list of deliveries. */
export function deliveryParameters({ type, account, since, state, endpoint, event, status }: Filters): Parameters {
  return { type, account, state, endpoint, event, ...ending(status), created: created(since) };
}

/** How the last attempt ended: with a status, with one of a class such as `5xx`, or without an answer. */
function ending(status: string | undefined): Parameters {
  if (status === undefined) return {};
  if (/^[2-5]xx$/i.test(status)) return { status_class: status.toLowerCase() };
  return /^\d+$/.test(status) ? { status } : { fault: status.trim().replaceAll(" ", "_") };
}

function created(since: string | undefined): Parameters[string] {
  const gte = sinceSeconds(since, serverNow());
  return gte === undefined ? undefined : { gte };
}
