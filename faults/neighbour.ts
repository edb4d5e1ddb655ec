import { randomBytes } from "node:crypto";
import type { Node, World } from "./world.ts";

/** The type of event that a second platform's endpoints hear. */
const TYPE = "payout.failed";
/** Events in one call. */
const BATCH = 200;

/** A second platform in a world, with endpoints of its own: the first must not feel it. */
export interface Neighbour {
  addEndpoint(node: Node, url: string): Promise<void>;
  /** Publishes so many events, each owed to every one of its endpoints. */
  publish(node: Node, count: number): Promise<void>;
}

/** With a file, no node may be running. */
export async function addNeighbour(world: World): Promise<Neighbour> {
  const headers = await world.addPlatform("Neighbour");
  return {
    async addEndpoint(node, url) {
      const form = { url, "enabled_events[]": TYPE };
      const { status, body } = await world.call(node, "POST", "/v1/webhook_endpoints", form, headers);
      if (status !== 200) throw new Error(`an endpoint was answered ${status} ${JSON.stringify(body)}`);
    },
    async publish(node, count) {
      for (let left = count; left > 0; left -= BATCH) {
        const events = Array.from({ length: Math.min(left, BATCH) }, () => ({
          id: `evt_${randomBytes(12).toString("hex")}`,
          type: TYPE,
          data: { object: { id: "po_1", object: "payout" } },
        }));
        const answer = await fetch(`${node.url}/v1/events`, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body: JSON.stringify({ events }),
        });
        await answer.arrayBuffer();
        if (answer.status !== 200) throw new Error(`events were answered ${answer.status}`);
      }
    },
  };
}
