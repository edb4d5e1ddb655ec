import { readdirSync, readFileSync } from "node:fs";

/**
 * The processor time of each thread of a process so far, and how long it waited for a processor, both in microseconds,
 * by the thread's number in Linux.
 */
export type ThreadTimes = ReadonlyMap<number, { name: string; microseconds: number; waitedMicroseconds: number }>;

/** Reads what Linux counts. Source: https://docs.kernel.org/scheduler/sched-stats.html */
export function threadTimes(pid: number): ThreadTimes {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const of = `/proc/${pid}/task/${thread}`;
    const [ran, waited] = readFileSync(`${of}/schedstat`, "utf8").split(" ", 2);
    const name = readFileSync(`${of}/comm`, "utf8").trim();
    return [Number(thread), { name, microseconds: Number(ran) / 1_000, waitedMicroseconds: Number(waited) / 1_000 }] as const;
  });
  return new Map(threads);
}

/**
 * The processor time between two readings: that of the threads that run JavaScript, and that of all others together.
 */
export function timeBetween(pid: number, before: ThreadTimes, after: ThreadTimes): { main: number; sender: number; others: number } {
  const spent = { main: 0, sender: 0, others: 0 };
  for (const [thread, { name, microseconds }] of after) {
    const whose = thread === pid ? "main" : name === "engine-thread" ? "sender" : "others";
    spent[whose] += microseconds - (before.get(thread)?.microseconds ?? 0);
  }
  return spent;
}
