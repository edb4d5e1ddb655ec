import type { Account, Delivery } from "../api/answers.ts";

/** Something that will happen by itself. */
export interface DueNext {
  id: string;
  /** When: Unix seconds. */
  at: number;
  kind: "deadline" | "payout" | "retry" | "verification";
  what: string;
  /** The address of what it is about. */
  href: string;
}

/** The attempts that wait, and the deadlines of accounts; the next first. */
export function dueNext(deliveries: readonly Delivery[], accounts: readonly Account[]): DueNext[] {
  const retries = deliveries.flatMap((delivery): DueNext[] =>
    delivery.state === "pending" && delivery.next_attempt_at !== null
      ? [
          {
            id: delivery.id,
            at: delivery.next_attempt_at,
            kind: "retry",
            what: delivery.event_type,
            href: `/deliveries/${delivery.id}`,
          },
        ]
      : [],
  );
  const deadlines = accounts.flatMap((account): DueNext[] =>
    [account.requirements, account.future_requirements].flatMap((requirements, index): DueNext[] =>
      requirements?.current_deadline == null
        ? []
        : [
            {
              id: `${account.id} ${index}`,
              at: requirements.current_deadline,
              kind: "deadline",
              what: `${requirements.currently_due?.length ?? 0} requirements of ${account.business_profile?.name ?? account.id}`,
              href: `/accounts/${account.id}`,
            },
          ],
    ),
  );
  return [...retries, ...deadlines].sort((one, other) => one.at - other.at);
}

/** Marks of the line, from now on: seconds, and their name. */
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

/** Where a time stands on the line, from 0 to 1. Near times have more room: each mark is as far from the next. */
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
