/** Deliveries that this server has settled, by endpoint, until the next look. */
export interface TouchedDeliveries {
  /** Notes a delivery, if anyone is watching. */
  note(endpointId: string, deliveryId: string): void;
  /** Takes the deliveries of some endpoints. `more`: there were others that were not noted. */
  take(endpointIds: readonly string[]): { deliveryIds: string[]; more: boolean };
  /** Someone watches until the returned function is called. */
  watch(): () => void;
}

/**
 * Remembers up to `most` deliveries of each endpoint, and of as many endpoints. Remembers nothing while nobody watches.
 */
export function createTouchedDeliveries(most: number): TouchedDeliveries {
  const touched = new Map<string, Set<string>>();
  const full = new Set<string>();
  let watchers = 0;
  return {
    note(endpointId, deliveryId) {
      if (watchers === 0) return;
      const noted = touched.get(endpointId) ?? new Set();
      if (noted.size < most && (touched.size < most || touched.has(endpointId))) touched.set(endpointId, noted.add(deliveryId));
      else if (!noted.has(deliveryId) && full.size < most) full.add(endpointId);
    },
    take(endpointIds) {
      const deliveryIds = endpointIds.flatMap((id) => [...(touched.get(id) ?? [])]);
      const more = endpointIds.some((id) => full.has(id));
      for (const id of endpointIds) {
        touched.delete(id);
        full.delete(id);
      }
      return { deliveryIds, more };
    },
    watch() {
      watchers++;
      return () => {
        watchers--;
        if (watchers > 0) return;
        touched.clear();
        full.clear();
      };
    },
  };
}
