import { setTimeout as pause } from "node:timers/promises";
import { residentMegabytes } from "../../bench/resident-megabytes.ts";
import { startLoad } from "../load.ts";
import { quantileOf } from "../quantile-of.ts";
import type { Row, Scale } from "../row.ts";
import { until, World } from "../world.ts";

const STOPPED_MS: Record<Scale, number> = { full: 60_000, quick: 6_000 };
const LIMITS = { databaseConnectMs: 500, databaseAnswerMs: 1_000 };
/**
 * The time within which a call is answered before the silence is noticed: the time for one connection and one answer,
 * with some margin.
 */
const FIRST_MS = 2_500;

/**
 * SIGSTOP of PostgreSQL: calls are answered 503, at first soon and then at once; memory does not grow; everything
 * continues on its own after SIGCONT.
 */
export const databaseStopped: Row = {
  number: 6,
  name: "PostgreSQL stands still",
  async run(context) {
    const { own } = context.postgres;
    if (own === null) throw new Error("this row needs a PostgreSQL server of its own: unset CARABINER_TEST_DATABASE_URL");
    const world = await World.create("postgresql", context);
    try {
      const node = await world.startNode({ limits: LIMITS });
      const load = startLoad(world, () => [node]);
      await until("some acknowledgements", () => world.acknowledged.size > 100);
      const before = residentMegabytes(node.child.pid);
      const pids = own.pids();
      context.progress(`stopped for ${STOPPED_MS[context.scale] / 1_000} s`);
      for (const pid of pids) process.kill(pid, "SIGSTOP");
      const answeredMs: number[] = [];
      const wrong = new Map<number, number>();
      try {
        for (const began = performance.now(); performance.now() - began < STOPPED_MS[context.scale]; await pause(20)) {
          const asked = performance.now();
          const { status } = await world.call(node, "GET", "/v1/account");
          answeredMs.push(performance.now() - asked);
          if (status !== 503) wrong.set(status, (wrong.get(status) ?? 0) + 1);
        }
      } finally {
        for (const pid of pids) process.kill(pid, "SIGCONT");
      }
      const after = residentMegabytes(node.child.pid);
      const known = world.acknowledged.size;
      const began = performance.now();
      await until("an acknowledgement", () => world.acknowledged.size > known);
      const backMs = performance.now() - began;
      await load.stop();
      const drainS = await world.drained();
      await world.settled(node);
      const { breaches, figures } = await world.verdict({ faulty: true });
      for (const [status, count] of wrong) breaches.push(`${count} calls were answered ${status} by a database that stood still`);
      const longest = Math.max(...answeredMs);
      if (context.scale === "full" && longest > FIRST_MS) breaches.push(`a call was answered after ${Math.round(longest)} ms`);
      return {
        breaches,
        figures: {
          ...figures,
          stoppedMs: STOPPED_MS[context.scale],
          calls: answeredMs.length,
          answeredP50Ms: Math.round(quantileOf(answeredMs, 0.5)),
          answeredP99Ms: Math.round(quantileOf(answeredMs, 0.99)),
          longestMs: Math.round(longest),
          memoryBeforeMb: Math.round(before),
          memoryAfterMb: Math.round(after),
          backMs: Math.round(backMs),
          drainS: Math.round(drainS * 100) / 100,
        },
      };
    } finally {
      await world.close();
    }
  },
};
