import { randomBytes } from "node:crypto";
import { createIdSource, type IdSource } from "@carabiner/protocol";
import type { FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { type ClientAddresses, createClientAddresses } from "./api/client-address.ts";
import { createRateLimits, type RateLimits } from "./api/rate-limits.ts";
import type { Carabiner } from "./carabiner.ts";
import { type CarabinerOptions, ROLES, type Role } from "./carabiner-options.ts";
import type { Clock } from "./clock/clock.ts";
import { createSystemClock } from "./clock/system-clock.ts";
import { createTurnableClock } from "./clock/turnable-clock.ts";
import { applications } from "./console/applications.ts";
import { type ClockControl, clockProcedures, turnTarget } from "./console/clock.ts";
import { deliveries } from "./console/deliveries.ts";
import { platforms } from "./console/platforms.ts";
import { webhookEndpointControls } from "./console/webhook-endpoints.ts";
import { createLocalSender, createThreadSender, type Sender } from "./create-sender.ts";
import { DEFAULT_RETRY_POLICY, isRetryPolicyName, RETRY_POLICIES, type RetryPolicyName } from "./deliveries/retry-policies.ts";
import { devPlatform } from "./dev-platform.ts";
import { createEnding, type Ending } from "./ending.ts";
import { recordEvents } from "./events/record-event.ts";
import { exposedFiles } from "./exposed-files.ts";
import { clientAddress } from "./http/admission.ts";
import { createHttpServer } from "./http/create-http-server.ts";
import { addHealth } from "./http/health.ts";
import { joinDatabase, type SharedDatabase } from "./join-database.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import type { Settings } from "./operations/operation.ts";
import { pageSecret } from "./pages/form-token.ts";
import { addPages } from "./pages/pages.ts";
import { destinationsOf, readEgress } from "./read-egress.ts";
import { keysEnding } from "./resources/platforms/issue-keys.ts";
import { resources } from "./resources/resources.ts";
import { taskHandlers } from "./resources/task-handlers.ts";
import { keysFor, locationOf, type StoreLocation } from "./secret-keys.ts";
import { createServerLog, logUnexpectedOnce } from "./server-log.ts";
import { createClockControl, quiet } from "./service/clock-control.ts";
import { keepBeating, leasesHold } from "./service/heartbeat.ts";
import { logEndpointChanges } from "./service/log-endpoint-changes.ts";
import { keepRetention } from "./service/retention.ts";
import { claimPurpose } from "./service/store-purpose.ts";
import { followUp, forgetEnds, tellQuarantined } from "./service/take-over.ts";
import { createTaskRunner, type TaskRunner } from "./service/task-runner.ts";
import type { TakenOver } from "./store/contract/taken-over.ts";
import { openStore } from "./store/open-store.ts";
import { underWayFileOf } from "./store/sqlite/under-way-file.ts";
import type { Store } from "./store/store.ts";
import type { EgressOptions } from "./transport/transport.ts";

/** What the options say, checked and with the defaults filled in. */
interface Setup {
  dev: boolean;
  host: string;
  port: number;
  location: StoreLocation;
  roles: ReadonlySet<Role>;
  retryPolicy: RetryPolicyName;
  egress: EgressOptions;
  limits: Limits;
  log: Logger;
  clients: ClientAddresses;
  rates: RateLimits;
  ids: IdSource;
  settings: Settings;
  /** Says where browsers find the server, once it listens; what the options say comes first. */
  foundAt(url: string): void;
}

/** The clocks of a server: `now` is the one it works by. */
interface Clocks {
  machine: Clock;
  turnable: ReturnType<typeof createTurnableClock> | null;
  now: Clock;
}

/** The parts that every later step of a start works with. */
interface Parts extends Setup {
  store: Store;
  shared: SharedDatabase | null;
  clocks: Clocks;
  ending: Ending;
}

/**
 * Starts a server in this process. Many may run at once; they share nothing. When a step throws, everything that the
 * steps before it opened is closed again.
 */
export async function startCarabiner(options: CarabinerOptions = {}): Promise<Carabiner> {
  const setup = readOptions(options);
  await using opened = new AsyncDisposableStack();
  const ending = createEnding(setup.log);
  const machine = createSystemClock();
  const store = await openServerStore(options, setup, machine);
  opened.defer(() => store.close());
  await store.transaction((tx) => claimPurpose(tx, setup.dev ? "dev" : "serve"));
  const shared = await joinDatabase(store, setup.limits);
  const turnable = setup.dev ? createTurnableClock(shared?.clock ?? machine) : null;
  const parts: Parts = { ...setup, store, shared, ending, clocks: { machine, turnable, now: turnable ?? shared?.clock ?? machine } };
  const { clocks, log, limits, ids } = parts;

  const sender = createSender(parts);
  opened.defer(() => sender.close());
  const tasks = createTasks(parts);
  opened.defer(() => tasks.stop());
  const workers = { tasks, engine: sender.engine };
  const control = turnable === null ? null : await createClockControl(turnable, workers, store);
  const platform = setup.dev ? await devPlatform(store, { now: clocks.now.now(), ids, limits, defaultMcc: options.defaultMcc }) : null;

  const background = createBackground(ending);
  opened.defer(() => background.stop());
  const { app, listen } = await createHttp(parts, control);
  opened.defer(() => app.close());
  const taken = await takeOverBefore(parts);
  await tellQuarantined(store, log);
  const port = await listen(setup.host, setup.port);
  const url = `http://${setup.host.includes(":") ? `[${setup.host}]` : setup.host}:${port}`;
  setup.foundAt(url);

  const seeTo = async (what: TakenOver): Promise<void> => {
    const { sent } = await followUp(what, { store, engine: sender.engine, clock: clocks.now, limits, log });
    sent.catch(ending.fail);
  };
  if (taken !== null) {
    await seeTo(taken);
    sender.engine.start();
    tasks.start();
    background.run((signal) => keepRetention(store, clocks.now, limits, signal));
  }
  if (shared !== null)
    background.run((signal) => keepBeating(store, shared.clock, limits, shared.status, signal, taken === null ? null : seeTo));

  const everything = opened.move();
  ending.closeBy(() => everything.disposeAsync());
  const turned = (): ClockControl => {
    if (control === null) throw new Error("only a dev server's clock can be turned");
    return control;
  };
  return {
    url,
    host: setup.host,
    port,
    account: platform?.account ?? "",
    applications: platform?.applications ?? { test: "", live: "" },
    keys: platform?.keys ?? keysEnding(() => ""),
    clock: {
      now: () => clocks.now.now(),
      advance: (by) => turned().advance((now) => turnTarget(by, now)),
      freeze: () => turned().freeze(),
      release: () => turned().release(),
    },
    idle: () => (control === null ? quiet(workers, clocks.now) : control.idle()),
    close: () => ending.close(),
    ended: ending.ended,
  };
}

/** Checks the options. Throws for those that cannot be used. */
function readOptions(options: CarabinerOptions): Setup {
  const mode: string = options.mode ?? "dev";
  if (mode !== "dev" && mode !== "serve") throw new TypeError(`mode: "${mode}" is not a mode. Choose dev or serve.`);
  const dev = mode === "dev";
  // A developer's receiver that fails is tried as planned, each time: nobody else is to be protected from it.
  const limits: Limits = { ...DEFAULT_LIMITS, ...(dev ? { breakerFailures: 0 } : {}), ...checkedLimits(options.limits ?? {}) };
  const roles = new Set(options.roles ?? ROLES);
  for (const role of roles)
    if (!ROLES.includes(role)) throw new TypeError(`roles: "${String(role)}" is not a role. Choose from ${ROLES.join(", ")}.`);
  if (roles.size === 0) throw new TypeError(`roles: a server has at least one of ${ROLES.join(", ")}.`);
  if (dev && roles.size < ROLES.length) throw new Error("a dev server has all roles: its clock turns what it does itself");
  const retryPolicy = options.retryPolicy ?? DEFAULT_RETRY_POLICY;
  if (!isRetryPolicyName(retryPolicy))
    throw new TypeError(`retryPolicy: "${retryPolicy}" is not a retry policy. Choose one of ${Object.keys(RETRY_POLICIES).join(", ")}.`);
  const egress = readEgress(options.egress ?? {}, dev || options.allowLocalEndpoints === true);
  const chosenUrl = options.publicUrl === undefined ? null : readPublicUrl(options.publicUrl);
  let publicUrl = "";
  return {
    dev,
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 0,
    location: options.store ?? "memory",
    roles,
    retryPolicy,
    egress,
    limits,
    log: createServerLog(options.log ?? "silent"),
    clients: createClientAddresses(options.trustedProxies ?? []),
    rates: createRateLimits(limits),
    ids: createIdSource(randomBytes),
    settings: {
      destinations: destinationsOf(egress),
      allowCustomEventTypes: options.allowCustomEventTypes === true,
      publicUrl: () => publicUrl,
      pickAccounts: dev,
      liveTestHelpers: dev,
      personEvents: options.personEvents ?? "persons_api",
    },
    foundAt(url) {
      publicUrl = chosenUrl ?? url;
    },
  };
}

/** The limits that were given. Throws a TypeError for one that does not exist, or is not a number from 0 up. */
function checkedLimits(given: Partial<Limits>): Partial<Limits> {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw new TypeError(`limits.${name}: there is no such limit.`);
    if (typeof value !== "number" || Number.isNaN(value) || value < 0)
      throw new TypeError(`limits.${name}: ${String(value)} is not a number from 0 up.`);
  }
  return given;
}

/** The public URL as it begins others: without a slash at its end. Throws a TypeError when it cannot be one. */
function readPublicUrl(text: string): string {
  const url = URL.parse(text);
  const plain = url !== null && ["http:", "https:"].includes(url.protocol) && url.username + url.password + url.search + url.hash === "";
  if (!plain) throw new TypeError(`publicUrl: "${text}" is not an address such as https://connect.example.com.`);
  return url.href.replace(/\/+$/, "");
}

/** Opens the store with the keys of its secrets, and warns of files that others on this machine can read. */
async function openServerStore(options: CarabinerOptions, { dev, location, limits, log }: Setup, machine: Clock): Promise<Store> {
  const keys = keysFor(location, options.secretKeys, {
    dev,
    onMade: (file) =>
      log.info({ file }, "made the key file that secrets in the database are sealed with: a backup of the database needs it too"),
  });
  const store = await openStore({
    location: locationOf(location),
    now: machine.now(),
    limits,
    ...(keys === undefined ? {} : { keys }),
  });
  for (const { path, what } of exposedFiles(location, options.secretKeys)) log.warn({ path }, `others on this machine can get at ${what}`);
  return store;
}

/**
 * A server that owns its SQLite file sends from a worker thread. With a clock that is turned or shared it sends from
 * this thread.
 */
function createSender({ store, limits, log, egress, retryPolicy, ending, clocks, shared, location }: Parts): Sender {
  const common = {
    store: logEndpointChanges(store, log),
    limits,
    egress,
    retryPolicy,
    onTrouble: (error: Error) => log.error({ err: error }, "the store cannot be reached; deliveries wait"),
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
    ...(shared === null ? {} : { leasesHold: (leasedAt: number) => holds(shared, clocks, leasedAt, limits) }),
  });
}

/** Whether a lease still holds. Times of a turned clock cannot be compared with heartbeats: there, being heard now is enough. */
function holds({ clock, status }: SharedDatabase, { turnable }: Clocks, leasedAt: number, limits: Limits): boolean {
  const now = clock.now();
  return leasesHold(status, turnable === null ? leasedAt : now, now, limits);
}

function createTasks({ store, clocks, ids, limits, settings, log, ending }: Parts): TaskRunner {
  return createTaskRunner({
    store,
    clock: clocks.now,
    ids,
    limits,
    settings,
    handlers: taskHandlers,
    recordEvents,
    onTrouble: (error) => log.error({ err: error }, "the store cannot be reached; what is planned waits"),
    onBug: ending.fail,
  });
}

/** Work that goes on until the server closes. */
function createBackground(ending: Ending): { run(work: (signal: AbortSignal) => Promise<void>): void; stop(): Promise<void> } {
  const closing = new AbortController();
  const running: Promise<void>[] = [];
  return {
    run: (work) => void running.push(work(closing.signal).catch(ending.fail)),
    async stop() {
      closing.abort();
      await Promise.all(running);
    },
  };
}

async function createHttp(parts: Parts, control: ClockControl | null): Promise<ReturnType<typeof createHttpServer>> {
  const { dev, store, clocks, ids, limits, settings, log, clients, rates, roles } = parts;
  const answers = roles.has("api");
  const secret = await store.transaction((tx) => pageSecret(tx, ids));
  return createHttpServer({
    store,
    clock: clocks.now,
    ids,
    limits,
    settings,
    resources: answers ? [...resources, applications, deliveries, webhookEndpointControls, ...(dev ? [platforms] : [])] : [],
    procedures: answers ? clockProcedures(control) : [],
    recordEvents,
    log,
    clients,
    rates,
    extraRoutes(routes) {
      addHealth(routes, store);
      if (!answers) return;
      const address = (request: FastifyRequest) => clientAddress(clients, request);
      addPages(routes, { store, clock: clocks.now, ids, limits, settings, secret, clientAddress: address, rates, recordEvents });
    },
  });
}

/** Takes over what the process before left. Returns null when this server does not send. */
async function takeOverBefore({ roles, store, clocks, shared }: Parts): Promise<TakenOver | null> {
  if (!roles.has("deliveries")) return null;
  const taken = await store.releaseLeases(clocks.now.now());
  if (shared === null && taken.underWay === 0 && taken.suspects === 0) await forgetEnds(store);
  return taken;
}
