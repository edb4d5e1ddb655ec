import { DAY_MS } from "./utc-day.ts";

/** Days of the week as `Date.getUTCDay` counts them. */
const SATURDAY_AND_SUNDAY: readonly number[] = [6, 0];
const FRIDAY_AND_SATURDAY: readonly number[] = [5, 6];

/** Countries whose banks close on Friday and Saturday. Public holidays are not considered. */
const RESTS_ON_FRIDAY: ReadonlySet<string> = new Set(["BD", "BH", "DZ", "EG", "IL", "JO", "KW", "OM", "QA", "SA"]);

/** The start of a time's day in UTC, which has no daylight saving time. Times are Unix milliseconds. */
export function startOfDay(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS;
}

/** Whether the banks of a country (ISO 3166-1) are open on the day of a time. */
export function isBusinessDay(country: string, at: number): boolean {
  const rest = RESTS_ON_FRIDAY.has(country) ? FRIDAY_AND_SATURDAY : SATURDAY_AND_SUNDAY;
  return !rest.includes(new Date(at).getUTCDay());
}

/** The start of the `count`th business day after the day of a time. */
export function businessDayAfter(country: string, at: number, count: number): number {
  let day = startOfDay(at);
  for (let left = count; left > 0; ) {
    day += DAY_MS;
    if (isBusinessDay(country, day)) left--;
  }
  return day;
}
