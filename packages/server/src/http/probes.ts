import type { FastifyInstance, FastifyReply } from "fastify";
import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";

/** Where load balancers and supervisors ask for the server's state. Probes are always answered and never logged. */
export const PROBES: ReadonlySet<string> = new Set(["/health", "/livez", "/readyz"]);

/** Whether a server is ready. The reason is for people. */
type Readiness = { ready: true } | { ready: false; reason: string };

/** The store answers reads alone. */
const READ_ONLY = "Nothing can be stored: the database takes no writes.";

/** What the probes check. */
export interface Probed {
  store: Pick<Store, "read">;
  /** Waits, on the machine's clock. */
  clock: Pick<Clock, "pause" | "wallNow">;
  limits: Pick<Limits, "probeMs" | "healthDueMs" | "healthLookMs">;
  /** The server's time, which decides when deliveries are due; it may be turned. */
  now(): number;
  /** Why the server cannot work although its store answers; null when it can. */
  trouble(): string | null;
}

/**
 * Whether the server can work. It queries the store once at a time, and all callers in the meantime share that query. A
 * caller that has waited `probeMs` is told that the store has not answered; the query continues.
 */
function createReadiness({ store, clock, limits, trouble }: Probed): () => Promise<Readiness> {
  let looking: Promise<Readiness> | null = null;

  async function look(): Promise<Readiness> {
    try {
      const writes = await store.read(async (reads) => {
        await reads.setting("purpose");
        return reads.takesWrites();
      });
      if (!writes) return { ready: false, reason: READ_ONLY };
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

/** Endpoints that are examined to find one whose deliveries wait. Those that have waited longest come first. */
const LOOKED_AT = 100;

/**
 * Whether due work gets done, on any of the servers: deliveries to endpoints that do not fail, and scheduled work. It
 * queries the store at most once in `healthLookMs`. Work that was already waiting when this server started has time
 * until the server has run as long as the limit.
 */
function createWork({ store, clock, limits, now }: Probed): () => Promise<Readiness> {
  const startedAt = now();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let found: Readiness = { ready: true };

  async function look(): Promise<Readiness> {
    const at = now();
    const { oldestWorkingDueAt, oldestTaskDueAt } = await store.read((reads) => reads.backlog(at, LOOKED_AT));
    const late = (dueAt: number | null) => (dueAt === null ? 0 : at - Math.max(dueAt, startedAt));
    const seconds = (dueAt: number | null) => Math.round((at - (dueAt ?? at)) / 1_000);
    if (late(oldestWorkingDueAt) > limits.healthDueMs)
      return { ready: false, reason: `Deliveries have been due for ${seconds(oldestWorkingDueAt)} s and are not sent.` };
    if (late(oldestTaskDueAt) > limits.healthDueMs)
      return { ready: false, reason: `Scheduled work has been due for ${seconds(oldestTaskDueAt)} s and is not done.` };
    return { ready: true };
  }

  return async () => {
    const at = clock.wallNow();
    if (at - lookedAt < limits.healthLookMs && at >= lookedAt) return found;
    lookedAt = at;
    try {
      found = await look();
    } catch (error) {
      // The next caller gets the same answer as for any store that does not answer.
      if (!(error instanceof StoreUnavailable)) throw error;
    }
    return found;
  };
}

/** What a server answers at `/livez`, at every address that it listens on. */
export function alive(mark: string): { status: "ok"; server: string } {
  return { status: "ok", server: mark };
}

/**
 * Adds the probes, which require no key. `/livez` says that the process answers. `/readyz` says whether the server can
 * work, with 200 or 503, and `/health` also whether due work gets done. `mark` tells this server from every other. A
 * stopping server answers all of them with 503, as it does other requests.
 */
export function addProbes(app: FastifyInstance, probed: Probed, mark: string): void {
  const readiness = createReadiness(probed);
  const work = createWork(probed);
  const fresh = (reply: FastifyReply) => reply.header("cache-control", "no-store");
  const send = (reply: FastifyReply, found: Readiness) =>
    found.ready ? { status: "ok" } : reply.code(503).send({ status: "unavailable", reason: found.reason });
  app.get("/livez", async (_request, reply) => {
    fresh(reply);
    return alive(mark);
  });
  app.get("/readyz", async (_request, reply) => {
    fresh(reply);
    return send(reply, await readiness());
  });
  app.get("/health", async (_request, reply) => {
    fresh(reply);
    const found = await readiness();
    return send(reply, found.ready ? await work() : found);
  });
}
