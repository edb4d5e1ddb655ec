/** The events and deliveries of a range of numbers, with what hangs on them: what is dropped together. */
export interface Partition {
  /** Its place among all there ever were. */
  k: number;
  /** Its first number, and the first that is no longer its own. */
  first: number;
  past: number;
  /** When it became the one that numbers are drawn from, and when it ceased to be, Unix milliseconds; null before. */
  openedAt: number | null;
  closedAt: number | null;
  /** Whether none of its deliveries is pending, and none will be unless it is released from quarantine. */
  settled: boolean;
  /** The ids of its events below this number are free again; null while none is. */
  forgotten: number | null;
}

/** What is to be done next about the partitions. */
export type PartitionWork =
  /** Make one more after the last. */
  | { do: "make" }
  /** Note when the very first was opened. */
  | { do: "open"; partition: Partition }
  /** Note that none of its deliveries is pending any more. */
  | { do: "settle"; partition: Partition }
  /** Draw numbers from the next one. */
  | { do: "move on"; partition: Partition }
  /** Free the ids of its events, from this number on. */
  | { do: "forget"; partition: Partition; from: number }
  | { do: "drop"; partition: Partition };

/** What the work depends on. */
export interface PartitionTimes {
  now: number;
  /** Events from before this time are no longer needed. */
  eventsBefore: number;
  /** How long numbers are drawn from one partition. */
  partitionMs: number;
}

/** Events may be this much younger than the time that is noted as their partition's closing: it waits for transactions. */
export const CLOSING_MS = 60_000;

/** The first partition of which it is not known that nothing is pending in it: claims look from there on. */
export function firstUnsettled(partitions: readonly Partition[]): Partition | null {
  return partitions.find(({ settled }) => !settled) ?? null;
}

/**
 * Decides what to do next, given all partitions in their order, the last number drawn for an event and for a delivery, and
 * whether a delivery is pending in the first unsettled partition. The next partition is always there before it is needed,
 * also when numbers run into it by themselves.
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
