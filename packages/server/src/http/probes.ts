import type { FastifyInstance, FastifyReply } from "fastify";
import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

/** Where load balancers and supervisors ask for the server's state. Probes are always answered and never logged. */
export const PROBES: ReadonlySet<string> = new Set(["/health", "/livez", "/readyz"]);

/** Whether a server is ready. The reason is for people. */
type Readiness = { ready: true } | { ready: false; reason: string };

/** What the probes look at. */
export interface Probed {
  store: Pick<Store, "read">;
  /** Waits in the machine's time. */
  clock: Pick<Clock, "pause">;
  limits: Pick<Limits, "probeMs">;
  /** Why the server cannot work although its store answers; null when it can. */
  trouble(): string | null;
}

/**
 * Whether the server can work. There is one look at the store at a time, which all who ask meanwhile share. Who has
 * waited for `probeMs` is told that there is no answer; the look goes on.
 */
function createReadiness({ store, clock, limits, trouble }: Probed): () => Promise<Readiness> {
  let looking: Promise<Readiness> | null = null;

  async function look(): Promise<Readiness> {
    try {
      await store.read((reads) => reads.setting("purpose"));
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return { ready: false, reason: error.message };
    }
    const reason = trouble();
    return reason === null ? { ready: true } : { ready: false, reason };
  }

  return async () => {
    looking ??= look().finally(() => {
      looking = null;
    });
    const answered = new AbortController();
    const late = clock
      .pause(limits.probeMs, answered.signal)
      .then((): Readiness => ({ ready: false, reason: `The store has not answered within ${limits.probeMs} ms.` }));
    try {
      return await Promise.race([looking, late]);
    } finally {
      answered.abort();
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
export function addProbes(app: FastifyInstance, probed: Probed, mark: string): void {
  const readiness = createReadiness(probed);
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
