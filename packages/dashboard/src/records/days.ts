import type { FiguresOfHour } from "../api/answers.ts";

const DAY = 86_400;

/** Deliveries of one UTC day. */
export interface DayFigures {
  /** When it begins: Unix seconds. */
  at: number;
  delivered: number;
  failed: number;
  waiting: number;
}

/** The days from the first to the last of these hours, the oldest first, including empty ones. */
export function daysOf(hours: readonly FiguresOfHour[]): DayFigures[] {
  if (hours.length === 0) return [];
  const dayOf = (hour: number): number => Math.floor(hour / DAY) * DAY;
  const starts = hours.map(({ hour }) => dayOf(hour));
  const [first, last] = [Math.min(...starts), Math.max(...starts)];
  return Array.from({ length: (last - first) / DAY + 1 }, (_, index) => {
    const at = first + index * DAY;
    const those = hours.filter(({ hour }) => dayOf(hour) === at);
    const sum = (name: "delivered" | "failed" | "waiting"): number => those.reduce((total, one) => total + one[name], 0);
    return { at, delivered: sum("delivered"), failed: sum("failed"), waiting: sum("waiting") };
  });
}
