import type { FastifyInstance, FastifyReply } from "fastify";
import { type Store, StoreUnavailable } from "../store/store.ts";

/** Where load balancers and supervisors ask for the server's state. Probes are always answered and never logged. */
export const PROBES: ReadonlySet<string> = new Set(["/health", "/livez", "/readyz"]);

/** Whether a server is ready. The reason is for people. */
type Readiness = { ready: true } | { ready: false; reason: string };

/** Whether the server can work. Simultaneous callers share one check of the store. */
function createReadiness(store: Pick<Store, "read">): () => Promise<Readiness> {
  let looking: Promise<unknown> | null = null;
  return async () => {
    looking ??= store
      .read((reads) => reads.setting("purpose"))
      .finally(() => {
        looking = null;
      });
    try {
      await looking;
      return { ready: true };
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return { ready: false, reason: "The store cannot be reached." };
    }
  };
}

/** What a server answers at `/livez`, wherever it listens. */
export function alive(mark: string): { status: "ok"; server: string } {
  return { status: "ok", server: mark };
}

/**
 * Adds the probes, which require no key. `/livez` says that the process answers. `/readyz` and `/health` say whether
 * the server can work, with 200 or 503. `mark` tells this server from every other. A stopping server answers all of them
 * with 503, as it does other requests.
 */
export function addProbes(app: FastifyInstance, store: Pick<Store, "read">, mark: string): void {
  const readiness = createReadiness(store);
  const fresh = (reply: FastifyReply) => reply.header("cache-control", "no-store");
  app.get("/livez", async (_request, reply) => {
    fresh(reply);
    return alive(mark);
  });
  for (const path of ["/readyz", "/health"])
    app.get(path, async (_request, reply) => {
      fresh(reply);
      const found = await readiness();
      return found.ready ? { status: "ok" } : reply.code(503).send({ status: "unavailable", reason: found.reason });
    });
}
