import type { Limits } from "../../src/limits.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** Something that happens to the world from outside. */
export type Incident =
  | { kind: "publish"; node: number; events: number }
  | { kind: "change endpoint"; node: number }
  | { kind: "crash"; node: number; downMs: number }
  | { kind: "pause"; node: number; forMs: number }
  | { kind: "rolling restart" }
  | { kind: "partition"; node: number; forMs: number }
  | { kind: "database stop"; forMs: number }
  | { kind: "clock jump"; node: number; byMs: number }
  | { kind: "receiver outage"; endpoint: number; forMs: number; how: Outage };

/** How a receiver that is out of order behaves. */
export type Outage = "refuses" | "fails" | "hangs";

/** How often something goes wrong where nothing else is planned: shares from 0 to 1. */
export interface FaultRates {
  /** A call of the database fails before it does anything. */
  callFails: number;
  /** A transaction does its work, and its commit fails. */
  commitFails: number;
  /** It is done, and its answer is lost. */
  answerLost: number;
  /** Its answer takes many seconds. */
  answerSlow: number;
  /** The node dies, or stands still, when a call is made or answered. */
  crash: number;
  pause: number;
  /** A wake-up from another node's commit is lost. */
  wakeLost: number;
  /** A receiver answers with an error, breaks the connection before or after it has the event, or is slow. */
  receiverFails: number;
  connectionBreaks: number;
  receiverSlow: number;
}

/** What a seed makes of the world: everything but the small dice that fall on the way. */
export interface Scenario {
  nodes: number;
  /** How many of them do not send, and lease what they publish for those that do: the last ones. */
  publishers: number;
  /** Whether anything goes wrong at all, but for the receiver that is always dead. */
  calm: boolean;
  /** How far the machines' own clocks may be off, to either side. */
  wallErrorMs: number;
  /** How long anything may go wrong. */
  safetyMs: number;
  engineIdleMs: number;
  /** How long leases run, how often nodes say that they live, and when they are taken for gone. */
  presence: Pick<Limits, "leaseMs" | "nodeBeatMs" | "nodeGoneMs">;
  endpointFailingMs: number;
  /** How the receiver behaves that never answers with success. */
  dead: Outage;
  rates: FaultRates;
  /** By the time they happen, milliseconds from the start. */
  incidents: readonly { at: number; incident: Incident }[];
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const PUBLISHES = 20;

/**
 * Leases end before anyone is taken for gone, or are taken over from those who are. As often as real nodes it is not
 * said that one lives: that would be most of what a simulation does.
 */
const PRESENCES: readonly Scenario["presence"][] = [
  { leaseMs: 90 * SECOND, nodeBeatMs: 10 * MINUTE, nodeGoneMs: 30 * MINUTE },
  { leaseMs: 40 * MINUTE, nodeBeatMs: 2 * MINUTE, nodeGoneMs: 8 * MINUTE },
];

/**
 * Draws a scenario. Each kind of fault is there or not: one that is always there would hide what only shows without it.
 */
export function drawScenario(random: SeededRandom): Scenario {
  const calm = random.chance(0.1);
  const nodes = 1 + random.below(4);
  const safetyMs = random.pick([20 * MINUTE, 2 * HOUR, 8 * HOUR, 30 * HOUR]);
  const skewed = !calm && random.chance(0.3);
  const some = (most: number): number => (!calm && random.chance(0.6) ? random.next() * most : 0);
  const times = (most: number): number => (!calm && random.chance(0.6) ? 1 + random.below(most) : 0);
  const node = (): number => random.below(nodes);

  const incidents: { at: number; incident: Incident }[] = [];
  const publishes = Array.from({ length: PUBLISHES }, () => Math.floor(random.next() * random.next() * safetyMs));
  for (const at of publishes) incidents.push({ at, incident: { kind: "publish", node: node(), events: 1 + random.below(12) } });

  /** Most faults come when there is something to disturb. */
  const soon = (): number =>
    random.chance(0.7) ? Math.min(safetyMs, random.pick(publishes) + random.below(40 * SECOND)) : random.below(safetyMs);
  const add = (count: number, incident: () => Incident): void => {
    for (let n = 0; n < count; n++) incidents.push({ at: soon(), incident: incident() });
  };
  const span = (): number =>
    random.pick([() => random.below(20 * SECOND), () => 80 * SECOND + random.below(60 * SECOND), () => random.below(30 * MINUTE)])();

  add(random.below(8), () => ({ kind: "change endpoint", node: node() }));
  add(times(8), () => ({ kind: "crash", node: node(), downMs: SECOND + random.below(MINUTE) }));
  add(times(8), () => ({ kind: "pause", node: node(), forMs: span() }));
  add(times(2), () => ({ kind: "rolling restart" }));
  add(times(6), () => ({ kind: "partition", node: node(), forMs: span() }));
  add(times(3), () => ({ kind: "database stop", forMs: span() }));
  add(skewed ? 1 + random.below(8) : 0, () => ({ kind: "clock jump", node: node(), byMs: random.pick([-HOUR, HOUR]) }));
  add(times(5), () => ({ kind: "receiver outage", endpoint: random.below(6), forMs: random.below(5 * HOUR), how: outage(random) }));
  return {
    nodes,
    publishers: nodes > 1 && incidents.length % 2 === 0 ? 1 + ((incidents.length >> 1) % (nodes - 1)) : 0,
    calm,
    wallErrorMs: skewed ? 5 * MINUTE : 0,
    safetyMs,
    engineIdleMs: random.pick([10 * MINUTE, 30 * MINUTE, HOUR]),
    presence: random.pick(PRESENCES),
    endpointFailingMs: random.pick([216 * HOUR, 30 * HOUR, 3 * HOUR]),
    dead: outage(random),
    rates: {
      callFails: some(0.05),
      commitFails: some(0.2),
      answerLost: some(0.05),
      answerSlow: some(0.05),
      crash: some(0.01),
      pause: some(0.01),
      wakeLost: some(0.5),
      receiverFails: some(0.4),
      connectionBreaks: some(0.3),
      receiverSlow: some(0.3),
    },
    incidents: incidents.sort((a, b) => a.at - b.at),
  };
}

const outage = (random: SeededRandom): Outage => random.pick(["refuses", "fails", "hangs"]);
