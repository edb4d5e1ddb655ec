import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";

/** The filters of a list, by name. A missing filter does not narrow the list. */
export type Filters = Readonly<Record<string, string>>;

/** The filters in the address, and how to change some. An empty value removes a filter. */
export function useFilters(): [Filters, (changes: Filters) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const filters = useMemo(() => Object.fromEntries(new URLSearchParams(search)), [search]);
  const set = useCallback(
    (changes: Filters) => {
      const next = new URLSearchParams(search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === "") next.delete(name);
        else next.set(name, value);
      }
      navigate(withSearch(path, next.toString()), { replace: true });
    },
    [navigate, path, search],
  );
  return [filters, set];
}

/** A path with a query, if there is one. */
export const withSearch = (path: string, search: string): string => (search === "" ? path : `${path}?${search}`);

/** The periods that lists can be narrowed to. */
export const SINCE: readonly (readonly [value: string, label: string, seconds: number])[] = [
  ["15m", "Last 15 minutes", 900],
  ["1h", "Last hour", 3_600],
  ["24h", "Last 24 hours", 86_400],
  ["7d", "Last 7 days", 604_800],
  ["30d", "Last 30 days", 2_592_000],
];

/** A filter in the address has an unknown value. */
class WrongFilter extends Error {
  readonly isWrong = true;
}

/** What is wrong with a filter `since`; null if it is valid. */
export function wrongSince(value: string | undefined): Error | null {
  if (value === undefined || SINCE.some(([name]) => name === value)) return null;
  return new WrongFilter(`“${value}” is not a length of time. The filter since takes one of ${SINCE.map(([name]) => name).join(", ")}.`);
}

/** A time in the address of a page, in UTC: `2026-12-01T04:00Z`. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/;

/** The time that a filter names, in Unix seconds; undefined without one that there is. */
export function timeSeconds(value: string | undefined): number | undefined {
  const ms = value !== undefined && TIME.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms / 1_000;
}

/** What is wrong with the filters `from` and `until`; null if nothing is. */
export function wrongTimes({ from, until }: Filters): Error | null {
  for (const [name, value] of Object.entries({ from, until }))
    if (value !== undefined && timeSeconds(value) === undefined)
      return new WrongFilter(`“${value}” is not a time. The filter ${name} takes one such as 2026-12-01T04:00Z.`);
  const [first, last] = [timeSeconds(from), timeSeconds(until)];
  if (first === undefined || last === undefined || first <= last) return null;
  return new WrongFilter("The beginning is later than the end, so nothing can be in between.");
}

/** What a field for a time in the reader's zone holds, of a time in the address; empty for none and for a wrong one. */
export function fieldOfTime(value: string): string {
  const seconds = timeSeconds(value);
  if (seconds === undefined) return "";
  const at = new Date(seconds * 1_000);
  // The field has no zone: its text is that of a time whose hours in UTC are the reader's.
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The time in the address for the value of such a field; empty for a field with an incomplete time. */
export function timeOfField(text: string): string {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? "" : `${new Date(ms).toISOString().slice(0, 16)}Z`;
}

/**
 * The beginning that a filter `since` names, in Unix seconds; undefined without a valid one. It moves in steps, so that
 * a list keeps its name for a while.
 */
export function sinceSeconds(value: string | undefined, now: number): number | undefined {
  const length = SINCE.find(([name]) => name === value)?.[2];
  return length === undefined ? undefined : Math.floor(now / 1_000 / 60) * 60 - length;
}
