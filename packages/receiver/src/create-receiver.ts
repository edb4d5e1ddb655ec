import { fetchAdapter } from "./adapters/fetch-adapter.ts";
import { nodeAdapter } from "./adapters/node-adapter.ts";
import { createAdmission } from "./admit-event.ts";
import { withTime } from "./clock.ts";
import { doctor } from "./doctor/doctor.ts";
import { readEndpoints } from "./endpoints.ts";
import { isThin } from "./event-pattern.ts";
import { createFresh } from "./fetch-fresh.ts";
import type { AnyEvent, Handler, HandlerOptions, Lane } from "./handler.ts";
import { callOf } from "./handler-context.ts";
import type { Answer, Incoming } from "./http-exchange.ts";
import type { HandlerDepth } from "./inbox/inbox.ts";
import { inboxTime } from "./inbox-time.ts";
import { createIntake } from "./intake.ts";
import { keepInternals } from "./internals.ts";
import { unknownPattern } from "./known-types.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { createLog } from "./log.ts";
import { describeOrphans, orphansIn } from "./orphans.ts";
import { createInboxPage, type PageParts } from "./page/inbox-page.ts";
import { messageOf } from "./presentable.ts";
import { createReceive } from "./receive.ts";
import type { EndpointOptions, Receiver, ReceiverOptions, ReceiverVerbs } from "./receiver.ts";
import { reconcile } from "./reconcile.ts";
import { createRegistrations } from "./registrations.ts";
import type { Report, Reporter } from "./report.ts";
import type { Soon } from "./soon.ts";
import type { StripeClient } from "./stripe-client.ts";
import { systemClock } from "./system-clock.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";
import type { ThinEvent } from "./thin-event.ts";
import { createUpkeep } from "./upkeep.ts";
import { registerVerbs } from "./verbs/register-verbs.ts";
import { readEvent } from "./verify/read-event.ts";
import { createWorker } from "./worker.ts";

/** The default number of rows of work in a list. */
const LISTED_WORK = 100;
/** The default number of events one call of `prune` removes, and of dead letters one call of `replayDead` revives. */
const BATCH = 1_000;
/** The default duration of a drain. */
const DRAIN_MS = 25_000;

/** Every method of the receiver. The compiler reports a missing name and an unknown one. */
const METHODS: Readonly<Record<keyof ReceiverVerbs<unknown, StripeClient>, true>> = {
  unhandled: true,
  handle: true,
  fetch: true,
  node: true,
  start: true,
  stop: true,
  drain: true,
  idle: true,
  replay: true,
  replayDead: true,
  prune: true,
  reconcile: true,
  authorized: true,
  work: true,
  depth: true,
  page: true,
  eventTypes: true,
  doctor: true,
  endpoints: true,
  onDeauthorized: true,
  onRequirementsDue: true,
  onPersonNeedsAttention: true,
  onExternalAccountDisabled: true,
  onPayoutFailed: true,
  onPayoutCured: true,
};

/**
 * Names that no endpoint can have: methods of the receiver, and names that would make an object look like a promise.
 */
const RESERVED: ReadonlySet<string> = new Set([...Object.keys(METHODS), "then"]);

/**
 * Makes a receiver: it verifies events, stores them in an inbox, and has each of them handled once. Throws an Error
 * that says what to do when its options make verification impossible: no endpoint, an empty secret, an API key instead
 * of a secret.
 */
export function createReceiver<const Endpoints extends Record<string, EndpointOptions>, Tx, Client extends StripeClient = StripeClient>(
  options: ReceiverOptions<Endpoints, Tx, Client>,
): Receiver<Endpoints, Tx, Client> {
  const endpoints = readEndpoints(options.endpoints, RESERVED);
  const limits = readLimits(options.limits ?? {});
  const clock = options.clock ?? systemClock;
  const { inbox, livemode } = options;
  if (typeof livemode !== "boolean" && livemode !== "both") {
    throw new Error('createReceiver needs livemode: true in production, false elsewhere, or "both" where one program handles both modes.');
  }
  if (inbox === undefined) {
    throw new Error("createReceiver needs an inbox: postgresInbox(pool), sqliteInbox(file), or memoryInbox() for experiments.");
  }
  if (livemode === "both" && options.stripe !== undefined && "rawRequest" in options.stripe) {
    throw new Error(
      'With livemode "both", createReceiver needs a client for each mode: stripe: { live: new Stripe(…), test: new Stripe(…) }.',
    );
  }
  const log = createLog(options.log, { linesPerMinute: limits.refusalLinesPerMinute, now: () => clock.now() });
  const { telemetry } = options;
  const during: Telemetry["during"] | null = telemetry === undefined ? null : telemetry.during.bind(telemetry);
  const reporters = new Set<Reporter>();
  if (options.onReport !== undefined) reporters.add(options.onReport);
  if (telemetry !== undefined) reporters.add((given) => telemetry.report(given));

  function report(given: Report): void {
    log.report(given);
    for (const reporter of reporters) {
      try {
        reporter(given);
      } catch (error) {
        log.line(`onReport threw: ${messageOf(error)}`);
      }
    }
  }

  const fresh = createFresh<Client>(options.stripe);
  const registrations = createRegistrations<Tx>(limits, during);
  const isConnect = (name: string): boolean => endpoints.names.includes(name) && endpoints.get(name).connect;
  const admit = createAdmission(options.accounts, fresh, isConnect);
  const time = inboxTime(inbox, clock);
  // Stored events and work use the inbox's time; signatures use this machine's.
  const inboxClock = withTime(clock, time.now);
  const upkeep = createUpkeep({ inbox, registrations, time, limits, report });
  const worker = createWorker({ inbox, registrations, clock: inboxClock, limits, report, admit, upkeep: upkeep.now });
  if (inbox.most !== null && inbox.most.handlers < limits.concurrency) {
    const { handlers, says } = inbox.most;
    report({
      kind: "trouble",
      says: `${handlers} handler${handlers === 1 ? " runs" : "s run"} at the same time, not ${limits.concurrency} as the limit concurrency says: ${says}`,
    });
  }

  let prepared: Promise<void> | null = null;
  let isPrepared = false;
  /** Prepares the inbox once. After a failure, the next call tries again. */
  function ready(): Soon<void> {
    if (isPrepared) return;
    prepared ??= (async () => {
      await inbox.prepare(intake.decideTie);
      await upkeep.measure();
      await upkeep.adopt();
      isPrepared = true;
    })().catch((error: unknown) => {
      prepared = null;
      throw error;
    });
    return prepared;
  }

  async function findOrphans(): Promise<HandlerDepth[]> {
    return orphansIn(await inbox.depth(), registrations.ids());
  }

  let saidOrphans = "";
  /** Reports the handlers whose work no program runs, and reports them again only when they have changed. */
  function tellOrphans(orphans: readonly HandlerDepth[]): void {
    const which = orphans.map(({ handler }) => handler).join("\n");
    const says = describeOrphans(orphans);
    if (says !== null && which !== saidOrphans) report({ kind: "trouble", says });
    saidOrphans = which;
  }

  const autoStart = options.autoStart ?? true;
  /** The first event starts the worker, unless it was stopped manually. */
  function onTaken(shortLived: boolean): void {
    if (!autoStart || shortLived || worker.started() || worker.stopped()) return;
    worker.start(false);
    findOrphans().then(tellOrphans, () => undefined);
  }

  let saidWhoWorks = false;
  function sayWhoWorks(): void {
    if (saidWhoWorks || !inbox.durable || autoStart || worker.started()) return;
    saidWhoWorks = true;
    report({
      kind: "trouble",
      says: "there is work to do later, but this process does not run it: call await hooks.start() in a long-lived process, or hooks.drain() from a cron job",
    });
  }

  const scopeMismatch = options.scopeMismatch ?? "hold";
  const intake = createIntake({
    endpoints,
    livemode,
    scopeMismatch,
    inbox,
    ready,
    registrations,
    worker,
    sayWhoWorks,
    fresh,
    clock: inboxClock,
    limits,
    report,
  });
  const receive = createReceive({ endpoints, intake, clock, limits, report, onTaken, stays: worker.stays });
  const receiveAsync = async (incoming: Incoming): Promise<Answer> => receive(incoming);
  const handle = during === null ? receiveAsync : (incoming: Incoming) => during({ kind: "receive" }, () => receiveAsync(incoming));

  function lane<Account extends string | null>(name: string): Lane<Account, Tx, Client> {
    const made: Lane<Account, Tx, Client> = {
      on(
        pattern: string | readonly string[],
        second: HandlerOptions | Handler<never, Account, Tx, Client>,
        third?: Handler<never, Account, Tx, Client>,
      ) {
        const [given, handler] = typeof second === "function" ? [{}, second] : [second, third];
        const patterns = typeof pattern === "string" ? [pattern] : pattern;
        if (typeof handler !== "function") throw new Error(`hooks.${name}.on("${patterns[0]}") needs a handler function.`);
        for (const one of patterns) {
          const says = unknownPattern(one);
          if (says !== null) report({ kind: "trouble", says: `hooks.${name}.on(): ${says}` });
        }
        const handles = handler as Handler<AnyEvent | ThinEvent, string | null, Tx, Client>;
        const thin = patterns.some(isThin);
        if (thin && !patterns.every(isThin)) {
          throw new Error(
            `hooks.${name}.on(${JSON.stringify(patterns)}) lists whole and thin events, which have different fields: register a handler for each.`,
          );
        }
        registrations.add({
          lane: name,
          kind: thin ? "thin" : "snapshot",
          patterns,
          options: given,
          run(turn) {
            const { event, context } = callOf(turn, fresh);
            return handles(event, context);
          },
        });
        return made;
      },
    };
    return made;
  }

  const verbs: ReceiverVerbs<Tx, Client> = {
    ...registerVerbs<Tx, Client, ReceiverVerbs<Tx, Client>>(registrations, fresh, () => receiver),
    unhandled(handler) {
      registrations.add({
        lane: "*",
        kind: "unhandled",
        patterns: ["*"],
        options: { id: "unhandled" },
        run(turn) {
          const { event, context } = callOf(turn, fresh);
          return handler(event, context);
        },
      });
      return receiver;
    },
    handle,
    fetch: fetchAdapter(handle),
    node: nodeAdapter(during === null ? receive : handle),
    async start() {
      await ready();
      worker.start(true);
      tellOrphans(await findOrphans());
    },
    stop: ({ graceMs = limits.graceMs } = {}) => worker.stop(graceMs),
    async drain({ budgetMs = DRAIN_MS } = {}) {
      await ready();
      const drained = await worker.drain(budgetMs);
      // Where no worker keeps running, no other code removes old data.
      if (drained.empty) await upkeep.now();
      const orphans = await findOrphans();
      tellOrphans(orphans);
      return { ...drained, orphans };
    },
    idle: () => worker.idle(),
    async replay(eventId, { account, livemode: mode, handlers, lane: onLane } = {}) {
      await ready();
      const found = (await inbox.eventsById(eventId)).filter(
        (event) => (account === undefined || event.account === account) && (mode === undefined || event.livemode === mode),
      );
      const [event] = found;
      if (event === undefined) throw new Error(`The inbox has no event ${eventId}${account === undefined ? "" : ` of ${account}`}.`);
      if (found.length > 1) throw new Error(`The inbox has ${found.length} events ${eventId}: choose one by account and livemode.`);
      const laneName = onLane ?? event.endpoint;
      if (!endpoints.names.includes(laneName))
        throw new Error(`There is no lane "${laneName}". The lanes are ${endpoints.names.join(", ")}.`);
      const { connect } = endpoints.get(laneName);
      const read = readEvent(event.body);
      if (!read.ok) throw new Error(`bug: the inbox holds ${eventId}, which is not an event`);
      const { thin, scope } = read.event;
      if (scope !== "either" && connect !== (scope === "connected")) {
        throw new Error(
          `${eventId} is ${scope === "own" ? "of no connected account" : `of ${event.account}`}, so no handler of the lane "${laneName}" can handle it: name another lane.`,
        );
      }
      const now = time.now();
      const work = registrations
        .work(event, { type: event.type, thin, lanes: [laneName], connect }, now)
        .filter(({ handler }) => handlers === undefined || handlers.includes(handler))
        .map((one) => ({ ...one, dueAt: now }));
      const replayed = await inbox.replay(event, work);
      if (replayed > 0) worker.leftWork();
      return replayed;
    },
    async replayDead({ handler, type, since, limit = BATCH, dryRun = false } = {}) {
      if (handler !== undefined && registrations.get(handler) === undefined) {
        throw new Error(`There is no handler "${handler}". The handlers are ${registrations.ids().join(", ")}.`);
      }
      await ready();
      const replayed = await inbox.replayDead({
        now: time.now(),
        limit,
        handlers: handler === undefined ? registrations.ids() : [handler],
        ...(type === undefined ? {} : { type }),
        ...(since === undefined ? {} : { since: Number(since) }),
        dryRun,
      });
      if (replayed > 0 && !dryRun) worker.leftWork();
      return replayed;
    },
    async prune({ olderThanMs, limit = BATCH } = {}) {
      await ready();
      const now = time.now();
      const only = olderThanMs !== undefined;
      return inbox.prune({
        now,
        receivedBefore: now - (olderThanMs ?? limits.retentionMs),
        deadBefore: only ? null : now - limits.deadRetentionMs,
        quarantinedBefore: only ? null : now - limits.quarantinedRetentionMs,
        orphanedBefore: only ? null : now - limits.orphanRetentionMs,
        handlers: [...registrations.ids(), ...registrations.aliases().map(({ from }) => from)],
        markedBefore: only ? null : now - limits.markRetentionMs,
        limit,
      });
    },
    reconcile: (given) => {
      const types = verbs.eventTypes();
      return reconcile(given, {
        endpoints,
        intake,
        fresh,
        livemode,
        clock,
        retentionMs: limits.retentionMs,
        types: (lane) => types[lane] ?? [],
      });
    },
    async authorized(account, { livemode: mode, at, source = "stripe" }) {
      await ready();
      const done = await inbox.authorize({ account, livemode: mode, source }, at ?? time.now(), at === undefined);
      const says = `authorized() reports a connection at ${new Date(at ?? 0).toISOString()}, but a newer change is known, so nothing changes. Leave out at if the account is connected now.`;
      report({
        kind: "connection",
        outcome: done.applied ? "authorized" : "stale",
        account,
        livemode: mode,
        cancelled: 0,
        released: done.released,
        ...(done.applied ? {} : { says }),
      });
      if (done.released > 0) worker.leftWork();
      return done;
    },
    async work(filter = {}) {
      await ready();
      return inbox.work({ limit: LISTED_WORK, ...filter });
    },
    async depth(request) {
      await ready();
      const depth = await inbox.depth(request);
      return { ...depth, orphans: orphansIn(depth, registrations.ids()) };
    },
    page(given = {}) {
      const change = async (work: () => Promise<number>): Promise<number> => {
        await ready();
        const changed = await work();
        if (changed > 0) worker.leftWork();
        return changed;
      };
      const parts: PageParts = {
        depth: () => verbs.depth(),
        work: (filter) => verbs.work(filter),
        retry: (which) => change(() => inbox.retry(which, time.now())),
        discard: (which) => change(() => inbox.discard(which, time.now())),
        now: time.now,
      };
      return createInboxPage(parts, given);
    },
    eventTypes: () => registrations.types(Object.fromEntries(endpoints.names.map((name) => [name, endpoints.get(name)]))),
    async doctor(given = {}) {
      const orphans = async (): Promise<HandlerDepth[]> => {
        await ready();
        return findOrphans();
      };
      return doctor(given, { endpoints, types: verbs.eventTypes(), livemode, fresh, orphans });
    },
    endpoints: () => endpoints.described(),
  };

  const lanes = Object.fromEntries(endpoints.names.map((name) => [name, lane(name)]));
  // The compiler cannot follow names through Object.fromEntries, but each endpoint has its lane.
  const receiver = Object.assign(verbs, lanes) as Receiver<Endpoints, Tx, Client>;
  keepInternals(receiver, {
    endpoints,
    inbox,
    clock,
    livemode,
    listen(reporter) {
      reporters.add(reporter);
      return () => reporters.delete(reporter);
    },
  });
  return receiver;
}

function readLimits(given: Partial<Limits>): Limits {
  const limits: Limits = { ...DEFAULT_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in DEFAULT_LIMITS)) throw new Error(`There is no limit "${name}".`);
    if (!Number.isInteger(value) || value < 0)
      throw new Error(`The limit ${name} is ${String(value)}: it must be a whole number of at least 0.`);
  }
  if (limits.toleranceSeconds === 0) throw new Error("The limit toleranceSeconds is 0: every signature would be too old.");
  if (limits.concurrency < 1) throw new Error("The limit concurrency must be at least 1: otherwise no event would be handled.");
  return limits;
}
