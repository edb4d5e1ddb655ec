import type { FastifyInstance } from "fastify";
import { type Store, StoreUnavailable } from "../store/store.ts";

/** Where a load balancer asks whether requests may be sent here. */
export const HEALTH_PATH = "/health";

/**
 * Adds the route that says whether the server can work: 200, or 503 while the store cannot be reached. It asks for no key
 * and tells nothing else. Nobody is refused it, so those who ask at the same time share one look at the store.
 */
export function addHealth(app: FastifyInstance, store: Store): void {
  let looking: Promise<unknown> | null = null;
  app.get(HEALTH_PATH, async (_request, reply) => {
    reply.header("cache-control", "no-store");
    looking ??= store
      .read((reads) => reads.setting("purpose"))
      .finally(() => {
        looking = null;
      });
    try {
      await looking;
      return { status: "ok" };
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return reply.code(503).send({ status: "unavailable" });
    }
  });
}
