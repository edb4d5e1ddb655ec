import { randomBytes } from "node:crypto";
import { type Child, startChild } from "../bench/child.ts";
import type { ProxyOrder, ProxySeen } from "./fault-proxy.ts";
import type { RowContext } from "./row.ts";
import { type Delivery, type Kind, type Node, until, World } from "./world.ts";

/** A world whose endpoint is behind a proxy that can break connections and connect to other places. */
export interface ProxiedWorld {
  world: World;
  proxy: Child;
  /** Tells the proxy what to do from now on; it connects to the recorder by default. */
  order(order: Partial<ProxyOrder>): Promise<void>;
  seen(): Promise<ProxySeen>;
  close(): Promise<void>;
}

export async function proxiedWorld(kind: Kind, context: RowContext): Promise<ProxiedWorld> {
  const { child: proxy, hello } = await startChild<{ port: number }>(new URL("./fault-proxy.ts", import.meta.url));
  const world = await World.create(kind, context, { before: async () => hello });
  const order = async (given: Partial<ProxyOrder>): Promise<void> => {
    await proxy.ask({ to: world.recorderPort, fault: null, ...given } satisfies ProxyOrder);
  };
  await order({});
  return {
    world,
    proxy,
    order,
    seen: () => proxy.ask({ seen: true }),
    async close() {
      await world.close();
      await proxy.stop();
    },
  };
}

/** Publishes one event and waits for its first attempt to be recorded; null when the attempt ended the node. */
export async function tryOnce(world: World, node: Node): Promise<{ event: string; delivery: Delivery } | null> {
  const event = `evt_${randomBytes(12).toString("hex")}`;
  await world.publishIds(node, [event]);
  let delivery: Delivery | null = null;
  await until(`an attempt for ${event}`, async () => {
    if (!world.isUp(node)) return true;
    try {
      delivery = await world.deliveryOf(node, event);
    } catch {
      // No answer: the node has ended, or is about to end. If not, the call is repeated.
    }
    return (delivery?.attempt_count ?? 0) > 0;
  });
  return delivery === null || (delivery as Delivery).attempt_count === 0 ? null : { event, delivery };
}
