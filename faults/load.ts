import { setTimeout as pause } from "node:timers/promises";
import type { Node, World } from "./world.ts";

const BATCH = 10;
const PUBLISHERS = 2;
/** After a refusal, as a client waits before it tries again. */
const AFTER_REFUSAL_MS = 20;

/** Publishers that go on until they are stopped, whatever becomes of the servers. */
export interface Load {
  /** Calls that failed, with their retries. */
  refusals: number;
  /** Calls that failed on the node that was asked first and on the next. */
  failedTwice: number;
  stop(): Promise<void>;
}

/** `nodes` tells which may be asked just now; a call that fails is made once more, of the next of them. */
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
