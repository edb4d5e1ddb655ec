import type { Upcoming } from "../api/answers.ts";

/** Something that will happen automatically, as the page shows it. */
export interface DueNext {
  id: string;
  /** When: Unix seconds. */
  at: number;
  /** `attempt`, or the kind of object that it happens to. */
  kind: string;
  what: string;
  /** The account that it belongs to. */
  account: string;
  /** The address of what it is about. */
  href: string;
}

/** What falls due next, as the server lists it. */
export function dueNext(upcoming: readonly Upcoming[]): DueNext[] {
  return upcoming.map(({ kind, at, account, subject, event_type: type, attempt }) => ({
    id: `${kind} ${subject} ${at}`,
    at,
    kind,
    account,
    what: kind === "attempt" ? `${type ?? subject}, attempt ${attempt ?? ""}` : (WHAT[kind] ?? `${kind.replaceAll("_", " ")} ${subject}`),
    href: kind === "attempt" ? `/deliveries/${subject}` : `/accounts/${account}`,
  }));
}

/** What happens to an account automatically. */
const WHAT: Readonly<Record<string, string>> = {
  account: "Verifications and deadlines",
  balance: "Funds become available, automatic payouts",
};

/** Marks on the line, from now on: seconds, and their name. */
export const LINE_MARKS: readonly (readonly [seconds: number, name: string])[] = [
  [0, "now"],
  [60, "1 min"],
  [600, "10 min"],
  [3_600, "1 h"],
  [6 * 3_600, "6 h"],
  [86_400, "1 d"],
  [7 * 86_400, "1 week"],
  [30 * 86_400, "30 d"],
  [365 * 86_400, "1 year"],
];

/** The position of a time on the line, from 0 to 1. Near times have more room, because the marks are evenly spaced. */
export function placeOnLine(seconds: number): number {
  const last = LINE_MARKS.length - 1;
  if (seconds <= 0) return 0;
  for (let index = 1; index <= last; index++) {
    const [from] = LINE_MARKS[index - 1] as readonly [number, string];
    const [to] = LINE_MARKS[index] as readonly [number, string];
    if (seconds <= to) return (index - 1 + (seconds - from) / (to - from)) / last;
  }
  return 1;
}
