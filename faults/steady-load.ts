import { setTimeout as pause } from "node:timers/promises";
import type { Node, World } from "./world.ts";

/** Publishes one event after another at a steady pace, and records their ids. */
export interface SteadyLoad {
  /** The ids of the acknowledged events. */
  events: string[];
  refusals: number;
  stop(): Promise<void>;
}

export function startSteadyLoad(world: World, node: Node, everyMs: number): SteadyLoad {
  let stopped = false;
  const load: SteadyLoad = {
    events: [],
    refusals: 0,
    async stop() {
      stopped = true;
      await publishing;
    },
  };
  const publishing = (async () => {
    while (!stopped) {
      await Promise.all([one(), pause(everyMs)]);
    }
  })();
  return load;

  async function one(): Promise<void> {
    try {
      load.events.push(...(await world.publishMany(node, 1)));
    } catch {
      load.refusals++;
    }
  }
}

/**
 * How long events take from the publishing call to the recorder, in milliseconds, at a steady pace for a while.
 */
export async function steadyLatencies(world: World, node: Node, { everyMs, forMs }: { everyMs: number; forMs: number }): Promise<number[]> {
  const load = startSteadyLoad(world, node, everyMs);
  await pause(forMs);
  await load.stop();
  await world.drained();
  return world.latencies(load.events);
}
