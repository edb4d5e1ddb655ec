import { randomBytes } from "node:crypto";
import type { Delivery, Node, World } from "./world.ts";

/** The type of event that a second platform's endpoints receive. */
const TYPE = "payout.failed";
/** The most deliveries that one call may make: more would block a database. */
const DELIVERIES_AT_ONCE = 10_000;
const LEAST_ENDPOINTS = 50;

/** A second platform in a world, with its own endpoints. The first must not notice it. */
export interface Neighbour {
  /** A call with its key. */
  call(node: Node, method: string, path: string, form?: Record<string, string>): Promise<{ status: number; body: { id?: string } }>;
  /** Registers an endpoint. The server may refuse it. */
  register(node: Node, url: string): Promise<{ status: number; body: { id?: string } }>;
  /** Changes the URL of an endpoint. The server may refuse it. */
  change(node: Node, endpoint: string, url: string): Promise<{ status: number }>;
  /** Registers an endpoint. Throws when that is refused. */
  addEndpoint(node: Node, url: string): Promise<void>;
  /** Publishes this many events, each for all of its endpoints. Returns their ids. */
  publish(node: Node, count: number): Promise<string[]>;
  /** All its deliveries. */
  deliveries(node: Node): Promise<Pick<Delivery, "id" | "attempt_count">[]>;
  delivery(node: Node, id: string): Promise<Delivery>;
}

/** If the store is a file, no node may be running. */
export async function addNeighbour(world: World): Promise<Neighbour> {
  const headers = await world.addPlatform("Neighbour");
  const call = <Answer>(node: Node, method: string, path: string, form: Record<string, string> = {}) =>
    world.call<Answer>(node, method, path, form, headers);
  const register = (node: Node, url: string) =>
    call<{ id?: string }>(node, "POST", "/v1/webhook_endpoints", { url, "enabled_events[]": TYPE });
  let endpoints = 0;
  return {
    call,
    register,
    change: (node, endpoint, url) => call(node, "POST", `/v1/webhook_endpoints/${endpoint}`, { url }),
    async addEndpoint(node, url) {
      const { status, body } = await register(node, url);
      endpoints++;
      if (status !== 200) throw new Error(`an endpoint was answered ${status} ${JSON.stringify(body)}`);
    },
    async publish(node, count) {
      const ids = Array.from({ length: count }, () => `evt_${randomBytes(12).toString("hex")}`);
      const batch = Math.ceil(DELIVERIES_AT_ONCE / Math.max(LEAST_ENDPOINTS, endpoints));
      for (let from = 0; from < count; from += batch) {
        const events = ids.slice(from, from + batch).map((id) => ({ id, type: TYPE, data: { object: { id: "po_1", object: "payout" } } }));
        const answer = await fetch(`${node.url}/v1/events`, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body: JSON.stringify({ events }),
        });
        await answer.arrayBuffer();
        if (answer.status !== 200) throw new Error(`events were answered ${answer.status}`);
      }
      return ids;
    },
    async deliveries(node) {
      const all: Pick<Delivery, "id" | "attempt_count">[] = [];
      for (let after = ""; ; ) {
        const { body } = await call<{ data: typeof all; has_more: boolean }>(node, "GET", `/console/deliveries?limit=100${after}`);
        all.push(...body.data);
        if (!body.has_more) return all;
        after = `&starting_after=${body.data.at(-1)?.id}`;
      }
    },
    delivery: async (node, id) => (await call<Delivery>(node, "GET", `/console/deliveries/${id}`)).body,
  };
}
