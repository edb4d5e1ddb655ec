import { createIdSource } from "@carabiner/protocol";
import { createEngine, type Engine } from "../../src/deliveries/engine.ts";
import { defaultPolicies } from "../../src/deliveries/policies.ts";
import { recordEvents } from "../../src/events/record-event.ts";
import type { Limits } from "../../src/limits.ts";
import { type EndpointRow, type Store, StoreUnavailable } from "../../src/store/store.ts";
import type { Transport } from "../../src/transport/transport.ts";
import type { Agenda } from "./agenda.ts";
import { type Checker, CLOCK_ERROR_MS } from "./checker.ts";
import type { Figures } from "./figures.ts";
import { createLife, type Life } from "./life.ts";
import type { Population } from "./population.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** One server of several: lives, dies, and is started again by whoever looks after it. */
export interface SimulatedNode {
  boot(): void;
  /** Dies on the spot (SIGKILL), and is started again later. */
  crash(downMs: number): void;
  /** Stands still (SIGSTOP), and goes on later. */
  pause(forMs: number): void;
  /** Ends what it is about (SIGTERM), and is started again; killed when that takes too long. Tells when it is up again. */
  restart(up: () => void): void;
  jumpWallClock(byMs: number): void;
  /** An API request that publishes so many events. */
  publish(count: number): void;
  /** An API request that disables, enables or deletes an endpoint. */
  changeEndpoint(endpoint: EndpointRow): void;
}

export interface NodeOptions {
  number: number;
  agenda: Agenda;
  random: SeededRandom;
  /** The database and the network as one life of it sees them. */
  storeOf(life: Life): Store;
  transportOf(life: Life): Transport;
  checker: Checker;
  figures: Figures;
  limits: Limits;
  /** How far its machine's own clock may be off, to either side. */
  wallErrorMs: number;
  population: Population;
  /** A publisher was told that this event is kept, and to how many endpoints it is owed. */
  acknowledged(eventId: string, owedTo: number): void;
}

/** How long the one who looks after a node waits for it to end before it is killed. */
const KILL_AFTER_MS = 40_000;

/** A server in one of its lives. */
interface Server {
  life: Life;
  store: Store;
  engine: Engine;
  ids: ReturnType<typeof createIdSource>;
  /** API requests under way. */
  requests: Set<Promise<unknown>>;
  /** It takes requests. */
  open: boolean;
}

export function createNode(options: NodeOptions): SimulatedNode {
  const { number, agenda, random, checker, figures, limits, population } = options;
  let wallErrorMs = clockError() + random.below(2 * options.wallErrorMs + 1) - options.wallErrorMs;
  let lives = 0;
  let server: Server | null = null;

  function clockError(): number {
    return random.below(2 * CLOCK_ERROR_MS + 1) - CLOCK_ERROR_MS;
  }

  function boot(): void {
    if (server !== null) return;
    const life = createLife({
      node: number,
      name: `node ${number} in life ${++lives}`,
      agenda,
      errorMs: clockError(),
      wallErrorMs: () => wallErrorMs,
    });
    const store = options.storeOf(life);
    const engine = createEngine({
      store,
      clock: life.clock,
      transport: options.transportOf(life),
      policies: defaultPolicies(limits.attemptDeadlineMs),
      limits,
      onTrouble: (error) => {
        if (!(error instanceof StoreUnavailable)) checker.breach("bug", String(error));
      },
      onBug: (error) => checker.breach("bug", error instanceof Error ? (error.stack ?? error.message) : String(error)),
      onSettled: (settlement) => checker.told(life, settlement),
    });
    const started: Server = { life, store, engine, ids: createIdSource(random.bytes), requests: new Set(), open: false };
    server = started;
    store.releaseLeases(life.clock.now()).then(
      () => {
        engine.start();
        started.open = true;
      },
      // It cannot begin without its database: it ends, and is started again.
      () => crashed(started, 5_000),
    );
  }

  function crashed(dead: Server, downMs: number): void {
    dead.life.die();
    if (server !== dead) return;
    server = null;
    agenda.after(downMs, boot);
  }

  /** Runs an API request, if the server takes any. */
  function request(work: (at: Server) => Promise<void>): void {
    const at = server;
    if (at === null || !at.open || at.life.state !== "running") return;
    const running = work(at).catch((error: unknown) => {
      if (error instanceof StoreUnavailable) figures.unacknowledged++;
      else checker.breach("bug", String(error));
    });
    at.requests.add(running);
    void running.then(() => at.requests.delete(running));
  }

  return {
    boot,
    crash(downMs) {
      if (server === null) return;
      figures.crashes++;
      crashed(server, downMs);
    },
    pause(forMs) {
      const life = server?.life;
      if (life?.state !== "running") return;
      figures.pauses++;
      if (forMs > limits.leaseMs) figures.pausesBeyondLease++;
      life.pause();
      agenda.after(forMs, () => life.goOn());
    },
    restart(up) {
      const ending = server;
      if (ending === null || !ending.open || ending.life.state !== "running") return up();
      figures.restarts++;
      ending.open = false;
      const next = (): void => {
        ending.life.die();
        if (server === ending) server = null;
        agenda.after(1_000 + random.below(4_000), () => {
          boot();
          agenda.after(1_000, up);
        });
      };
      const keepFromKilling = agenda.after(KILL_AFTER_MS, next);
      void Promise.allSettled(ending.requests)
        .then(() => ending.engine.stop())
        .then(() => {
          if (ending.life.state === "dead") return;
          keepFromKilling();
          next();
        });
    },
    jumpWallClock(byMs) {
      figures.clockJumps++;
      wallErrorMs += byMs;
    },
    publish(count) {
      const account = random.pick([population.platform, population.connected]);
      const livemode = random.chance(0.5);
      request(async ({ store, life, ids }) => {
        const events = await store.transaction((tx) =>
          recordEvents(
            tx,
            Array.from({ length: count }, (_, n) => ({
              account,
              livemode,
              type: "customer.created",
              object: { id: `cus_${n}`, object: "customer" },
            })),
            { now: life.clock.now(), ids, request: null },
          ),
        );
        for (const { id, pendingWebhooks } of events) {
          figures.acknowledged++;
          options.acknowledged(id, pendingWebhooks);
        }
      });
    },
    changeEndpoint({ id }) {
      const remove = random.chance(0.05);
      request(async ({ store }) => {
        await store.transaction(async (tx) => {
          const row = (await tx.endpoint(id)) as EndpointRow;
          if (row.deleted) return;
          if (remove) await tx.updateEndpoint({ ...row, deleted: true });
          else if (row.status === "enabled") await tx.updateEndpoint({ ...row, status: "disabled", disabledReason: "owner" });
          else await tx.updateEndpoint({ ...row, status: "enabled", disabledReason: null, firstFailureAt: null });
        });
        figures.endpointChanges++;
      });
    },
  };
}
