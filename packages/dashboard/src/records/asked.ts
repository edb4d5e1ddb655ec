import type { Parameters } from "../api/form.ts";
import type { Filter } from "../design/filter-bar.tsx";
import { type Filters, SINCE, sinceSeconds } from "../design/filters.ts";
import { serverNow } from "../design/now.ts";

/** Types that are offered while somebody types one. Any other can be typed, and a group as `payout.*`. */
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

/** The filters that only deliveries have. */
export const DELIVERY_FILTERS: readonly Filter[] = [
  {
    name: "state",
    label: "Any state",
    choices: [
      ["succeeded", "Delivered"],
      ["pending", "Pending or failing"],
      ["exhausted", "Given up"],
      ["cancelled", "Cancelled"],
      ["quarantined", "Quarantined"],
    ],
  },
  { name: "endpoint", label: "Endpoint" },
];

/** What a list of events is asked for. */
export function eventParameters({ type, account, since, undelivered }: Filters): Parameters {
  return {
    type,
    account,
    delivery_success: undelivered === "yes" ? false : undefined,
    created: created(since),
  };
}

/** What a list of deliveries is asked for. */
export function deliveryParameters({ account, since, state, endpoint, event }: Filters): Parameters {
  return { account, state, endpoint, event, created: created(since) };
}

function created(since: string | undefined): Parameters[string] {
  const gte = sinceSeconds(since, serverNow());
  return gte === undefined ? undefined : { gte };
}
