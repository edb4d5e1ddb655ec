import type { FastifyInstance } from "fastify";
import { type Store, StoreUnavailable } from "../store/store.ts";

/** Where a load balancer asks whether requests may be sent here. */
const PATH = "/health";

/** Adds the route that says whether the server can work: 200, or 503 while the store cannot be reached. It asks for no key and tells nothing else. */
export function addHealth(app: FastifyInstance, store: Store): void {
  app.get(PATH, async (_request, reply) => {
    reply.header("cache-control", "no-store");
    try {
      await store.read((reads) => reads.setting("purpose"));
      return { status: "ok" };
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return reply.code(503).send({ status: "unavailable" });
    }
  });
}
