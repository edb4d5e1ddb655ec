import { setTimeout as pause } from "node:timers/promises";
import type { Node, World } from "./world.ts";

const BATCH = 10;
const PUBLISHERS = 2;
/** The wait after a refusal, like that of a client before it tries again. */
const AFTER_REFUSAL_MS = 20;

/** Publishers that continue until they are stopped, whatever happens to the servers. */
export interface Load {
  /** How many calls failed, including retries. */
  refusals: number;
  /** How many calls failed on the first node and also on the next. */
  failedTwice: number;
  stop(): Promise<void>;
}

/** `nodes` returns the nodes that may be called now; a call that fails is repeated once, on the next node. */
export function startLoad(world: World, nodes: () => readonly Pick<Node, "url">[]): Load {
  let stopped = false;
  let turn = 0;
  const load: Load = { refusals: 0, failedTwice: 0, stop };
  const publishers = Array.from({ length: PUBLISHERS }, async () => {
    while (!stopped) {
      const at = turn++;
      if (await ask(at)) continue;
      load.refusals++;
      await pause(AFTER_REFUSAL_MS);
      if (stopped || (await ask(at + 1))) continue;
      load.failedTwice++;
      await pause(AFTER_REFUSAL_MS);
    }
  });
  return load;

  async function ask(at: number): Promise<boolean> {
    const open = nodes();
    const node = open[at % open.length];
    return node !== undefined && world.publish(node, BATCH);
  }

  async function stop(): Promise<void> {
    stopped = true;
    await Promise.all(publishers);
  }
}
