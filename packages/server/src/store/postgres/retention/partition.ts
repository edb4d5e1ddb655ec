/** The events and deliveries of a range of numbers, with everything that belongs to them. They are dropped together. */
export interface Partition {
  /** Its position among all partitions ever made. */
  k: number;
  /** Its first number, and the first number after it. */
  first: number;
  past: number;
  /** When numbers were first taken from it, and when that ended, Unix milliseconds; null before. */
  openedAt: number | null;
  closedAt: number | null;
  /** Whether none of its deliveries is pending, and none will be unless one is released from quarantine. */
  settled: boolean;
  /** The ids of its events below this number have been freed; null if none have. */
  forgotten: number | null;
}

/** The next step for the partitions. */
export type PartitionWork =
  /** Make one more after the last. */
  | { do: "make" }
  /** Record when the very first partition was opened. */
  | { do: "open"; partition: Partition }
  /** Record that none of its deliveries is pending any longer. */
  | { do: "settle"; partition: Partition }
  /** Take numbers from the next one. */
  | { do: "move on"; partition: Partition }
  /** Free the ids of its events, from this number on. */
  | { do: "forget"; partition: Partition; from: number }
  | { do: "drop"; partition: Partition };

/** The inputs of the decision. */
export interface PartitionTimes {
  now: number;
  /** Events from before this time are no longer needed. */
  eventsBefore: number;
  /** How long numbers are taken from one partition. */
  partitionMs: number;
}

/** Events may be this much younger than their partition's recorded closing time: closing waits for transactions. */
export const CLOSING_MS = 60_000;

/** The first partition that may have pending deliveries: claims look from there on. */
export function firstUnsettled(partitions: readonly Partition[]): Partition | null {
  return partitions.find(({ settled }) => !settled) ?? null;
}

/**
 * Decides what to do next, given all partitions in their order, the last numbers taken for an event and for a delivery,
 * and whether a delivery is pending in the first unsettled partition. The next partition always exists before it is
 * needed, even when the numbers run into it on their own.
 */
export function partitionWork(
  partitions: readonly Partition[],
  drawn: { event: number; delivery: number },
  pending: boolean,
  { now, eventsBefore, partitionMs }: PartitionTimes,
): PartitionWork | null {
  const current = partitions.find(({ closedAt }) => closedAt === null);
  const last = partitions.at(-1);
  const furthest = Math.max(drawn.event, drawn.delivery);
  if (current === undefined || last === undefined || last === current || furthest >= last.first) return { do: "make" };
  if (current.openedAt === null) return { do: "open", partition: current };
  if (now - current.openedAt >= partitionMs || furthest >= current.past) return { do: "move on", partition: current };
  const unsettled = firstUnsettled(partitions);
  if (unsettled !== null && unsettled.closedAt !== null && !pending) return { do: "settle", partition: unsettled };
  const [oldest] = partitions;
  if (oldest === undefined || !oldest.settled || oldest.closedAt === null || oldest.closedAt + CLOSING_MS > eventsBefore) return null;
  const from = oldest.forgotten ?? oldest.first;
  return from < oldest.past ? { do: "forget", partition: oldest, from } : { do: "drop", partition: oldest };
}
