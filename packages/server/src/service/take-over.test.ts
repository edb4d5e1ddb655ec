import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createSimulatedClock, type SimulatedClock } from "../../test/clock/simulated-clock.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { TakenOver } from "../store/contract/taken-over.ts";
import { openStore } from "../store/open-store.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";
import { followUp, forgetEnds, oneMoreEnd, tellQuarantined } from "./take-over.ts";

const START = 1_763_942_400_000;
const APART = DEFAULT_LIMITS.uncleanEndsApartMs;
const NOTHING: TakenOver = { released: 0, underWay: 0, suspects: 0, quarantined: [] };

let clock: SimulatedClock;
let store: Store;
/** The requested rounds, by the number of ends in a row. */
let rounds: number[];
let logged: [level: string, what: object][];
let endRound: () => void;

beforeEach(async () => {
  clock = createSimulatedClock(START);
  store = await openStore({ location: "memory", now: START });
  rounds = [];
  logged = [];
});
afterEach(() => store.close());

const log = {
  error: (what: object) => void logged.push(["error", what]),
  warn: (what: object) => void logged.push(["warn", what]),
};

function take(taken: Partial<TakenOver>, of: Store = store): Promise<{ sent: Promise<void> }> {
  const engine = {
    sendSuspects(ends: number): Promise<void> {
      rounds.push(ends);
      return new Promise((resolve) => {
        endRound = resolve;
      });
    },
  };
  return followUp({ ...NOTHING, ...taken }, { store: of, engine, clock, limits: DEFAULT_LIMITS, log });
}

test("ends are in a row while each comes soon after the last", () => {
  expect(oneMoreEnd(null, START, APART)).toEqual({ count: 1, lastAt: START });
  expect(oneMoreEnd({ count: 1, lastAt: START }, START + APART, APART)).toEqual({ count: 2, lastAt: START + APART });
  expect(oneMoreEnd({ count: 7, lastAt: START }, START + APART + 1, APART)).toEqual({ count: 1, lastAt: START + APART + 1 });
});

describe("what was taken over", () => {
  test("from nobody is nothing to see to", async () => {
    await (await take({ released: 5 })).sent;
    expect([rounds, logged]).toEqual([[], []]);
  });

  test("is sent, with one more end in a row each time, counted from the end of what followed on the last", async () => {
    for (let ends = 1; ends <= 3; ends++) {
      const { sent } = await take({ underWay: 4, suspects: 4 });
      clock.advanceTo(clock.now() + 10 * APART);
      endRound();
      await sent;
      clock.advanceTo(clock.now() + APART);
    }
    expect(rounds).toEqual([1, 2, 3]);
    expect(logged).toEqual(Array(3).fill(["warn", { code: "server.ended_uncleanly", underWay: 4, suspects: 4 }]));
    clock.advanceTo(clock.now() + 1);
    await take({ underWay: 1, suspects: 1 });
    expect(rounds.at(-1)).toBe(1);
  });

  test("is as much in a row as before when nothing more was under way", async () => {
    for (const underWay of [3, 2, 0]) await take({ underWay, suspects: 3 });
    expect(rounds).toEqual([1, 2, 2]);
  });

  test("begins a new row after a stop that was clean", async () => {
    await forgetEnds(store);
    await take({ underWay: 3, suspects: 3 });
    await forgetEnds(store);
    await take({ underWay: 3, suspects: 3 });
    expect(rounds).toEqual([1, 1]);
  });

  test("is sent also while the store cannot count", async () => {
    const away: Store = { ...store, transaction: () => Promise.reject(new StoreUnavailable("the disk is full")) };
    const { sent } = await take({ underWay: 3, suspects: 3 }, away);
    endRound();
    await sent;
    expect(rounds).toEqual([1]);
  });

  test("and is quarantined is told of as an error, by its id", async () => {
    await take({ underWay: 1, quarantined: ["dlv_1"] });
    expect(logged[0]).toEqual(["error", { code: "delivery.quarantined", deliveries: ["dlv_1"] }]);
    expect(rounds).toEqual([]);
  });
});

test("how many are quarantined is told only when some are", async () => {
  await tellQuarantined(store, log);
  expect(logged).toEqual([]);
  const some: Store = { ...store, read: async (work) => work({ countQuarantined: async () => 2 } as never) };
  await tellQuarantined(some, log);
  expect(logged).toEqual([["error", { code: "deliveries.quarantined", quarantined: 2 }]]);
});
