import { expect, test } from "vitest";
import { CLOSING_MS, type Partition, type PartitionTimes, type PartitionWork, partitionWork } from "./partition.ts";

const WEEK = 7 * 24 * 3_600_000;
const NOW = 10 * WEEK;

const partition = (k: number, given: Partial<Partition> = {}): Partition => ({
  k,
  first: k * 100,
  past: (k + 1) * 100,
  openedAt: null,
  closedAt: null,
  settled: false,
  forgotten: null,
  ...given,
});
const open = partition(1, { openedAt: NOW - 1 });
const next = partition(2);
const closed = partition(0, { openedAt: 0, closedAt: NOW - 5 * WEEK });
const times: PartitionTimes = { now: NOW, eventsBefore: NOW - 4 * WEEK, partitionMs: WEEK };

test.each<[string, Partition[], { drawn?: number; pending?: boolean; times?: Partial<PartitionTimes> }, PartitionWork | null]>([
  ["nothing, while the open one is young and empty ones wait", [open, next], {}, null],
  ["make one where there is none", [], {}, { do: "make" }],
  ["make one where the open one is the last", [open], {}, { do: "make" }],
  ["make one where the last is closed", [closed], {}, { do: "make" }],
  ["make one where numbers are in the last already", [open, next], { drawn: 200 }, { do: "make" }],
  ["open the very first", [partition(0), next], {}, { do: "open", partition: partition(0) }],
  [
    "move on when the time is over",
    [partition(1, { openedAt: NOW - WEEK }), next],
    {},
    { do: "move on", partition: partition(1, { openedAt: NOW - WEEK }) },
  ],
  ["not a moment before", [partition(1, { openedAt: NOW - WEEK + 1 }), next], {}, null],
  ["move on when numbers have run over", [open, next, partition(3)], { drawn: 200 }, { do: "move on", partition: open }],
  ["not at the last number", [open, next], { drawn: 199 }, null],
  ["settle one that is closed and has nothing pending", [closed, open, next], {}, { do: "settle", partition: closed }],
  ["not while something is pending in it", [closed, open, next], { pending: true }, null],
  ["not the open one", [open, next], { pending: false }, null],
  [
    "settle in their order",
    [{ ...closed, k: -1, settled: true, closedAt: NOW - WEEK }, closed, open, next],
    {},
    { do: "settle", partition: closed },
  ],
  [
    "forget one that is settled and old, from its first number",
    [{ ...closed, settled: true }, open, next],
    {},
    { do: "forget", partition: { ...closed, settled: true }, from: 0 },
  ],
  [
    "forget on",
    [{ ...closed, settled: true, forgotten: 40 }, open, next],
    {},
    { do: "forget", partition: { ...closed, settled: true, forgotten: 40 }, from: 40 },
  ],
  [
    "drop one that is forgotten",
    [{ ...closed, settled: true, forgotten: 100 }, open, next],
    {},
    { do: "drop", partition: { ...closed, settled: true, forgotten: 100 } },
  ],
  ["keep one that is settled and young", [{ ...closed, settled: true, closedAt: NOW - 4 * WEEK }, open, next], {}, null],
  [
    "keep one while an event of it may be young",
    [{ ...closed, settled: true, closedAt: NOW - 4 * WEEK - CLOSING_MS + 1 }, open, next],
    {},
    null,
  ],
])("%s", (_, partitions, { drawn = 0, pending = false, times: given }, expected) => {
  for (const each of [
    { event: drawn, delivery: 0 },
    { event: 0, delivery: drawn },
  ])
    expect(partitionWork(partitions, each, pending, { ...times, ...given })).toEqual(expected);
});
