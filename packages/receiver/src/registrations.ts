import { ACCOUNT_CLOSED, AUTHORIZED, THIN_AUTHORIZED } from "./connection-events.ts";
import { isThin, matches, PING } from "./event-pattern.ts";
import type { HandlerOptions } from "./handler.ts";
import type { InboxEvent, NewWork, Order } from "./inbox/inbox.ts";
import type { Limits } from "./limits.ts";
import type { Registration, Turn } from "./registration.ts";
import { shortKey } from "./short-key.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";

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
  /**
   * Why no handler of its lanes gets an event, if the lanes handle only events of the other payload, or handle the
   * other form of this event; null otherwise.
   */
  otherPayload(addressed: Addressed): string | null;
  /** Types and families by lane. */
  types(lanes: Readonly<Record<string, { connect: boolean }>>): Record<string, string[]>;
}

/** How many kinds of events are remembered with their handlers: more than there are types. */
const KINDS_KEPT = 2_000;

/**
 * `latest` if every event reports the whole state, `any` if each may matter on its own. Several types of thin events
 * each report a part, such as an account's identity or its requirements.
 */
function defaultOrder(patterns: readonly string[]): Order {
  if (patterns.length > 1 && patterns.some(isThin)) return "any";
  return patterns.every((pattern) => pattern.endsWith(".updated")) ? "latest" : "any";
}

/** `during` observes each try; null without an observer. */
export function createRegistrations<Tx>(limits: Limits, during: Telemetry["during"] | null): Registrations<Tx> {
  const byId = new Map<string, Registration<Tx>>();
  let everyId: string[] = [];
  /**
   * The handlers of each kind of event that has arrived, by lanes, then by type. So a webhook does not need to check
   * every handler.
   */
  let heard = new Map<string, Map<string, readonly Registration<Tx>[]>>();
  let kinds = 0;
  let longestTimeoutMs = limits.handlerTimeoutMs;

  function forgetKinds(): void {
    heard = new Map();
    kinds = 0;
  }

  function hears(registration: Registration<Tx>, { type, thin, lanes, connect }: Addressed): boolean {
    // The type says which form an event has. No handler expects an event whose body contradicts that.
    if (registration.kind === "unhandled" || thin !== isThin(type)) return false;
    // The event of a closed account comes to the platform's own endpoint.
    const onLane = registration.lane === null ? connect || type === ACCOUNT_CLOSED : lanes.includes(registration.lane);
    return onLane && registration.patterns.some((pattern) => matches(pattern, type));
  }

  /** The handlers that match an event, or else those for events that none matches. */
  function handlersOf(event: Addressed): readonly Registration<Tx>[] {
    const { type, lanes } = event;
    // No type contains the separator, because such an event is refused. The lanes say whether the event belongs to a
    // connected account.
    const on = lanes.length === 1 ? (lanes[0] as string) : lanes.join("\0");
    const known = heard.get(on)?.get(type);
    if (known !== undefined) return known;
    const all = [...byId.values()];
    const matching = all.filter((registration) => hears(registration, event));
    const found = matching.length > 0 || type === PING ? matching : all.filter((registration) => registration.kind === "unhandled");
    if (kinds++ >= KINDS_KEPT) forgetKinds();
    const ofLanes = heard.get(on) ?? new Map<string, readonly Registration<Tx>[]>();
    heard.set(on, ofLanes.set(type, found));
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
      forgetKinds();
      longestTimeoutMs = Math.max(longestTimeoutMs, timeoutMs);
    },
    get: (id) => byId.get(id),
    ids: () => everyId,
    aliases: () => [...byId.values()].flatMap(({ id, aliases }) => aliases.map((from) => ({ from, to: id }))),
    longestTimeoutMs: () => longestTimeoutMs,
    work(event, addressed, now) {
      const handlers = handlersOf(addressed);
      const work = new Array<NewWork>(handlers.length);
      for (let place = 0; place < handlers.length; place++) {
        const { id, order, orderBy, coalesceMs } = handlers[place] as Registration<Tx>;
        work[place] = { handler: id, order, orderKey: orderKeyOf(event, orderBy), dueAt: now + coalesceMs };
      }
      return work;
    },
    otherPayload({ type, thin, lanes, connect }) {
      if (type === PING || lanes.length === 0) return null;
      const [here = ""] = lanes;
      const other = thin ? type.slice("v1.".length) : `v1.${type}`;
      const hearsOther =
        !type.startsWith("v2.") && [...byId.values()].some((one) => hears(one, { type: other, thin: !thin, lanes, connect }));
      const [came, listens] = thin ? ["thin", "whole"] : ["whole", "thin"];
      const remedy = `Register hooks.${here}.on("${type}", …), or let the destination send ${listens} events: event_payload "${thin ? "snapshot" : "thin"}".`;
      if (hearsOther) return `it is a ${came} event, and the handler of "${other}" gets ${listens} ones. ${remedy}`;
      const kinds = new Set(
        [...byId.values()].filter(({ lane }) => (lane === null ? connect : lanes.includes(lane))).map(({ kind }) => kind),
      );
      const onlyOther = thin ? kinds.has("snapshot") && !kinds.has("thin") : kinds.has("thin") && !kinds.has("snapshot");
      return onlyOther ? `it is a ${came} event, and all handlers of the lane "${here}" get ${listens} ones. ${remedy}` : null;
    },
    types(lanes) {
      const types: Record<string, string[]> = {};
      for (const [name, { connect }] of Object.entries(lanes)) {
        const mine = [...byId.values()].filter(({ lane }) => (lane === null ? connect : lane === name || lane === "*"));
        const heard = new Set(mine.flatMap(({ kind, patterns }) => (kind === "snapshot" || kind === "thin" ? patterns : [])));
        const patterns = [...heard];
        // Verbs handle both forms, and need the one that the lane receives; whole events come first. The same applies
        // to an account that leaves: unless its return is reported as well, it stays in quarantine.
        const leaving = [...byId.values()].find(({ kind }) => kind === "deauthorized")?.patterns ?? [];
        const [whole, thin] = [patterns.some((pattern) => !isThin(pattern)), patterns.some(isThin)];
        const verbs = mine.flatMap((one) => (one.kind === "verb" ? one.patterns : []));
        for (const pattern of verbs) if (isThin(pattern) === (thin && !whole)) heard.add(pattern);
        for (const pattern of connect ? [...leaving, AUTHORIZED, THIN_AUTHORIZED] : []) {
          if (leaving.length > 0 && pattern !== ACCOUNT_CLOSED && isThin(pattern) === (thin && !whole)) heard.add(pattern);
        }
        const ofAccounts = patterns.some((pattern) => pattern.startsWith("v2.core.account") || matches(pattern, ACCOUNT_CLOSED));
        if (leaving.includes(ACCOUNT_CLOSED) && ofAccounts) heard.add(ACCOUNT_CLOSED);
        types[name] = [...heard].sort();
      }
      return types;
    },
  };
}

/**
 * The key by which events wait for each other: JSON of the source, the mode, the account, and also of the object if
 * they wait by object.
 */
function orderKeyOf({ source, livemode, account, id, objectId }: InboxEvent, orderBy: "object" | "account"): string {
  const ofAccount = `[${json(source)},${livemode},${account === null ? "null" : json(account)}`;
  // Events about something without an id do not wait for each other.
  return shortKey(orderBy === "account" ? `${ofAccount}]` : `${ofAccount},${json(objectId === "" ? id : objectId)}]`);
}

/** A text as JSON. For an id, that is the id in quotes. */
function json(text: string): string {
  return /^[\w-]*$/.test(text) ? `"${text}"` : JSON.stringify(text);
}

function positive(id: string, name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    throw new Error(`The handler "${id}" has ${name} ${value}: it must be a whole number of at least ${least}.`);
}
