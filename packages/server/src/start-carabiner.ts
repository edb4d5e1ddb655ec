import { randomBytes } from "node:crypto";
import { createIdSource } from "@carabiner/protocol";
import type { FastifyRequest } from "fastify";
import pino, { type Logger } from "pino";
import { createClientAddresses } from "./api/client-address.ts";
import { createRateLimits } from "./api/rate-limits.ts";
import type { SharedClock } from "./clock/clock.ts";
import { createDatabaseClock } from "./clock/database-clock.ts";
import { createSystemClock } from "./clock/system-clock.ts";
import { createTurnableClock } from "./clock/turnable-clock.ts";
import { applications } from "./console/applications.ts";
import { clockProcedures, turnTarget } from "./console/clock.ts";
import { deliveries } from "./console/deliveries.ts";
import { platforms } from "./console/platforms.ts";
import { webhookEndpointControls } from "./console/webhook-endpoints.ts";
import { createEngine, type Engine, type Unexpected } from "./deliveries/engine.ts";
import { defaultPolicies } from "./deliveries/policies.ts";
import { createThreadedEngine } from "./deliveries/threaded-engine.ts";
import { type DestinationRules, PORTS_NOT_FOR_HTTP } from "./destinations.ts";
import { recordEvents } from "./events/record-event.ts";
import { exposedFiles } from "./exposed-files.ts";
import { clientAddress, createHttpServer } from "./http/create-http-server.ts";
import { addHealth } from "./http/health.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { pageSecret } from "./pages/form-token.ts";
import { addPages } from "./pages/pages.ts";
import { type ClientIds, clientIds, createPlatform as createPlatformIn, type Platform } from "./resources/platforms/create-platform.ts";
import { type Keys, keysEnding, randomKeys } from "./resources/platforms/issue-keys.ts";
import { resources } from "./resources/resources.ts";
import { taskHandlers } from "./resources/task-handlers.ts";
import { keysFor, locationOf, type SecretKeys, type StoreLocation } from "./secret-keys.ts";
import { createClockControl, quiet } from "./service/clock-control.ts";
import { logEndpointChanges } from "./service/log-endpoint-changes.ts";
import { appear, keepPresence, leasesHold, type Standing } from "./service/presence.ts";
import { keepRetention } from "./service/retention.ts";
import { claimPurpose } from "./service/store-purpose.ts";
import { followUp, forgetEnds, tellQuarantined } from "./service/take-over.ts";
import { createTaskRunner } from "./service/task-runner.ts";
import type { TakenOver } from "./store/contract/taken-over.ts";
import { openStore } from "./store/open-store.ts";
import type { KeySource } from "./store/secret-box.ts";
import { underWayFileOf } from "./store/sqlite/under-way-file.ts";
import { type Store, type StoreUnavailable, UnfitDatabase } from "./store/store.ts";
import { checkEgress } from "./transport/check-egress.ts";
import { createHttpTransport } from "./transport/http-transport.ts";
import type { EgressOptions } from "./transport/transport.ts";

export interface CarabinerOptions {
  /**
   * `dev` (the default): a platform whose keys everybody knows, a clock that can be turned, endpoints on this
   * machine. `serve`: none of that; platforms are made with `createPlatform`.
   */
  mode?: "dev" | "serve";
  /** The address to listen on; 127.0.0.1 unless told otherwise. */
  host?: string;
  /** The port; any free one unless told otherwise. */
  port?: number;
  /** Where browsers find the server, when that is not its own address: `https://connect.example.com`. Links to its pages begin with it. */
  publicUrl?: string;
  /**
   * Proxies before the server, as CIDR or single addresses: what they say in `X-Forwarded-For` of where a request comes from
   * is believed, and of nobody else. Nobody is trusted unless told otherwise.
   */
  trustedProxies?: readonly string[];
  /**
   * Where to keep everything: in memory (the default), in one SQLite file that this process has alone, or in the
   * PostgreSQL database of a URL (`postgres://user:password@host:port/database`), which any number of servers share.
   */
  store?: StoreLocation;
  /**
   * The keys that secrets in the store are sealed with. A file has `secrets.key` beside it unless told otherwise, which is
   * made with a new database; a server on PostgreSQL needs them to be given, the same to all who share it; in memory there
   * is a new key each time.
   */
  secretKeys?: SecretKeys;
  /** What this server does of the work: answers the API, sends what is owed and does what is planned, or both (the default). */
  roles?: readonly Role[];
  /** Limits that differ from the defaults. */
  limits?: Partial<Limits>;
  /** Where to log to, or from which level on to standard error; silent unless told otherwise. */
  log?: "silent" | "fatal" | "error" | "warn" | "info" | "debug" | Logger;
  /** In `serve` mode: allow endpoints on private addresses and this machine. Always so in `dev`. */
  allowLocalEndpoints?: boolean;
  /** How deliveries leave this machine, and where else than to public addresses they may go. */
  egress?: Egress;
  /** Allow event types that are not in the catalogue, such as `order.shipped`. Without, a misspelt type is an error. */
  allowCustomEventTypes?: boolean;
  /**
   * Which people `person.*` events tell of: those written through the Persons API (the default), or also those that
   * became known through the account or the onboarding page.
   */
  personEvents?: "persons_api" | "all";
}

/** How deliveries leave a server, and where they may go. `docs/egress.md` explains it. */
export interface Egress {
  /** Ranges of addresses that are allowed although they are not public, as CIDR: `10.20.0.0/16`. */
  allowedRanges?: readonly string[];
  /** Ports that nothing is sent to, beside those that browsers refuse. */
  refusedPorts?: readonly number[];
  /** If there are any, deliveries go to these ports and no others, also where browsers refuse them. */
  allowedPorts?: readonly number[];
  /** The URL of a proxy that makes all connections by CONNECT: `http://user:password@proxy.internal:3128`. */
  proxy?: string;
  /** Name servers to ask, as `IP` or `IP:PORT`, instead of the machine's own. */
  nameServers?: readonly string[];
}

/** `api` answers requests; `deliveries` sends, does what falls due and deletes what is old. */
export type Role = "api" | "deliveries";

const ROLES: readonly Role[] = ["api", "deliveries"];

/** A running server. */
export interface Carabiner {
  /** `http://127.0.0.1:12111`: what an SDK's `host`, `port` and `protocol` are taken from. */
  url: string;
  host: string;
  port: number;
  /** The default platform's account, `acct_…`. Only in `dev`; empty otherwise. */
  account: string;
  /** Its client ids, `ca_…`, one for each mode. */
  applications: ClientIds;
  /** Its keys. */
  keys: Keys;
  /** The clock, in `dev`. Each call resolves when all it set off is done. */
  clock: {
    /** Unix milliseconds. */
    now(): number;
    /** Runs everything that falls due on the way, in order, each at its own time. `to` is in Unix seconds. */
    advance(by: { seconds: number } | { to: number }): Promise<void>;
    freeze(): Promise<void>;
    release(): Promise<void>;
  };
  /** Resolves when nothing is being delivered and nothing is due. What waits for a retry stays where it is. */
  idle(): Promise<void>;
  /** Stops taking requests, lets attempts under way end, and closes the store. */
  close(): Promise<void>;
  /** Resolves when the server has closed: with null when it was asked to, or with the reason why it could not go on. */
  ended: Promise<UnfitDatabase | null>;
}

/** Failures that have been told of are remembered up to this number; then they are told of again. */
const UNEXPECTED_TOLD = 1_000;

/** The ending of the keys of a `dev` server. */
const DEV_KEY = "carabiner";

/** The module beside this one, in every form it is published in. */
const ENGINE_THREAD = new URL(`./engine-thread.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);

/** Starts a server in this process. Many may run at once; they share nothing. */
export async function startCarabiner(options: CarabinerOptions = {}): Promise<Carabiner> {
  const dev = (options.mode ?? "dev") === "dev";
  const host = options.host ?? "127.0.0.1";
  // On a dev server each thing happens at its own time, whatever happened before.
  const limits: Limits = { ...DEFAULT_LIMITS, ...(dev ? { breakerFailures: 0 } : {}), ...options.limits };
  const clients = createClientAddresses(options.trustedProxies ?? []);
  const rates = createRateLimits(limits);
  const log = createLog(options.log ?? "silent");
  const roles = new Set(options.roles ?? ROLES);
  if (dev && roles.size < ROLES.length) throw new Error("a dev server has all roles: its clock turns what it does itself");
  const ownPublicUrl = options.publicUrl === undefined ? null : readPublicUrl(options.publicUrl);
  let publicUrl = "";
  const egress = egressOf(options.egress ?? {}, dev || options.allowLocalEndpoints === true);
  const settings = {
    destinations: destinationsOf(egress),
    allowCustomEventTypes: options.allowCustomEventTypes === true,
    publicUrl: () => publicUrl,
    pickAccounts: dev,
    liveTestHelpers: dev,
    personEvents: options.personEvents ?? ("persons_api" as const),
  };
  const ids = createIdSource(randomBytes);

  const machineClock = createSystemClock();
  const location = options.store ?? "memory";
  const keys = keysFor(location, options.secretKeys, {
    dev,
    onMade: (file) =>
      log.info({ file }, "made the key file that secrets in the database are sealed with: a backup of the database needs it too"),
  });
  const store = await openStore({
    location: locationOf(location),
    now: machineClock.now(),
    limits,
    ...(keys === undefined ? {} : { keys }),
  });
  for (const { path, what } of exposedFiles(location, options.secretKeys)) log.warn({ path }, `others on this machine can get at ${what}`);
  let shared: Shared | null;
  try {
    await store.transaction((tx) => claimPurpose(tx, dev ? "dev" : "serve"));
    shared = await share(store, limits);
  } catch (error) {
    await store.close();
    throw error;
  }
  const turnable = dev ? createTurnableClock(shared?.clock ?? machineClock) : null;
  const clock = turnable ?? shared?.clock ?? machineClock;
  const { engine, closeTransport } = createSender();
  const tasks = createTaskRunner({
    store,
    clock,
    ids,
    limits,
    settings,
    handlers: taskHandlers,
    recordEvents,
    onTrouble: (error) => log.error({ err: error }, "the store cannot be reached; what is planned waits"),
    onBug: cannotGoOn,
  });
  const workers = { tasks, engine };
  const control = turnable === null ? null : await createClockControl(turnable, workers, store);
  const platform = dev ? await devPlatform() : null;
  const formSecret = await store.transaction((tx) => pageSecret(tx, ids));

  const { app, listen } = createHttpServer({
    store,
    clock,
    ids,
    limits,
    settings,
    resources: roles.has("api") ? [...resources, applications, deliveries, webhookEndpointControls, ...(dev ? [platforms] : [])] : [],
    procedures: roles.has("api") ? clockProcedures(control) : [],
    recordEvents,
    log,
    clients,
    rates,
    extraRoutes(routes) {
      addHealth(routes, store);
      if (roles.has("api")) {
        const address = (request: FastifyRequest) => clientAddress(clients, request);
        addPages(routes, { store, clock, ids, limits, settings, secret: formSecret, clientAddress: address, rates, recordEvents });
      }
    },
  });
  const closing = new AbortController();
  const sends = roles.has("deliveries");
  const taken = sends ? await store.releaseLeases(clock.now()) : null;
  if (shared === null && taken?.underWay === 0 && taken.suspects === 0) await forgetEnds(store);
  await tellQuarantined(store, log);
  let port: number;
  try {
    port = await listen(host, options.port ?? 0);
  } catch (error) {
    await store.close();
    throw error;
  }
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  publicUrl = ownPublicUrl ?? url;
  let retention: Promise<void> = Promise.resolve();
  if (taken !== null) {
    await takenOver(taken);
    engine.start();
    tasks.start();
    retention = keepRetention(store, clock, limits, closing.signal).catch(cannotGoOn);
  }
  const presence =
    shared === null
      ? Promise.resolve()
      : keepPresence(store, shared.clock, limits, shared.standing, closing.signal, sends ? takenOver : null).catch(cannotGoOn);
  const ended = Promise.withResolvers<UnfitDatabase | null>();
  let closed: Promise<void> | null = null;

  function closeOnce(reason: UnfitDatabase | null): Promise<void> {
    closed ??= close().then(() => ended.resolve(reason));
    return closed;
  }

  /** Sees to what another process left. Resolves when its suspects are being sent, if there are any. */
  async function takenOver(what: TakenOver): Promise<void> {
    const { sent } = await followUp(what, { store, engine, clock, limits, log });
    sent.catch(cannotGoOn);
  }

  /** A newer Carabiner took the database over: this server ends as if it had been asked to. Anything else is a bug. */
  function cannotGoOn(error: unknown): void {
    if (!(error instanceof UnfitDatabase)) {
      stopOnBug(error, log);
      return;
    }
    log.fatal({ err: error }, "the database is another version's now: stopping");
    closeOnce(error).catch((failed: unknown) => stopOnBug(failed, log));
  }

  async function close(): Promise<void> {
    await app.close();
    closing.abort();
    await Promise.all([retention, presence]);
    await tasks.stop();
    await engine.stop();
    await closeTransport();
    await store.close();
  }

  /** Who has an SQLite file to itself sends from a thread of its own; a clock that is turned, or shared, is this thread's. */
  function createSender(): { engine: Engine; closeTransport(): Promise<void> } {
    const onTrouble = (error: StoreUnavailable) => log.error({ err: error }, "the store cannot be reached; deliveries wait");
    const common = { store: logEndpointChanges(store, log), limits, onTrouble, onBug: cannotGoOn, onUnexpected: tellOnce(log) };
    if (clock === machineClock)
      return {
        engine: createThreadedEngine({ ...common, module: ENGINE_THREAD, egress, underWayFile: underWayFile() }),
        closeTransport: async () => undefined,
      };
    const transport = createHttpTransport({ limits, ...egress });
    const leases = shared === null ? {} : { leasesHold: holding(shared) };
    const policies = defaultPolicies(limits.attemptDeadlineMs);
    return { engine: createEngine({ ...common, clock, transport, policies, ...leases }), closeTransport: () => transport.close() };
  }

  /** Where the thread notes what is under way: beside the database, if that is a file. */
  function underWayFile(): string | null {
    const place = options.store ?? "memory";
    return typeof place === "object" && "file" in place ? underWayFileOf(place.file) : null;
  }

  /** What a clock says that was turned cannot be compared with when this server was heard: there, being heard now is enough. */
  function holding({ clock: common, standing }: Shared): (leasedAt: number) => boolean {
    return (leasedAt) => {
      const now = common.now();
      return leasesHold(standing, turnable === null ? leasedAt : now, now, limits);
    };
  }

  function devPlatform(): Promise<Platform> {
    return store.transaction(async (tx) => {
      const kept = (await tx.setting("dev_platform")) as { account: string } | null;
      const keys = keysEnding(() => DEV_KEY);
      if (kept !== null) return { account: kept.account, applications: await clientIds(tx, kept.account), keys };
      const made = await createPlatformIn(tx, { name: "Carabiner", country: "US", keys }, { now: clock.now(), ids, limits });
      await tx.saveSetting("dev_platform", { account: made.account });
      return made;
    });
  }

  const turned = () => {
    if (control === null) throw new Error("only a dev server's clock can be turned");
    return control;
  };

  return {
    url,
    host,
    port,
    account: platform?.account ?? "",
    applications: platform?.applications ?? { test: "", live: "" },
    keys: platform?.keys ?? keysEnding(() => ""),
    clock: {
      now: () => clock.now(),
      advance: (by) => turned().advance((now) => turnTarget(by, now)),
      freeze: () => turned().freeze(),
      release: () => turned().release(),
    },
    idle: () => (control === null ? quiet(workers, clock) : control.idle()),
    close: () => closeOnce(null),
    ended: ended.promise,
  };
}

/**
 * Makes a platform in a SQLite file that no server is using, or in a PostgreSQL database, and returns its keys, which
 * are shown nowhere else. Throws a plain error when the file is in use or was made by a `dev` server.
 */
export async function createPlatform(options: {
  store: Exclude<StoreLocation, "memory">;
  /** As `startCarabiner` takes them. */
  secretKeys?: SecretKeys;
  name: string;
  country?: string;
  /** Told of the key file that was made with a new database. */
  onKeyFile?(path: string): void;
}): Promise<Platform> {
  const clock = createSystemClock();
  const ids = createIdSource(randomBytes);
  const keys = keysFor(options.store, options.secretKeys, {
    dev: false,
    onMade: (path) => options.onKeyFile?.(path),
  }) as KeySource;
  const store = await openStore({ location: locationOf(options.store), now: clock.now(), keys });
  try {
    return await store.transaction(async (tx) => {
      await claimPurpose(tx, "serve");
      const platform = { name: options.name, country: options.country ?? "US", keys: randomKeys(ids) };
      return createPlatformIn(tx, platform, { now: clock.now(), ids, limits: DEFAULT_LIMITS });
    });
  } finally {
    await store.close();
  }
}

/** What a server has in common with others. */
interface Shared {
  clock: SharedClock;
  /** How it stands with them. */
  standing: Standing;
}

/** Joins those who share the database; null for who has its own alone. */
async function share(store: Store, limits: Limits): Promise<Shared | null> {
  if ((await store.sharedTime()) === null) return null;
  const clock = await createDatabaseClock(async () => (await store.sharedTime()) as number);
  return { clock, standing: await appear(store, clock, limits) };
}

/** The public URL as it begins others: without a slash at its end. Throws a TypeError for what is none. */
function readPublicUrl(text: string): string {
  const url = URL.parse(text);
  const plain = url !== null && ["http:", "https:"].includes(url.protocol) && url.username + url.password + url.search + url.hash === "";
  if (!plain) throw new TypeError(`publicUrl: "${text}" is not an address such as https://connect.example.com.`);
  return url.href.replace(/\/+$/, "");
}

/** Throws `InvalidEgress` for an option that cannot be used. */
function egressOf({ refusedPorts = [], allowedPorts = [], ...rest }: Egress, allowLocal: boolean): EgressOptions {
  const notForHttp = allowLocal || allowedPorts.length > 0 ? [] : PORTS_NOT_FOR_HTTP;
  const egress = { ...rest, allowLocal, allowedPorts, refusedPorts: [...notForHttp, ...refusedPorts] };
  checkEgress(egress);
  return egress;
}

/** What of the egress decides where endpoints may be: without the proxy, whose URL may hold a password. */
function destinationsOf({ proxy: _, ...destinations }: EgressOptions): DestinationRules {
  return destinations;
}

/** Tells of what lies behind failed attempts: of each endpoint and each message once, as a tenant could make any number. */
function tellOnce(log: Logger): (unexpected: Unexpected) => void {
  const told = new Set<string>();
  return ({ error, endpointId, deliveryId }) => {
    const what = `${endpointId} ${error instanceof Error ? error.message : String(error)}`;
    if (told.has(what)) return;
    if (told.size >= UNEXPECTED_TOLD) told.clear();
    told.add(what);
    log.error(
      { err: error, endpoint: endpointId, delivery: deliveryId },
      "an attempt failed unexpectedly; it is recorded, and tried again",
    );
  };
}

function createLog(log: NonNullable<CarabinerOptions["log"]>): Logger {
  return typeof log === "string" ? pino({ level: log }, pino.destination(2)) : log;
}

/** A bug must not go on unseen: the process ends, and what was not settled is sent again by the next one. */
function stopOnBug(error: unknown, log: Logger): void {
  log.fatal({ err: error }, "bug: stopping");
  setImmediate(() => {
    throw error;
  });
}
