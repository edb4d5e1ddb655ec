import { createIdSource } from "@carabiner/protocol";
import type { SharedClock } from "../../src/clock/clock.ts";
import { createDatabaseClock } from "../../src/clock/database-clock.ts";
import { createEngine, type Engine } from "../../src/deliveries/engine.ts";
import { retryPolicies } from "../../src/deliveries/retry-policies.ts";
import { recordEvents } from "../../src/events/record-event.ts";
import type { Limits } from "../../src/limits.ts";
import type { TaskHandlers } from "../../src/operations/task.ts";
import { endpointNoticeTask } from "../../src/resources/webhook-endpoints/endpoint-notice-task.ts";
import { announce, keepBeating, leasesHold } from "../../src/service/heartbeat.ts";
import { createTaskRunner, type TaskRunner } from "../../src/service/task-runner.ts";
import type { EndpointRow } from "../../src/store/contract/rows.ts";
import { type Store, StoreUnavailable } from "../../src/store/store.ts";
import type { Transport } from "../../src/transport/transport.ts";
import type { Agenda } from "./agenda.ts";
import type { Checker } from "./checker.ts";
import type { Figures } from "./figures.ts";
import { createLife, type Life } from "./life.ts";
import type { Population } from "./population.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** One server of several: lives, dies, and is started again by its supervisor. */
export interface SimulatedNode {
  boot(): void;
  /** Dies on the spot (SIGKILL), and is started again later. */
  crash(downMs: number): void;
  /** Stands still (SIGSTOP), and continues later. */
  pause(forMs: number): void;
  /**
   * Ends what it is about (SIGTERM), and is started again; killed when that takes too long. Tells when it is up again.
   */
  restart(up: () => void): void;
  jumpWallClock(byMs: number): void;
  /** An API request that publishes so many events. */
  publish(count: number): void;
  /** An API request that disables, enables or deletes an endpoint. */
  changeEndpoint(endpoint: EndpointRow): void;
}

export interface NodeOptions {
  number: number;
  /** Whether it sends. */
  sends: boolean;
  agenda: Agenda;
  random: SeededRandom;
  /** Its clock, as it takes it to be. */
  clockOf(clock: SharedClock, life: Life): SharedClock;
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
  /** It was told that this task is kept, to be done at this time. */
  planned(subject: string, dueAt: number): void;
}

/** The type of the events that tasks record. */
export const TASK_EVENT = "customer.updated";

/** What happens to an account by the clock: the task's subject is the object of the event that tells of it. */
const TASK_KIND = "simulated";

/** The longest that is planned ahead. */
const TASK_AHEAD_MS = 3 * 3_600_000;

const SETTINGS = {
  destinations: { allowLocal: true },
  allowCustomEventTypes: true,
  publicUrl: () => "http://simulated.test",
  pickAccounts: false,
  platformsSeeServer: false,
  liveTestHelpers: false,
  personEvents: "persons_api",
} as const;

/** How much faster or slower a machine's counter may go than true time. */
const MOST_DRIFT = 20e-6;

/** How long the one who looks after a node waits for it to end before it is killed. */
const KILL_AFTER_MS = 40_000;

/** A server in one of its lives. */
interface Server {
  life: Life;
  clock: SharedClock;
  store: Store;
  /** Null when it does not send. */
  engine: Engine | null;
  tasks: TaskRunner;
  ids: ReturnType<typeof createIdSource>;
  /** API requests under way. */
  requests: Set<Promise<unknown>>;
  /** It takes requests. */
  open: boolean;
  /** Ends its heartbeat. */
  closing: AbortController;
  heartbeat: Promise<void>;
}

export function createNode(options: NodeOptions): SimulatedNode {
  const { number, agenda, random, checker, figures, limits, population } = options;
  let wallErrorMs = random.below(2 * options.wallErrorMs + 1) - options.wallErrorMs;
  let lives = 0;
  let tasksPlanned = 0;
  let server: Server | null = null;
  /** It is starting, and is not a server yet. */
  let starting: Life | null = null;

  const taskHandlers: TaskHandlers = {
    ...endpointNoticeTask,
    async [TASK_KIND]({ record, tx, livemode }, { accountId, subject }) {
      const account = await tx.account(accountId);
      if (account === null) throw new Error(`there is no ${accountId}`);
      await record([{ account, livemode, type: TASK_EVENT, object: { id: subject, object: "customer" } }]);
    },
  };

  function onTrouble(error: unknown): void {
    if (!(error instanceof StoreUnavailable)) onBug(error);
  }

  function onBug(error: unknown): void {
    checker.breach("bug", error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  function boot(): void {
    if (server !== null || starting !== null) return;
    const life = createLife({
      node: number,
      name: `node ${number} in life ${++lives}`,
      agenda,
      drift: (2 * random.next() - 1) * MOST_DRIFT,
      wallErrorMs: () => wallErrorMs,
    });
    starting = life;
    start(life).then(
      (started) => {
        starting = null;
        server = started;
        if (options.sends) checker.born(life);
      },
      // It cannot begin without its database: it ends, and is started again.
      (error: unknown) => {
        onTrouble(error);
        killed(life, 5_000);
      },
    );
  }

  /** Starts as a service does: first the time, then what an earlier life left, then the work. */
  async function start(life: Life): Promise<Server> {
    const { machine } = life;
    const store = options.storeOf(life);
    const ids = createIdSource(random.bytes);
    const asked = await createDatabaseClock(async () => (await store.sharedTime()) as number, machine.monotonic);
    const clock = options.clockOf({ ...asked, sleep: machine.sleep, pause: machine.pause }, life);
    const shared = { store, clock, limits, onTrouble, onBug };
    const tasks = createTaskRunner({ ...shared, ids, settings: SETTINGS, handlers: taskHandlers, recordEvents });
    const status = await announce(store, clock, limits);
    const makeEngine = () =>
      createEngine({
        ...shared,
        leasesHold: (leasedAt) => leasesHold(status, leasedAt, clock.now(), limits),
        transport: options.transportOf(life),
        policies: retryPolicies("stripe", limits.attemptDeadlineMs),
        onSettled: (settlement) => checker.told(life, settlement),
      });
    const engine = options.sends ? makeEngine() : null;
    if (engine !== null) {
      await store.releaseLeases(clock.now());
      engine.start();
    }
    tasks.start();
    const closing = new AbortController();
    const onTakenOver = engine === null ? null : async () => undefined;
    const heartbeat = keepBeating(store, clock, limits, status, closing.signal, onTakenOver).catch(onBug);
    return { life, clock, store, engine, tasks, ids, requests: new Set(), open: true, closing, heartbeat };
  }

  function died(life: Life): void {
    life.die();
    checker.died(life);
  }

  function killed(life: Life, downMs: number): void {
    died(life);
    if (server?.life === life) server = null;
    else if (starting === life) starting = null;
    else return;
    agenda.after(downMs, boot);
  }

  /** Stops it as a service does. Tells whether nothing was left undone. */
  async function endServer({ store, requests, tasks, engine, closing, heartbeat }: Server): Promise<boolean> {
    await Promise.allSettled(requests);
    closing.abort();
    await heartbeat;
    await tasks.stop();
    await engine?.stop();
    let clean = engine === null;
    void engine?.idle().then(() => {
      clean = true;
    });
    await Promise.resolve();
    await store.close();
    return clean;
  }

  /** Runs an API request, if the server takes any. */
  function request(work: (at: Server) => Promise<void>): void {
    const at = server;
    if (at === null || !at.open || at.life.state !== "running") return;
    const running = work(at).catch((error: unknown) => {
      if (error instanceof StoreUnavailable) figures.unacknowledged++;
      else onBug(error);
    });
    at.requests.add(running);
    void running.then(() => at.requests.delete(running));
  }

  return {
    boot,
    crash(downMs) {
      const life = server?.life ?? starting;
      if (life === null) return;
      figures.crashes++;
      killed(life, downMs);
    },
    pause(forMs) {
      const life = server?.life ?? starting;
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
        if (server === ending) server = null;
        agenda.after(1_000 + random.below(4_000), () => {
          boot();
          agenda.after(1_000, up);
        });
      };
      const doNotKill = agenda.after(KILL_AFTER_MS, () => {
        died(ending.life);
        next();
      });
      void endServer(ending).then((clean) => {
        if (ending.life.state === "dead") return;
        doNotKill();
        if (clean) {
          figures.cleanRestarts++;
          ending.life.end();
        } else died(ending.life);
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
      const task = random.chance(0.5) ? `cus_of_${number}_${++tasksPlanned}` : null;
      const aheadMs = random.below(TASK_AHEAD_MS);
      request(async ({ store, clock, ids }) => {
        const now = clock.now();
        const drafts = Array.from({ length: count }, (_, n) => ({
          account,
          livemode,
          type: "customer.created" as const,
          object: { id: `cus_${n}`, object: "customer" },
        }));
        const events = await store.transaction(async (tx) => {
          if (task !== null)
            await tx.scheduleTask({ accountId: account.id, livemode, kind: TASK_KIND, subject: task, dueAt: now + aheadMs });
          return recordEvents(tx, drafts, { now, ids, request: null });
        });
        if (task !== null) options.planned(task, now + aheadMs);
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
