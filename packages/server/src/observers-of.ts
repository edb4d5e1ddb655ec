import type { CarabinerOptions } from "./carabiner-options.ts";
import type { Clock } from "./clock/clock.ts";
import type { TouchedDeliveries } from "./dashboard/live/touched-deliveries.ts";
import type { CheckedOptions } from "./read-options.ts";
import type { ActivityObserver } from "./service/activity-feed.ts";
import { failuresLogger } from "./service/log-failures.ts";

/** The observers: the log of a `serve` server, pages that follow what happens, and the caller's `onActivity`. */
export function observersOf(
  { onActivity, activities }: CarabinerOptions,
  { dev, log, limits, dashboard }: CheckedOptions,
  machine: Clock,
  touched: TouchedDeliveries,
): ActivityObserver[] {
  return [
    ...(dev ? [] : [failuresLogger(log, limits, machine.now)]),
    ...(dashboard ? [settlementsNoted(touched)] : []),
    ...(onActivity === undefined
      ? []
      : [activities === "failures" ? failuresTold(onActivity) : { events: true, wants: () => true, tell: onActivity }]),
  ];
}

/**
 * Records what is settled for pages that follow it. They read the details themselves, so this observer asks for none.
 */
function settlementsNoted(touched: TouchedDeliveries): ActivityObserver {
  return {
    events: false,
    wants({ endpointId, deliveryId }) {
      touched.note(endpointId, deliveryId);
      return false;
    },
    tell: () => undefined,
  };
}

/** Reports attempts that failed and deliveries that were cancelled. */
function failuresTold(tell: ActivityObserver["tell"]): ActivityObserver {
  return { events: false, wants: ({ attempt }) => attempt?.outcome !== "succeeded", tell };
}
