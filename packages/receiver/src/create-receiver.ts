import { fetchAdapter } from "./adapters/fetch-adapter.ts";
import { nodeAdapter } from "./adapters/node-adapter.ts";
import { createAdmission } from "./admit-event.ts";
import { doctor } from "./doctor/doctor.ts";
import { readEndpoints } from "./endpoints.ts";
import { createFresh } from "./fetch-fresh.ts";
import type { AnyEvent, Handler, HandlerOptions, Lane, ThinContext, ThinEvent } from "./handler.ts";
import { handlerContext, thinContext } from "./handler-context.ts";
import { createIntake } from "./intake.ts";
import { keepInternals } from "./internals.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { createReceive } from "./receive.ts";
import type { EndpointOptions, Receiver, ReceiverOptions, ReceiverVerbs } from "./receiver.ts";
import { reconcile } from "./reconcile.ts";
import { createRegistrations } from "./registrations.ts";
import { logLine, type Report, type Reporter } from "./report.ts";
import type { StripeClient } from "./stripe-client.ts";
import { systemClock } from "./system-clock.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";
import { registerVerbs } from "./verbs/register-verbs.ts";
import { createWorker } from "./worker.ts";

/** How many rows of work are listed at once unless told otherwise. */
const LISTED_WORK = 100;
/** How many events one call of `prune` removes, and how many dead letters one of `replayDead` revives, unless told otherwise. */
const BATCH = 1_000;
/** How long a drain works unless told otherwise. */
const DRAIN_MS = 25_000;

/** Names that no endpoint can have: methods of the receiver, and what makes an object look like a promise. */
const RESERVED: ReadonlySet<string> = new Set(
  "thin unhandled handle fetch node start stop drain idle replay replayDead prune reconcile authorized work depth eventTypes doctor endpoints onDeauthorized onRequirementsDue onPersonNeedsAttention onExternalAccountDisabled onPayoutFailed onPayoutCured then".split(
    " ",
  ),
);

/**
 * Makes a receiver: verified events, kept in an inbox, each handled once. Throws an Error that says what to do when it is set up so that it
 * could not verify: no endpoint, an empty secret, an API key in place of a secret.
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
    throw new Error("createReceiver needs an inbox: postgresInbox(pool), sqliteInbox(file), or memoryInbox() to try things out.");
  }
  if (livemode === "both" && options.stripe !== undefined && "rawRequest" in options.stripe) {
    throw new Error(
      'With livemode "both", createReceiver needs a client for each mode: stripe: { live: new Stripe(…), test: new Stripe(…) }.',
    );
  }
  const log = options.log ?? ((line: string): void => console.warn(`[receiver] ${line}`));

  const { telemetry } = options;
  const during: Telemetry["during"] = telemetry === undefined ? (_step, work) => work() : telemetry.during.bind(telemetry);
  const reporters = new Set<Reporter>();
  if (options.onReport !== undefined) reporters.add(options.onReport);
  if (telemetry !== undefined) reporters.add((given) => telemetry.report(given));

  function report(given: Report): void {
    const line = logLine(given);
    if (line !== null && log !== false) log(line);
    for (const reporter of reporters) {
      try {
        reporter(given);
      } catch (error) {
        if (log !== false) log(`onReport threw: ${String(error)}`);
      }
    }
  }

  const fresh = createFresh<Client>(options.stripe);
  const registrations = createRegistrations<Tx>(limits, during);
  const isConnect = (name: string): boolean => endpoints.names.includes(name) && endpoints.get(name).connect;
  const admit = createAdmission(options.accounts, fresh, isConnect);
  const worker = createWorker({ inbox, registrations, clock, limits, report, admit });

  let prepared: Promise<void> | null = null;
  /** Prepares the inbox once; after a failure, again at the next call. */
  function ready(): Promise<void> {
    prepared ??= inbox.prepare().catch((error: unknown) => {
      prepared = null;
      throw error;
    });
    return prepared;
  }

  const scopeMismatch = options.scopeMismatch ?? "hold";
  const intake = createIntake({ endpoints, livemode, scopeMismatch, inbox, ready, registrations, worker, fresh, clock, limits, report });
  const receive = createReceive({ endpoints, intake, clock, limits, report });
  const handle: typeof receive = (incoming) => during({ kind: "receive" }, () => receive(incoming));

  function lane<Account extends string | null>(name: string): Lane<Account, Tx, Client> {
    const made: Lane<Account, Tx, Client> = {
      on(
        pattern: string | readonly string[],
        second: HandlerOptions | Handler<never, Account, Tx, Client>,
        third?: Handler<never, Account, Tx, Client>,
      ) {
        const [given, handler] = typeof second === "function" ? [{}, second] : [second, third];
        const patterns = typeof pattern === "string" ? [pattern] : pattern;
        if (typeof handler !== "function") throw new Error(`hooks.${name}.on("${patterns[0]}") needs a function that handles the event.`);
        const handles = handler as Handler<AnyEvent, string | null, Tx, Client>;
        registrations.add({
          lane: name,
          kind: "snapshot",
          patterns,
          options: given,
          run: (turn) => handles(turn.body as AnyEvent, handlerContext(turn, fresh)),
        });
        return made;
      },
    };
    return made;
  }

  const verbs: ReceiverVerbs<Tx, Client> = {
    ...registerVerbs<Tx, Client, ReceiverVerbs<Tx, Client>>(registrations, fresh, () => receiver),
    thin(
      pattern: string,
      second: HandlerOptions | ((event: ThinEvent, context: ThinContext<Tx, Client>) => unknown),
      third?: (event: ThinEvent, context: ThinContext<Tx, Client>) => unknown,
    ) {
      const [given, handler] = typeof second === "function" ? [{}, second] : [second, third];
      if (handler === undefined) throw new Error(`hooks.thin("${pattern}") needs a function that handles the event.`);
      registrations.add({
        lane: "*",
        kind: "thin",
        patterns: [pattern],
        options: { id: `thin:${pattern}`, ...given },
        run: (turn) => handler(turn.body as ThinEvent, thinContext(turn, fresh)),
      });
      return receiver;
    },
    unhandled(handler) {
      registrations.add({
        lane: "*",
        kind: "unhandled",
        patterns: ["*"],
        options: { id: "unhandled" },
        run: (turn) => handler(turn.body as AnyEvent, handlerContext(turn, fresh)),
      });
      return receiver;
    },
    handle,
    fetch: fetchAdapter(handle),
    node: nodeAdapter(handle),
    async start() {
      await ready();
      worker.start();
    },
    stop: () => worker.stop(),
    async drain({ budgetMs = DRAIN_MS } = {}) {
      await ready();
      return worker.drain(budgetMs);
    },
    idle: () => worker.idle(),
    async replay(eventId, { account, livemode: mode, handlers, lane: onLane } = {}) {
      await ready();
      const found = (await inbox.eventsById(eventId)).filter(
        (event) => (account === undefined || event.account === account) && (mode === undefined || event.livemode === mode),
      );
      const [event] = found;
      if (event === undefined) throw new Error(`The inbox knows no event ${eventId}${account === undefined ? "" : ` of ${account}`}.`);
      if (found.length > 1) throw new Error(`The inbox has ${found.length} events ${eventId}: say which by account and livemode.`);
      const laneName = onLane ?? event.endpoint;
      if (!endpoints.names.includes(laneName)) throw new Error(`There is no lane "${laneName}": there are ${endpoints.names.join(", ")}.`);
      const { connect } = endpoints.get(laneName);
      const thin = (JSON.parse(new TextDecoder().decode(event.body)) as { object?: unknown }).object === "v2.core.event";
      if (!thin && connect !== (event.account !== null)) {
        throw new Error(
          `${eventId} is ${event.account === null ? "of no connected account" : `of ${event.account}`}, so no handler of the lane "${laneName}" can have it: name another lane.`,
        );
      }
      const now = clock.now();
      const work = registrations
        .work(event, { type: event.type, thin, lane: laneName, connect }, now)
        .filter(({ handler }) => handlers === undefined || handlers.includes(handler))
        .map((one) => ({ ...one, dueAt: now }));
      const replayed = await inbox.replay(event, work);
      if (replayed > 0) worker.leftWork();
      return replayed;
    },
    async replayDead({ limit = BATCH } = {}) {
      await ready();
      const replayed = await inbox.replayDead({ now: clock.now(), limit, handlers: registrations.ids() });
      if (replayed > 0) worker.leftWork();
      return replayed;
    },
    async prune({ olderThanMs = limits.retentionMs, limit = BATCH } = {}) {
      await ready();
      return inbox.prune({ receivedBefore: clock.now() - olderThanMs, limit });
    },
    reconcile: (given) => reconcile(given, { endpoints, intake, fresh, livemode, clock }),
    async authorized(account, { livemode: mode, at = clock.now(), source = "stripe" }) {
      await ready();
      const { applied, released } = await inbox.authorize({ account, livemode: mode, source }, at);
      report({ kind: "connection", outcome: applied ? "authorized" : "stale", account, livemode: mode, cancelled: 0, released });
      if (released > 0) worker.leftWork();
    },
    async work(filter = {}) {
      await ready();
      return inbox.work({ limit: LISTED_WORK, ...filter });
    },
    async depth() {
      await ready();
      return inbox.depth();
    },
    eventTypes: () => registrations.types(Object.fromEntries(endpoints.names.map((name) => [name, endpoints.get(name)]))),
    doctor: (given = {}) => doctor(given, { endpoints, types: verbs.eventTypes(), livemode, fresh }),
    endpoints: () => endpoints.described(),
  };

  const lanes = Object.fromEntries(endpoints.names.map((name) => [name, lane(name)]));
  // The compiler cannot follow names through Object.fromEntries: each endpoint has its lane.
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
    if (typeof value !== "number" || !Number.isFinite(value) || value < 0)
      throw new Error(`The limit ${name} is ${String(value)}: it must be a number, 0 or more.`);
  }
  if (limits.toleranceSeconds === 0) throw new Error("The limit toleranceSeconds is 0: no signature would ever be in time.");
  if (limits.concurrency < 1) throw new Error("The limit concurrency must be 1 or more: nothing would ever be handled.");
  return limits;
}
