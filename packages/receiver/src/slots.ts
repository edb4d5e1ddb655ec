/** Limits how many handlers run at once, and leaves slots for idle ones. */
export interface Slots {
  /** How many more runs of a handler may begin now. */
  room(handler: string): number;
  take(handler: string): void;
  free(handler: string): void;
  /** How many are running. */
  running(): number;
}

/**
 * Of `most` slots, a running handler leaves one free for each idle handler, up to half of all slots. So when one hangs,
 * the others continue. `handlers`: all handlers.
 */
export function createSlots(most: number, handlers: () => readonly string[]): Slots {
  const running = new Map<string, number>();
  let total = 0;
  return {
    room(handler) {
      const own = running.get(handler) ?? 0;
      // The other handlers that run nothing.
      const idle = Math.max(0, handlers().length - running.size - (own === 0 ? 1 : 0));
      const first = own === 0 && total < most ? 1 : 0;
      return first + Math.max(0, most - total - first - Math.min(idle, Math.floor(most / 2)));
    },
    take(handler) {
      running.set(handler, (running.get(handler) ?? 0) + 1);
      total++;
    },
    free(handler) {
      const left = (running.get(handler) ?? 0) - 1;
      if (left > 0) running.set(handler, left);
      else running.delete(handler);
      total--;
    },
    running: () => total,
  };
}
