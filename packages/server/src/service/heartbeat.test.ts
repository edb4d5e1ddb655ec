import { expect, test } from "vitest";
import { createSimulatedClock } from "../../test/clock/simulated-clock.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { TakenOver } from "../store/contract/taken-over.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";
import { keepBeating, type NodeStatus, silence } from "./heartbeat.ts";

const START = 1_763_942_400_000;
const { nodeBeatMs, nodeGoneMs } = DEFAULT_LIMITS;

/** Runs a server for a while. Returns when it counted others as gone, each time, and what it was asked to take over. */
async function beats(sends: boolean): Promise<{ goneBefore: number[]; seenTo: TakenOver[] }> {
  const clock = createSimulatedClock(START);
  const goneBefore: number[] = [];
  const seenTo: TakenOver[] = [];
  const taken: TakenOver = { released: 1, underWay: 0, suspects: 0, quarantined: [] };
  const store = {
    async beat(_now: number, before: number) {
      goneBefore.push(before);
      return taken;
    },
  } as unknown as Store;
  const closing = new AbortController();
  const status = { heardAt: START, leasesValidFrom: START, failure: null };
  const kept = keepBeating(
    store,
    { ...clock, ask: async () => undefined },
    DEFAULT_LIMITS,
    status,
    closing.signal,
    sends ? async (what) => void seenTo.push(what) : null,
  );
  await clock.runTo(START + nodeGoneMs + nodeBeatMs);
  closing.abort();
  await kept;
  return { goneBefore, seenTo };
}

test("a server that sends takes over from those that are gone, once it has heard of the others for long enough", async () => {
  const { goneBefore, seenTo } = await beats(true);
  expect(goneBefore.slice(0, -2).every((before) => before === 0)).toBe(true);
  expect(goneBefore.slice(-2)).toEqual([START, START + nodeBeatMs]);
  expect(seenTo).toHaveLength(goneBefore.length);
});

test("one that sends nothing takes over from nobody: it could not send what is suspect", async () => {
  const { goneBefore, seenTo } = await beats(false);
  expect(goneBefore.length).toBeGreaterThan(3);
  expect(new Set(goneBefore)).toEqual(new Set([0]));
  expect(seenTo).toEqual([]);
});

test("one whose reports are not stored says why, once the others count it as gone, until they are stored again", async () => {
  const clock = createSimulatedClock(START);
  let full = true;
  const beat = async () => {
    if (full) throw new StoreUnavailable("Nothing can be stored: the disk is full.");
    return { released: 0, underWay: 0, suspects: 0, quarantined: [] };
  };
  const closing = new AbortController();
  const status: NodeStatus = { heardAt: START, leasesValidFrom: START, failure: null };
  const shared = { ...clock, ask: async () => undefined };
  const kept = keepBeating({ beat } as unknown as Store, shared, DEFAULT_LIMITS, status, closing.signal, null);
  const told = () => silence(status, clock.now(), DEFAULT_LIMITS);
  await clock.runTo(START + nodeGoneMs - nodeBeatMs - 1);
  expect(told()).toBeNull();
  await clock.runTo(START + nodeGoneMs);
  expect(told()).toBe("Nothing can be stored: the disk is full.");
  full = false;
  await clock.runTo(clock.now() + nodeBeatMs);
  expect(told()).toBeNull();
  closing.abort();
  await kept;
});
