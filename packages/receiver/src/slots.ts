/** Who may run: at most so many handlers at once, and none so many that the others have nothing left. */
export interface Slots {
  /** How many more of a handler may run now. */
  room(handler: string): number;
  take(handler: string): void;
  free(handler: string): void;
  /** How many run. */
  running(): number;
}

/**
 * Of `most` slots, a handler that runs already leaves one free for each handler that does not, up to half of all: whatever hangs, the others
 * go on. `handlers`: the handlers there are.
 */
export function createSlots(most: number, handlers: () => readonly string[]): Slots {
  const running = new Map<string, number>();
  let total = 0;
  return {
    room(handler) {
      const own = running.get(handler) ?? 0;
      const idle = handlers().filter((other) => other !== handler && !running.has(other)).length;
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
