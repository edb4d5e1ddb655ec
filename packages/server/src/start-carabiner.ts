import type { FastifyRequest } from "fastify";
import { type Background, createBackground } from "./background.ts";
import { type BesideHttp, besideHttp } from "./beside-http.ts";
import type { Carabiner } from "./carabiner.ts";
import type { CarabinerOptions } from "./carabiner-options.ts";
import type { Clock } from "./clock/clock.ts";
import { createSystemClock } from "./clock/system-clock.ts";
import { createTurnableClock } from "./clock/turnable-clock.ts";
import { type ClockControl, clockProcedures, turnTarget } from "./console/clock.ts";
import { consoleResources } from "./console/console-resources.ts";
import { platforms } from "./console/platforms.ts";
import { createLocalSender, createThreadSender, type Sender } from "./create-sender.ts";
import { createTouchedDeliveries } from "./dashboard/live/touched-deliveries.ts";
import { devEndpoints } from "./dev-endpoints.ts";
import { devPlatform } from "./dev-platform.ts";
import { createEnding, type Ending } from "./ending.ts";
import { recordEvents } from "./events/record-event.ts";
import { clientAddress } from "./http/admission.ts";
import { createHttpServer } from "./http/create-http-server.ts";
import { addProbes } from "./http/probes.ts";
import { refuseApiCalls } from "./http/refuse-api-calls.ts";
import { joinDatabase, leaseHolds, type SharedDatabase } from "./join-database.ts";
import { type Observation, observe } from "./observe.ts";
import { observersOf } from "./observers-of.ts";
import { type DashboardParts, openDashboard } from "./open-dashboard.ts";
import { openServerStore } from "./open-server-store.ts";
import { pageSecret } from "./pages/form-token.ts";
import { addPages } from "./pages/pages.ts";
import { type CheckedOptions, readOptions } from "./read-options.ts";
import { keysEnding } from "./resources/platforms/issue-keys.ts";
import { resources } from "./resources/resources.ts";
import { listenSessions } from "./resources/stripe-cli/listen-sessions.ts";
import { taskHandlers } from "./resources/task-handlers.ts";
import { addOperatorApi, serveControl } from "./serve-control.ts";
import { serveMetrics } from "./serve-metrics.ts";
import { logTrouble, logUnexpectedOnce } from "./server-log.ts";
import { createActivityFeed } from "./service/activity-feed.ts";
import { createClockControl, quiet } from "./service/clock-control.ts";
import { watchClock } from "./service/clock-watch.ts";
import { keepBeating, silence } from "./service/heartbeat.ts";
import { logEndpointChanges } from "./service/log-endpoint-changes.ts";
import { logEndpointTurns } from "./service/log-failures.ts";
import { keepPurging } from "./service/purges.ts";
import { keepRetention } from "./service/retention.ts";
import { claimPurpose } from "./service/store-purpose.ts";
import { followUp, forgetEnds, tellQuarantined } from "./service/take-over.ts";
import { createTaskRunner, type TaskRunner } from "./service/task-runner.ts";
import type { OperatorRow } from "./store/contract/rows.ts";
import type { TakenOver } from "./store/contract/taken-over.ts";
import { underWayFileOf } from "./store/sqlite/deliveries/under-way-file.ts";
import type { Store } from "./store/store.ts";

/** The clocks of a server. `now` is the one that it works by. */
interface Clocks {
  machine: Clock;
  turnable: ReturnType<typeof createTurnableClock> | null;
  now: Clock;
}

/** The parts that all later steps of a start use. */
interface Parts extends CheckedOptions, Pick<Observation, "metrics" | "traces"> {
  /** Reports what the store records and settles. */
  store: Store;
  recordEvents: typeof recordEvents;
  shared: SharedDatabase | null;
  clocks: Clocks;
  ending: Ending;
  /** Where the keys that seal secrets come from, for use in messages. */
  keysFrom: string;
  /** This server's mark, which `/livez` shows. */
  mark: string;
}

/**
 * Starts a server in this process. Several can run at once; they share nothing. When a step throws, everything that
 * earlier steps opened is closed again.
 */
export async function startCarabiner(options: CarabinerOptions = {}): Promise<Carabiner> {
  const machine = createSystemClock();
  const setup = readOptions(options, machine.now);
  await using opened = new AsyncDisposableStack();
  const ending = createEnding(setup.log);
  const { metrics, traces, over } = await observe(options);
  const { store: opening, keysFrom, mark } = await openServerStore(options, setup, machine);
  opened.defer(() => opening.close());
  const bare = over(opening);
  const touched = createTouchedDeliveries(setup.limits.liveItems);
  const feed = createActivityFeed({
    store: bare,
    recordEvents,
    observers: observersOf(options, setup, machine, touched),
    limits: setup.limits,
    onBug: ending.fail,
  });
  opened.defer(() => feed.told());
  const { store } = feed;
  await store.transaction((tx) => claimPurpose(tx, setup.dev ? "dev" : "serve"));
  const shared = await joinDatabase(store, setup.limits);
  const turnable = setup.dev ? createTurnableClock(shared?.clock ?? machine) : null;
  const parts: Parts = {
    ...setup,
    store,
    recordEvents: feed.recordEvents,
    shared,
    ending,
    metrics,
    traces,
    keysFrom,
    mark,
    clocks: { machine, turnable, now: turnable ?? shared?.clock ?? machine },
  };
  const { clocks, log, limits, ids } = parts;

  const sender = createSender(parts);
  opened.defer(() => sender.close());
  const tasks = createTasks(parts);
  opened.defer(() => tasks.stop());
  const workers = { tasks, engine: sender.engine };
  const control = turnable === null ? null : await createClockControl(turnable, workers, store);
  const platform = setup.dev ? await devPlatform(store, options, { now: clocks.now.now(), ids, limits }) : null;

  const { account } = platform ?? {};
  const forwarding =
    options.forward === undefined || account === undefined
      ? null
      : await devEndpoints(store, options.forward, { account, now: clocks.now.now(), ids, limits, settings: setup.settings });

  const background = createBackground(ending);
  opened.defer(() => background.stop());
  const beside = besideHttp({ ...parts, clock: clocks.now }, account ?? null);
  background.run((signal) => beside.run(signal));
  const { app, listen, listenLocally } = await createHttp(parts, control, beside, { touched, devAccount: account ?? null });
  opened.defer(() => app.close());
  opened.defer(await serveControl(options.controlSocket, { ...parts, clock: clocks.now, by: "operator, control socket" }));
  const measured = metrics === null ? null : await serveMetrics(metrics, { ...parts, clock: clocks.now, address: options.metrics });
  opened.defer(() => measured?.close());
  // This must happen before the server closes, because closing waits for its connections.
  opened.defer(() => beside.listening.close());
  const taken = await takeOverBefore(parts);
  await tellQuarantined(store, log);
  const port = await listen(setup.host, setup.port);
  const url = `${setup.certificate === null ? "http" : "https"}://${setup.host.includes(":") ? `[${setup.host}]` : setup.host}:${port}`;
  setup.foundAt(url);
  if (options.unixSocket !== undefined) await listenLocally(options.unixSocket);

  const seeTo = async (what: TakenOver): Promise<void> => {
    const { sent } = await followUp(what, { store, engine: sender.engine, clock: clocks.now, limits, log });
    sent.catch(ending.fail);
  };
  if (taken !== null) {
    await seeTo(taken);
    await startSending(parts, sender);
  }
  if (parts.roles.has("work")) work(parts, tasks, background);
  if (clocks.now === clocks.machine) background.run((signal) => watchClock({ clock: clocks.now, log, limits }, signal));
  if (shared !== null)
    background.run((signal) => keepBeating(store, shared.clock, limits, shared.status, signal, taken === null ? null : seeTo));

  const everything = opened.move();
  ending.closeBy(() => everything.disposeAsync());
  return {
    url,
    host: setup.host,
    port,
    dashboard: parts.dashboard ? `${parts.settings.publicUrl()}/dashboard/` : null,
    metricsPort: measured?.port ?? null,
    account: account ?? "",
    applications: platform?.applications ?? { test: "", live: "" },
    keys: platform?.keys ?? keysEnding(() => ""),
    forwarding,
    clock: {
      now: () => clocks.now.now(),
      advance: (by) => turned(control).advance((now) => turnTarget(by, now, limits)),
      freeze: () => turned(control).freeze(),
      release: () => turned(control).release(),
    },
    idle: () => (control === null ? quiet(workers, clocks.now) : control.idle()),
    reload: () =>
      log.info({ code: "server.reloaded", certificate: setup.certificate?.reread() ?? null }, "read the certificate again, as asked"),
    close: () => ending.close(),
    ended: ending.ended,
  };
}

/** The clock of a `dev` server; the clocks of other servers cannot be turned. */
function turned(control: ClockControl | null): ClockControl {
  if (control === null) throw new Error("only a dev server's clock can be advanced");
  return control;
}

/**
 * A server that owns its SQLite file sends from a worker thread. With a turned or shared clock it sends from this
 * thread.
 */
function createSender({ dev, store, limits, log, egress, retryPolicy, ending, clocks, shared, location }: Parts): Sender {
  const common = {
    store: logEndpointChanges(dev ? store : logEndpointTurns(store, log, limits, clocks.machine.now), log),
    limits,
    egress,
    retryPolicy,
    onTrouble: logTrouble(log, limits, clocks.machine.now, "deliveries are waiting"),
    onBug: ending.fail,
    onUnexpected: logUnexpectedOnce(log),
  };
  if (clocks.now === clocks.machine) {
    const underWayFile = typeof location === "object" && "file" in location ? underWayFileOf(location.file) : null;
    return createThreadSender({ ...common, underWayFile });
  }
  return createLocalSender({
    ...common,
    clock: clocks.now,
    ...(shared === null
      ? {}
      : { leasesHold: (leasedAt: number) => leaseHolds(shared, clocks.turnable === null ? leasedAt : null, limits) }),
  });
}

function createTasks({ store, recordEvents, clocks, ids, limits, settings, log, ending }: Parts): TaskRunner {
  return createTaskRunner({
    store,
    clock: clocks.now,
    ids,
    limits,
    settings,
    handlers: taskHandlers,
    recordEvents,
    onTrouble: logTrouble(log, limits, clocks.machine.now, "scheduled tasks are waiting"),
    onBug: ending.fail,
  });
}

/** Starts to send. What the server before left alone is left alone. */
async function startSending({ store, clocks, limits }: Parts, { engine }: Sender): Promise<void> {
  engine.leaveAlone(await store.read((reads) => reads.heldEndpoints(clocks.now.now(), limits.endpointsHeld)));
  engine.start();
}

/** Does what falls due, and deletes what is old. */
function work({ store, clocks, limits, log }: Parts, tasks: TaskRunner, background: Background): void {
  tasks.start();
  const onTrouble = logTrouble(log, limits, clocks.machine.now, "what is to be deleted stays for now");
  const common = { store, clock: clocks.now, limits, log, monotonic: clocks.machine.now, onTrouble };
  for (const keep of [keepRetention, keepPurging]) background.run((signal) => keep(common, signal));
}

async function createHttp(
  parts: Parts,
  control: ClockControl | null,
  { requestLog, listening, keyUses }: BesideHttp,
  watched: Pick<DashboardParts, "touched" | "devAccount">,
): Promise<ReturnType<typeof createHttpServer>> {
  const { dev, store, shared, recordEvents, clocks, ids, limits, settings, log, clients, rates, roles, metrics, listen, keysFrom } = parts;
  const answers = roles.has("api");
  const secret = await store.transaction((tx) => pageSecret(tx, ids));
  const onOperator = ({ hash }: OperatorRow, now: number): void => keyUses.operatorUsed(hash, now);
  const dashboard = parts.dashboard ? openDashboard({ ...parts, ...watched, clock: clocks.now, onOperator }) : null;
  return createHttpServer({
    store,
    clock: clocks.now,
    ids,
    limits,
    settings,
    resources: answers ? [...resources, ...consoleResources, listenSessions(listen), ...(dev ? [platforms] : [])] : [],
    procedures: answers ? clockProcedures(control) : [],
    recordEvents,
    log,
    clients,
    rates,
    onKeyUsed: keyUses.used,
    ...(dashboard === null ? {} : { sessions: dashboard.sessions }),
    onAnswered(answered) {
      requestLog.add(answered);
      metrics?.answered(answered);
    },
    ...(parts.traces === null ? {} : { around: parts.traces.around }),
    ...(parts.certificate === null ? {} : { certificate: parts.certificate }),
    ...(answers ? { upgrades: listening } : {}),
    extraRoutes(routes) {
      const trouble = () => (shared === null ? null : silence(shared.status, shared.clock.now(), limits));
      addProbes(routes, { store, clock: clocks.machine, now: () => clocks.now.now(), limits, trouble }, parts.mark);
      if (!answers) return refuseApiCalls(routes);
      const address = (request: FastifyRequest) => clientAddress(clients, request);
      dashboard?.addRoutes(routes);
      addOperatorApi(routes, {
        ...{ store, clock: clocks.now, ids, limits, keysFrom, log, rates, clientAddress: address },
        wallNow: () => clocks.machine.wallNow(),
        onOperator,
      });
      addPages(routes, { store, clock: clocks.now, ids, limits, settings, secret, clientAddress: address, rates, recordEvents });
    },
  });
}

/** Takes over what the previous process left behind. Returns null when this server does not send. */
async function takeOverBefore({ roles, store, clocks, shared }: Parts): Promise<TakenOver | null> {
  if (!roles.has("send")) return null;
  const taken = await store.releaseLeases(clocks.now.now());
  if (shared === null && taken.underWay === 0 && taken.suspects === 0) await forgetEnds(store);
  return taken;
}
