import { createIdSource } from "@carabiner/protocol";
import { DEFAULT_LIMITS, type Limits } from "../../src/limits.ts";
import { openStore } from "../../src/store/open-store.ts";
import { createAgenda } from "./agenda.ts";
import { createChecker } from "./checker.ts";
import { createDatabase } from "./database.ts";
import { type Figures, noFigures } from "./figures.ts";
import { endsBy, judge, type Promised } from "./judge.ts";
import type { Life } from "./life.ts";
import { createNetwork } from "./network.ts";
import { createNode, type SimulatedNode } from "./node.ts";
import { populate } from "./population.ts";
import type { Sabotage, Scene } from "./sabotage.ts";
import { drawScenario, type FaultRates, type Incident } from "./scenario.ts";
import { seededRandom } from "./seeded-random.ts";

const START = 1_763_942_400_000;

/** How often it is asked whether everything has ended. */
const LOOK_EVERY_MS = 600_000;

const NOTHING_FAILS: FaultRates = {
  callFails: 0,
  commitFails: 0,
  answerLost: 0,
  answerSlow: 0,
  crash: 0,
  pause: 0,
  wakeLost: 0,
  receiverFails: 0,
  connectionBreaks: 0,
  receiverSlow: 0,
};

/**
 * One world from one seed: nodes that publish and deliver on one database, over a network, with their own clocks. First
 * anything may go wrong that the seed's scenario has; then nothing does but for the receiver that is always dead, and
 * everything owed must end in time. `sabotage`: a bug to put in. The same seed gives the same figures on any machine.
 * Throws what was broken.
 */
export async function simulate(seed: number, sabotage: Sabotage | null = null): Promise<Figures> {
  const random = seededRandom(seed);
  const scenario = drawScenario(random);
  const figures = { ...noFigures(), calm: Number(scenario.calm), nodes: scenario.nodes };
  const limits: Limits = {
    ...DEFAULT_LIMITS,
    attemptsInFlight: 24,
    attemptsInFlightPerEndpoint: 8,
    claimsHeld: 64,
    claimsHeldPerEndpoint: 16,
    engineIdleMs: scenario.engineIdleMs,
    ...scenario.presence,
    endpointWarningMs: Math.floor(scenario.endpointFailingMs / 3),
    endpointFailingMs: scenario.endpointFailingMs,
  };
  let running = 0;
  let rates = scenario.rates;
  const agenda = createAgenda(START, () => running > 0);
  const store = await openStore({ location: "memory", now: START });
  const population = await populate(store, createIdSource(random.bytes), random, START);
  const checker = createChecker(agenda, figures, limits);
  const promised: Promised = { events: new Map(), tasks: new Map() };
  const nodes: SimulatedNode[] = [];
  const database = createDatabase({
    store,
    agenda,
    random,
    rates: () => rates,
    checker,
    figures,
    shared: scenario.nodes > 1,
    handOffMs: scenario.publishers > 0 ? 1.5 * limits.nodeBeatMs : null,
    running: (change) => {
      running += change;
    },
    strike: (life, what) => {
      const node = nodeOf(life.node);
      // Between two steps of the node, as a signal comes.
      agenda.after(random.below(8), () =>
        what === "crash" ? node.crash(1_000 + random.below(60_000)) : node.pause(random.below(200_000)),
      );
    },
  });
  const network = createNetwork({ agenda, random, rates: () => rates, checker, figures, strike });
  const scene: Scene = { raw: store, checker, random };
  for (let number = 0; number < scenario.nodes; number++)
    nodes.push(
      createNode({
        number,
        sends: number < scenario.nodes - scenario.publishers,
        agenda,
        random,
        clockOf: (clock, life) => sabotage?.clock?.(clock, life) ?? clock,
        storeOf: (life) => sabotage?.store?.(database.connect(life), scene) ?? database.connect(life),
        transportOf: (life) => sabotage?.transport?.(network.connect(life), scene) ?? network.connect(life),
        checker,
        figures,
        limits,
        wallErrorMs: scenario.wallErrorMs,
        population,
        acknowledged: (eventId, owedTo) => void promised.events.set(eventId, owedTo),
        planned: (subject, dueAt) => void promised.tasks.set(subject, dueAt),
      }),
    );
  network.breakDown(endpoint(0).id, scenario.dead);

  try {
    for (const node of nodes) node.boot();
    for (const { at, incident } of scenario.incidents) agenda.after(at, () => happen(incident));
    await agenda.runTo(START + scenario.safetyMs, () => checker.broken !== null);
    await endEverything();
    if (scenario.calm && figures.repeated > 0) checker.breach("I3", `${figures.repeated} attempts were repeated, and nothing went wrong`);
    if (checker.broken !== null)
      throw new Error(`${checker.broken.message}\nTo see it again: npm run simulate -- --seed ${seed}`, { cause: checker.broken });
    figures.tasks = promised.tasks.size;
    figures.simulatedMs = agenda.now() - START;
    return figures;
  } finally {
    await store.close();
  }

  function nodeOf(number: number): SimulatedNode {
    return nodes[number] as SimulatedNode;
  }

  /** A node dies or stands still between two of its steps, as signals come. */
  function strike({ node: number }: Life, what: "crash" | "pause"): void {
    const node = nodeOf(number);
    agenda.after(random.below(8), () => (what === "crash" ? node.crash(1_000 + random.below(60_000)) : node.pause(random.below(200_000))));
  }

  function endpoint(n: number) {
    return population.endpoints[n] as (typeof population.endpoints)[number];
  }

  function happen(incident: Incident): void {
    switch (incident.kind) {
      case "publish":
        nodeOf(incident.node).publish(incident.events);
        break;
      case "change endpoint":
        nodeOf(incident.node).changeEndpoint(random.pick(population.endpoints));
        break;
      case "crash":
        nodeOf(incident.node).crash(incident.downMs);
        break;
      case "pause":
        nodeOf(incident.node).pause(incident.forMs);
        break;
      case "rolling restart":
        restartFrom(0);
        break;
      case "clock jump":
        nodeOf(incident.node).jumpWallClock(incident.byMs);
        break;
      case "partition":
        figures.partitions++;
        database.partition(incident.node);
        agenda.after(incident.forMs, () => database.heal(incident.node));
        break;
      case "database stop":
        figures.databaseStops++;
        database.stop();
        agenda.after(incident.forMs, () => database.comeBack());
        break;
      case "receiver outage":
        breakDown(incident);
    }
  }

  function breakDown({ endpoint: n, how, forMs }: Extract<Incident, { kind: "receiver outage" }>): void {
    // The first is dead anyway.
    if (n === 0) return;
    const { id } = endpoint(n);
    figures.receiverOutages++;
    network.breakDown(id, how);
    agenda.after(forMs, () => network.repair(id));
  }

  function restartFrom(number: number): void {
    if (number < nodes.length) nodeOf(number).restart(() => restartFrom(number + 1));
  }

  /** Faults that were under way end; then what is owed has as long as the policy gives it. */
  async function endEverything(): Promise<void> {
    rates = NOTHING_FAILS;
    const last = Math.max(...scenario.incidents.map(({ at, incident }) => at + ("forMs" in incident ? incident.forMs : 0)));
    const calmAt = Math.max(START + last, agenda.now()) + 200_000;
    const pending = await store.read(async (reads) => {
      let most = 0;
      for (const livemode of [true, false]) {
        const { rows } = await reads.deliveries({ accountId: population.platform.id, livemode, state: "pending" }, { limit: 1_000_000 });
        most = Math.max(most, rows.length);
      }
      return most;
    });
    const queueMs = scenario.dead === "hangs" ? limits.attemptDeadlineMs : 1_000;
    const verdict = {
      calmAt,
      slackPerAttemptMs:
        limits.leaseMs +
        limits.engineIdleMs +
        limits.breakerOpenLongestMs +
        queueMs * (1 + Math.ceil(pending / limits.attemptsInFlightPerEndpoint)),
      deadEndpointId: endpoint(0).id,
    };
    const end = endsBy({ created: calmAt, livemode: true }, null, verdict);
    let ended = false;
    while (!ended && agenda.now() < end && checker.broken === null) {
      await agenda.runTo(agenda.now() + LOOK_EVERY_MS, () => checker.broken !== null);
      ended = agenda.now() > calmAt && (await store.nextDueAt()) === null && (await store.nextTaskAt()) === null;
    }
    if (checker.broken === null) await store.read((reads) => judge(reads, population, promised, checker, verdict));
  }
}
