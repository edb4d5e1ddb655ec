import { putOff } from "../../src/deliveries/decide-settlement.ts";
import type { Claim, ClaimToken, EndpointCondition, HotLane, Settlement } from "../../src/store/contract/delivery-store.ts";
import type { TakenOver } from "../../src/store/contract/taken-over.ts";
import type { Reads, Transaction } from "../../src/store/contract/transaction.ts";
import { HandedLeases, type HandedPage } from "../../src/store/postgres/deliveries/handed-leases.ts";
import { HandOffs } from "../../src/store/postgres/transactions/hand-offs.ts";
import type { Takes } from "../../src/store/postgres/transactions/node-message.ts";
import { Taking } from "../../src/store/postgres/transactions/taking.ts";
import { type Store, StoreUnavailable } from "../../src/store/store.ts";
import type { Agenda } from "./agenda.ts";
import type { Checker } from "./checker.ts";
import type { Figures } from "./figures.ts";
import type { Life } from "./life.ts";
import type { FaultRates } from "./scenario.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** One database that all nodes share, at the other end of a network with its own faults. */
export interface Database {
  /** The store as one life of a node sees it. */
  connect(life: Life): Store;
  /** Cuts a node off, and lets it back. */
  partition(node: number): void;
  heal(node: number): void;
  /** Stops for all clients, and comes back with everything that was committed. */
  stop(): void;
  comeBack(): void;
}

export interface DatabaseOptions {
  store: Store;
  agenda: Agenda;
  random: SeededRandom;
  /** As they are now: they end when the liveness phase begins. */
  rates(): FaultRates;
  checker: Checker;
  figures: Figures;
  /** More than one node shares it: each says that it lives, and none may end the leases of those who do. */
  shared: boolean;
  /** For how long nodes that do not send go by what another says it takes from them; null when all send. */
  handOffMs: number | null;
  /** Counts what runs on the real store, so that time stands still meanwhile. */
  running(change: 1 | -1): void;
  /** A fault strikes at a call. */
  strike(life: Life, what: "crash" | "pause"): void;
}

/** How long a node waits for an answer that does not come. */
const GIVE_UP_MS = 10_000;

/** A node that said it is leaving was not seen since the beginning of time; any other was. */
const LEFT = 0;
const LEFT_BEFORE = 1;

const NOTHING: TakenOver = { released: 0, underWay: 0, suspects: 0, quarantined: [] };

/** What happens to a call. */
type Fate = "well" | "call fails" | "commit fails" | "answer lost" | "answer slow" | "crash" | "pause";

/** What a call is besides what it does. */
interface Call<Answer> {
  does(fate: Fate): Promise<Answer>;
  /**
   * Whether it runs in the node step by step, as a transaction does: it waits for a node that is paused and ends with
   * one that dies.
   */
  inNode: boolean;
  changes: boolean;
  /** Called at the moment at which it is done in the database, even if nobody learns of it. */
  done?(answer: Answer): void;
}

/** What a commit has to say to the hot lane of the node that made it. */
interface Told {
  claims: Claim[];
  dueAt: number;
  taskDueAt: number;
  /** Endpoints that have changed. */
  changed: string[];
  reserved: { endpointId: string; bytes: number }[];
  /** The node that its claims are for, if not the one that made it. */
  to: Session | null;
}

/** A node's end of it. */
interface Session {
  life: Life;
  lane: HotLane | null;
  onTask: ((dueAt: number) => void) | null;
  /** What other nodes take from it, what it takes from them, and what it was leased so. */
  handOffs: HandOffs;
  taking: Taking;
  handed: HandedLeases;
}

/** A lease in the database. */
interface Leased {
  claim: Claim;
  to: Life;
  /** Whether another node leased it for this one. */
  handed: boolean;
}

export function createDatabase(options: DatabaseOptions): Database {
  const { store, agenda, random, rates, checker, figures } = options;
  const sessions = new Set<Session>();
  const cutOff = new Set<number>();
  /** When each that shares it last said that it lives. */
  const seenAt = new Map<Life, number>();
  const leased = new Map<string, Leased>();
  const named = new Map<string, Session>();
  let stopped = false;

  const reachable = (life: Life): boolean => !stopped && !cutOff.has(life.node);

  function ask<Answer>(session: Session, call: Call<Answer>): Promise<Answer> {
    const { life } = session;
    return new Promise((resolve, reject) => {
      const fate = drawFate();
      if (fate === "crash" || fate === "pause") options.strike(life, fate);
      const giveUp = (afterMs: number): void => {
        life.trouble(agenda.now(), agenda.now() + afterMs);
        life.later(afterMs, () => reject(new StoreUnavailable("The database does not answer.")));
      };
      agenda.after(latency(), () => {
        if (!reachable(life)) return giveUp(GIVE_UP_MS);
        if (fate === "call fails") {
          figures.callsFailed++;
          return giveUp(latency());
        }
        if (call.inNode) life.reach(run);
        else run();
      });

      function run(): void {
        const told: Told = {
          claims: [],
          dueAt: Number.POSITIVE_INFINITY,
          taskDueAt: Number.POSITIVE_INFINITY,
          changed: [],
          reserved: [],
          to: null,
        };
        const { lane } = session;
        options.running(1);
        store.attach(recording(lane ?? handingOver(session, told), told));
        store.onTask((dueAt) => {
          told.taskDueAt = Math.min(told.taskDueAt, dueAt);
        });
        call.does(fate).then(
          (answer) => {
            store.attach(null);
            store.onTask(null);
            granted(told.to?.life ?? life, told.claims, told.to !== null);
            call.done?.(answer);
            wakeOthers(session, told);
            options.running(-1);
            send(lane, told, () => resolve(answer));
          },
          (error: unknown) => {
            store.attach(null);
            store.onTask(null);
            options.running(-1);
            life.later(latency(), () => reject(error));
          },
        );
      }

      /** The answer goes back to the node, or gets lost. */
      function send(lane: HotLane | null, told: Told, arrive: () => void): void {
        const lost = (): void => {
          if (call.changes) figures.commitsUnknown++;
          life.trouble(agenda.now(), agenda.now() + GIVE_UP_MS);
          life.later(GIVE_UP_MS, () => {
            for (const { endpointId, bytes } of told.reserved) lane?.release(endpointId, 1, bytes);
            reject(new StoreUnavailable("The connection to the database broke."));
          });
        };
        if (fate === "answer lost") {
          lost();
          return;
        }
        let travelMs = latency();
        if (fate === "answer slow") {
          figures.answersSlow++;
          travelMs = random.below(120_000);
          life.trouble(agenda.now(), agenda.now() + travelMs);
        }
        agenda.after(travelMs, () => {
          if (!reachable(life)) return lost();
          life.reach(() => {
            if (told.claims.length > 0 && told.to === null) lane?.accept(told.claims);
            tell(session, told);
            arrive();
          });
        });
      }
    });
  }

  function drawFate(): Fate {
    const now = rates();
    const kinds = [
      ["call fails", now.callFails],
      ["commit fails", now.commitFails],
      ["answer lost", now.answerLost],
      ["answer slow", now.answerSlow],
      ["crash", now.crash],
      ["pause", now.pause],
    ] as const;
    let dice = random.next();
    for (const [kind, share] of kinds) {
      if (dice < share) return kind;
      dice -= share;
    }
    return "well";
  }

  const latency = (): number => 1 + random.below(4);

  /** A commit that left something to claim wakes the other nodes as well, unless the word is lost. */
  function wakeOthers(from: Session, told: Told): void {
    const { dueAt, taskDueAt, changed, to } = told;
    if (dueAt === Number.POSITIVE_INFINITY && taskDueAt === Number.POSITIVE_INFINITY && changed.length === 0 && to === null) return;
    toOthers(from, (session) => {
      tell(session, told);
      if (session === to) session.handed.hear([0]);
    });
  }

  /** A message to all other nodes, which each of them may or may not receive. */
  function toOthers(from: Session, hear: (session: Session) => void): void {
    for (const session of sessions) {
      if (session === from || random.chance(rates().wakeLost)) continue;
      agenda.after(latency(), () => {
        if (reachable(session.life)) session.life.reach(() => hear(session));
      });
    }
  }

  function granted(to: Life, claims: readonly Claim[], handed = false): void {
    checker.granted(to, claims);
    for (const claim of claims) leased.set(claim.deliveryId, { claim, to, handed });
    if (handed) figures.handedOver += claims.length;
  }

  /** The lane of a node that does not send: a commit leases for one other node at most. */
  function handingOver(session: Session, told: Told): HotLane | null {
    if (options.handOffMs === null) return null;
    return {
      reserve({ id }, now) {
        const lease = session.handOffs.lease({ id, firstFailureAt: null }, now);
        const to = named.get(lease?.to?.[0] ?? "");
        if (lease === null || to === undefined || (told.to !== null && told.to !== to)) return null;
        told.to = to;
        return lease;
      },
      accept: () => undefined,
      release: () => undefined,
      due: () => undefined,
      changed: () => undefined,
    };
  }

  function announce(session: Session, takes: Takes | null): void {
    if (takes !== null && options.handOffMs !== null) toOthers(session, ({ handOffs }) => handOffs.hear(takes));
  }

  /** What others have leased for a node, as it reads and ends that. */
  function handedTo(session: () => Session, life: Life): HandedLeases {
    const read = async (held: ReadonlySet<ClaimToken>): Promise<HandedPage> => {
      const claims: Claim[] = await ask(session(), {
        inNode: false,
        changes: false,
        does: async () =>
          [...leased.values()].flatMap(({ claim, to, handed }) => (handed && to === life && !held.has(claim.token) ? [claim] : [])),
      });
      return { claims, next: null, noted: false };
    };
    return new HandedLeases({
      reads: {
        marked: () => read(new Set()),
        async strays(held) {
          const found = await read(held);
          figures.handedFound += found.claims.length;
          return found;
        },
        async giveBack(tokens) {
          figures.handedBack += tokens.length;
          const given = [...leased.values()].flatMap(({ claim }) => (tokens.includes(claim.token) ? [putOff(claim)] : []));
          await ask(session(), {
            inNode: false,
            changes: true,
            does: () => store.settle(given, []),
            done: ({ refused }) => settled(life, given, refused, []),
          });
        },
      },
      underWay: { next: () => 0, written: () => undefined, giveUpUnbegun: () => undefined },
      lane: () => session().lane,
      onRefused(claims) {
        const { lane, taking } = session();
        lane?.due(Math.min(...claims.map(({ dueAt }) => dueAt)));
        announce(
          session(),
          taking.after(
            claims.map(({ endpoint }) => endpoint.id),
            lane,
          ),
        );
      },
    });
  }

  function settled(
    life: Life,
    settlements: readonly Settlement[],
    refused: readonly string[],
    checked: readonly EndpointCondition[],
  ): void {
    checker.settled(life, settlements, refused, checked);
    for (const { deliveryId, token } of settlements) if (leased.get(deliveryId)?.claim.token === token) leased.delete(deliveryId);
  }

  /**
   * Ends the leases of those that were not seen since, and forgets them. On PostgreSQL what they settle later counts
   * for as long as nobody else has claimed it; here it is refused.
   */
  async function releaseGone(goneBefore: number): Promise<TakenOver> {
    const gone = new Set([...seenAt].filter(([, at]) => at < goneBefore).map(([life]) => life));
    const isGone = ({ to, handed }: Leased): boolean => gone.has(to) || (goneBefore > 0 && handed && !seenAt.has(to));
    const theirs = [...leased.values()].filter((lease) => isGone(lease) && lease.claim.leaseUntil > agenda.now());
    if (theirs.length > 0)
      await store.settle(
        theirs.map(({ claim }) => putOff(claim)),
        [],
      );
    for (const { claim } of theirs) leased.delete(claim.deliveryId);
    for (const life of gone) seenAt.delete(life);
    checker.released(theirs.map(({ claim }) => claim.deliveryId));
    figures.takenOver += theirs.length;
    return { ...NOTHING, released: theirs.length };
  }

  return {
    connect(life) {
      for (const session of sessions) if (session.life.state === "dead") sessions.delete(session);
      const session: Session = {
        life,
        lane: null,
        onTask: null,
        handOffs: new HandOffs(life.name),
        taking: new Taking(life.name, options.handOffMs ?? 0),
        handed: handedTo(() => session, life),
      };
      sessions.add(session);
      named.set(life.name, session);
      const looking = { inNode: false, changes: false };
      const changing = { inNode: false, changes: true };
      return {
        backUp: null,
        purge: () => store.purge(),
        secrets: store.secrets,
        // Nobody listens, and no requests are answered.
        listeners: store.listeners,
        requests: store.requests,
        sessions: store.sessions,
        transaction: <T>(work: (tx: Transaction) => Promise<T>) =>
          ask(session, {
            does: (fate) =>
              store.transaction(async (tx) => {
                const answer = await work(tx);
                if (fate !== "commit fails") return answer;
                figures.commitsFailed++;
                throw new StoreUnavailable("The connection broke before the commit.");
              }),
            inNode: true,
            changes: true,
          }),
        read: <T>(work: (reads: Reads) => Promise<T>) => ask(session, { does: () => store.read(work), inNode: true, changes: false }),
        claimDue: (request) => ask(session, { ...changing, does: () => store.claimDue(request), done: (claims) => granted(life, claims) }),
        settle: (settlements, checks) =>
          ask(session, {
            ...changing,
            does: () => store.settle(settlements, checks),
            done: ({ refused, checked = [] }) => settled(life, settlements, refused, checked),
          }).then((answer) => {
            session.handed.settled(settlements.map(({ token }) => token));
            return answer;
          }),
        nextDueAt: (except) => ask(session, { ...looking, does: () => store.nextDueAt(except) }),
        nextTaskAt: () => ask(session, { ...looking, does: () => store.nextTaskAt() }),
        onTask(listener) {
          session.onTask = listener;
        },
        releaseLeases: (now) =>
          ask(
            session,
            options.shared
              ? { ...changing, does: () => releaseGone(LEFT_BEFORE) }
              : { ...changing, does: () => store.releaseLeases(now), done: () => checker.released("all") },
          ),
        async beat(now, goneBefore) {
          if (!options.shared) return NOTHING;
          announce(session, session.taking.at(now, session.lane));
          const taken = await ask(session, {
            ...changing,
            does() {
              seenAt.set(life, now);
              return releaseGone(goneBefore);
            },
          });
          if (options.handOffMs !== null) session.handed.look();
          return taken;
        },
        // Nothing is noted of what is under way, so nothing is suspect.
        noteUnderWay: () => null,
        nextSuspect: async () => null,
        releaseSuspects: async () => 0,
        // What the database's own machine says at that moment.
        sharedTime: () => ask(session, { ...looking, does: () => Promise.resolve(agenda.now()) }),
        prune: (request) => ask(session, { ...changing, does: () => store.prune(request) }),
        pruneAccount: (request) => ask(session, { ...changing, does: () => store.pruneAccount(request) }),
        attach(lane) {
          session.lane = lane;
          if (lane === null) announce(session, session.taking.after([], null));
        },
        async close() {
          if (!options.shared) return;
          if (options.handOffMs !== null) await session.handed.end();
          const left = ask(session, {
            ...changing,
            does: async () => {
              if (seenAt.has(life)) seenAt.set(life, LEFT);
            },
          });
          await left.catch((error: unknown) => {
            if (!(error instanceof StoreUnavailable)) throw error;
          });
        },
      };
    },
    partition(node) {
      cutOff.add(node);
    },
    heal(node) {
      cutOff.delete(node);
    },
    stop() {
      stopped = true;
    },
    comeBack() {
      stopped = false;
    },
  };
}

/** A node learns what is due to be claimed or done. */
function tell({ lane, onTask, handed }: Session, { dueAt, taskDueAt, changed }: Told): void {
  for (const endpointId of changed) {
    handed.changed(endpointId);
    lane?.changed(endpointId);
  }
  if (dueAt < Number.POSITIVE_INFINITY) lane?.due(dueAt);
  if (taskDueAt < Number.POSITIVE_INFINITY) onTask?.(taskDueAt);
}

/** A lane that asks the node's own for room, and keeps the rest for when the answer arrives there. */
function recording(lane: HotLane | null, told: Told): HotLane {
  return {
    reserve(endpoint, now, bytes) {
      const lease = lane?.reserve(endpoint, now, bytes) ?? null;
      if (lease !== null) told.reserved.push({ endpointId: endpoint.id, bytes });
      return lease;
    },
    accept: (claims) => void told.claims.push(...claims),
    release(endpointId, count, bytes) {
      lane?.release(endpointId, count, bytes);
      told.reserved = told.reserved.filter((one) => one.endpointId !== endpointId);
    },
    due(at) {
      told.dueAt = Math.min(told.dueAt, at);
    },
    changed(endpointId) {
      told.changed.push(endpointId);
    },
  };
}
