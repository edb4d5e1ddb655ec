import { matches } from "./event-pattern.ts";
import type { HandlerOptions } from "./handler.ts";
import type { InboxEvent, NewWork, Order } from "./inbox/inbox.ts";
import type { Limits } from "./limits.ts";
import type { Registration, Turn } from "./registration.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";

/** Thin events after which an account is lost permanently. */
export const ACCOUNT_CLOSED = "v2.core.account.closed";
export const AUTHORIZED = "account.application.authorized";
export const DEAUTHORIZED = "account.application.deauthorized";

/** The part of an event that decides its handlers. */
export interface Addressed {
  type: string;
  thin: boolean;
  /** Its lanes: several if Connect endpoints share a secret. */
  lanes: readonly string[];
  connect: boolean;
}

/** A handler as it is registered. */
export interface NewRegistration<Tx> {
  lane: Registration<Tx>["lane"];
  kind: Registration<Tx>["kind"];
  patterns: readonly string[];
  options: HandlerOptions;
  orderBy?: Registration<Tx>["orderBy"];
  run(turn: Turn<Tx>): unknown;
}

/** The handlers of a receiver. */
export interface Registrations<Tx> {
  /** Throws an Error that says what to do when the handler is ambiguous, or its options contradict each other. */
  add(given: NewRegistration<Tx>): void;
  get(id: string): Registration<Tx> | undefined;
  ids(): string[];
  /** Former names of handlers, with their successors. */
  aliases(): { from: string; to: string }[];
  /** The longest timeout of a handler. */
  longestTimeoutMs(): number;
  /** The work of an event. */
  work(event: InboxEvent, addressed: Addressed, now: number): NewWork[];
  /** Types and families by lane. */
  types(lanes: Readonly<Record<string, { connect: boolean }>>): Record<string, string[]>;
}

/** How many kinds of events are remembered with their handlers: more than there are types. */
const KINDS_KEPT = 2_000;

/** `latest` if every event contains the whole state, `any` if each may matter by itself. */
function defaultOrder(patterns: readonly string[]): Order {
  return patterns.every((pattern) => pattern.endsWith(".updated")) ? "latest" : "any";
}

/** `during`: observes each try; null when nothing does. */
export function createRegistrations<Tx>(limits: Limits, during: Telemetry["during"] | null): Registrations<Tx> {
  const byId = new Map<string, Registration<Tx>>();
  let everyId: string[] = [];
  /** The handlers of each kind of event that came, so that a webhook does not ask every handler. */
  let heard = new Map<string, readonly Registration<Tx>[]>();
  let longestTimeoutMs = limits.handlerTimeoutMs;

  function hears(registration: Registration<Tx>, { type, thin, lanes, connect }: Addressed): boolean {
    if (registration.kind === "unhandled") return false;
    const wantsThin = registration.kind === "thin" || (registration.kind === "deauthorized" && type === ACCOUNT_CLOSED);
    if (thin !== wantsThin) return false;
    // The event of a closed account comes to the platform's own endpoint: thin events have another scope.
    const onLane =
      registration.lane === "*" ||
      (registration.lane !== null && lanes.includes(registration.lane)) ||
      (registration.lane === null && (connect || thin));
    return onLane && registration.patterns.some((pattern) => matches(pattern, type));
  }

  /** The handlers that match an event, or else those for events that none matches. */
  function handlersOf(event: Addressed): readonly Registration<Tx>[] {
    const { type, thin, lanes, connect } = event;
    // No type contains the separator: such an event is refused.
    const kind = [thin ? "thin" : "snapshot", connect ? "connect" : "own", type, ...lanes].join("\0");
    const known = heard.get(kind);
    if (known !== undefined) return known;
    const all = [...byId.values()];
    const matching = all.filter((registration) => hears(registration, event));
    const found = matching.length > 0 || thin ? matching : all.filter((registration) => registration.kind === "unhandled");
    if (heard.size >= KINDS_KEPT) heard.clear();
    heard.set(kind, found);
    return found;
  }

  return {
    add({ lane, kind, patterns, options, orderBy = "object", run }) {
      if (patterns.length === 0) throw new Error("A handler needs at least one event type.");
      if (patterns.length > 1 && options.id === undefined) {
        const former = [...(lane === null || lane === "*" ? [] : [lane]), patterns.join(",")].join(":");
        throw new Error(
          `A handler of several types needs a name that does not depend on the list: on(${JSON.stringify(patterns)}, { id: "…" }, handler). If its name was the list so far, add aliases: [${JSON.stringify(former)}] to keep its work.`,
        );
      }
      const id = options.id ?? [...(lane === null || lane === "*" ? [] : [lane]), patterns.join(",")].join(":");
      if (id === "") throw new Error("A handler's id must not be empty.");
      if (byId.has(id)) {
        throw new Error(
          `Two handlers are named "${id}". Progress is stored under that name, so name one of them differently: on("${patterns[0]}", { id: "…" }, handler).`,
        );
      }
      const aliases = options.aliases ?? [];
      for (const alias of aliases) {
        if (byId.has(alias) || alias === id || [...byId.values()].some((other) => other.aliases.includes(alias))) {
          throw new Error(
            `The handler "${id}" has the alias "${alias}", which is the name of another handler. An alias must be a name that is no longer used.`,
          );
        }
      }
      if ([...byId.values()].some((other) => other.aliases.includes(id))) {
        throw new Error(
          `The handler "${id}" has a name that is the alias of another handler. An alias must be a name that is no longer used.`,
        );
      }
      const order = options.order ?? defaultOrder(patterns);
      const coalesceMs = options.coalesceMs ?? 0;
      if (coalesceMs > 0 && order !== "latest") {
        throw new Error(
          `The handler "${id}" has coalesceMs with order "${order}": a newer event replaces an older one only with order "latest".`,
        );
      }
      positive(id, "coalesceMs", coalesceMs, 0);
      const attempts = options.attempts ?? limits.attempts;
      positive(id, "attempts", attempts, 1);
      const timeoutMs = options.timeoutMs ?? limits.handlerTimeoutMs;
      positive(id, "timeoutMs", timeoutMs, 1);
      const watched =
        during === null
          ? run
          : (turn: Turn<Tx>): Promise<unknown> =>
              during({ kind: "handle", handler: id, attempt: turn.number, event: turn.event }, async () => run(turn));
      byId.set(id, { id, aliases, lane, kind, patterns, order, orderBy, coalesceMs, attempts, timeoutMs, run: watched });
      everyId = [...byId.keys()];
      heard = new Map();
      longestTimeoutMs = Math.max(longestTimeoutMs, timeoutMs);
    },
    get: (id) => byId.get(id),
    ids: () => everyId,
    aliases: () => [...byId.values()].flatMap(({ id, aliases }) => aliases.map((from) => ({ from, to: id }))),
    longestTimeoutMs: () => longestTimeoutMs,
    work(event, addressed, now) {
      return handlersOf(addressed).map(({ id, order, orderBy, coalesceMs }) => ({
        handler: id,
        order,
        orderKey: JSON.stringify(
          orderBy === "object"
            ? [event.source, event.livemode, event.account, event.objectId]
            : [event.source, event.livemode, event.account],
        ),
        dueAt: now + coalesceMs,
      }));
    },
    types(lanes) {
      const types: Record<string, string[]> = {};
      for (const [name, { connect }] of Object.entries(lanes)) {
        const heard = new Set<string>();
        for (const { kind, lane, patterns } of byId.values()) {
          if (kind === "unhandled" || !(lane === name || lane === "*" || (lane === null && connect))) continue;
          for (const pattern of patterns) heard.add(pattern);
          // Without it, a returning account stays in quarantine.
          if (kind === "deauthorized") heard.add(AUTHORIZED);
        }
        types[name] = [...heard].sort();
      }
      return types;
    },
  };
}

function positive(id: string, name: string, value: number, least: number): void {
  if (!Number.isFinite(value) || value < least)
    throw new Error(`The handler "${id}" has ${name} ${value}: it must be a number of at least ${least}.`);
}
