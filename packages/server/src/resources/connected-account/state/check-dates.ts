import { apiError } from "@carabiner/protocol";

/** Nobody can have accepted Stripe's terms before this. Source: Stripe's error message */
const FIRST_ACCEPTANCE = Date.UTC(2009, 0, 1);

/**
 * Throws for a time at which terms cannot have been accepted, or a declaration been made: in the future, or before
 * 2009. `date` is in Unix seconds, `now` in Unix milliseconds.
 */
export function checkAcceptedAt(date: number | null | undefined, { what, param, now }: { what: string; param: string; now: number }): void {
  if (date === null || date === undefined) return;
  // A client may round its time up.
  if (date > Math.ceil(now / 1_000) || date * 1_000 < FIRST_ACCEPTANCE) throw apiError("acceptance_date_invalid", { what, param });
}

/** Milliseconds. */
const DAY = 86_400_000;

/** A day in the form of the parameters. */
export interface DayTold {
  day: number;
  month: number;
  year: number;
}

/** When a day begins, in Unix milliseconds; null for a day that the calendar does not have. */
export function startOf({ day, month, year }: DayTold): number | null {
  const at = new Date(Date.UTC(year, month - 1, day));
  return at.getUTCMonth() === month - 1 ? at.getTime() : null;
}

/** Throws for a day that the calendar does not have, or that is still to come. `now` is in Unix milliseconds. */
export function checkPastDay(told: DayTold | null | undefined, { param, now }: { param: string; now: number }): void {
  if (told === null || told === undefined) return;
  const at = startOf(told);
  if (at === null) throw apiError("day_invalid", { param: `${param}[day]`, reason: "there is no such day" });
  // It may already be tomorrow in other time zones.
  if (at > now + DAY) throw apiError("day_invalid", { param: `${param}[year]`, reason: "it is in the future" });
}
