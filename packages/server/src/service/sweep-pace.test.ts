import { expect, test } from "vitest";
import { SweepPace } from "./sweep-pace.ts";

const LIMITS = { sweepEveryMs: 60_000, sweepPercent: 10, sweepLatePercent: 50, sweepRestMs: 5 };
const SIGNAL = new AbortController().signal;

/** A pace whose time passes by work and rests alone. */
function createPace(limits: Partial<typeof LIMITS> = {}) {
  let time = 1_000;
  const rests: number[] = [];
  const pause = async (ms: number) => {
    rests.push(Math.round(ms));
    time += ms;
  };
  const pace = new SweepPace({ clock: { pause }, limits: { ...LIMITS, ...limits }, monotonic: () => time });
  const part = async (tookMs: number, beside = 0) => {
    await pace.work(async () => {
      time += tookMs;
    });
    time += beside;
    await pace.rest(SIGNAL);
  };
  return { pace, part, rests, time: () => time };
}

test("a sweep takes its share of the time, and rests a little even after no work at all", async () => {
  const { pace, part, rests } = createPace();
  pace.begin();
  for (const ms of [8, 20, 0.3, 0]) await part(ms);
  expect(rests).toEqual([72, 180, 5, 5]);
  expect(await pace.work(async () => "what the part returns")).toBe("what the part returns");
});

test("a part that failed took its time as well", async () => {
  const { pace, part, rests } = createPace();
  pace.begin();
  await expect(pace.work(() => part(10).then(() => Promise.reject(new Error("lost"))))).rejects.toThrow("lost");
  await pace.rest(SIGNAL);
  // Ten of work and the rest in between.
  expect(rests).toEqual([90, 900]);
});

test("the share of sweeps that do not come to their end grows to a limit, and goes back once they do", async () => {
  const { pace, part, rests, time } = createPace();
  pace.begin();
  const shares: number[] = [];
  const sweepFor = async (ms: number) => {
    for (const until = time() + ms; time() < until; ) {
      await part(10);
      shares.push(Math.round(1_000 / (10 + (rests.at(-1) ?? 0))));
    }
  };
  await sweepFor(10 * 60_000);
  expect([...new Set(shares)]).toEqual([10, 13, 16, 20, 24, 30, 38, 48, 50]);
  pace.end();
  shares.length = 0;
  for (let round = 0; round < 9; round++) {
    pace.begin();
    await sweepFor(30_000);
    pace.end();
  }
  // The one after a sweep that was late takes as much.
  expect([...new Set(shares)]).toEqual([50, 40, 32, 26, 20, 16, 13, 11, 10]);
});

test("sweeps keep up with what becomes old, and take no more of the time than that needs", async () => {
  /** Of each second, so much work becomes old. */
  const OLD = 0.15;
  const { pace, part, time } = createPace();
  const shares: number[] = [];
  const waits: number[] = [];
  let owed = 0;
  let worked = 0;
  for (const until = time() + 3 * 3_600_000; time() < until; ) {
    pace.begin();
    const began = time();
    const all = began * OLD;
    for (; owed < all; owed += 10) {
      await part(10);
      worked += 10;
    }
    pace.end();
    waits.push(time() - began);
    await part(0, LIMITS.sweepEveryMs);
    shares.push(worked / (time() - began));
    worked = 0;
  }
  const settled = shares.slice(20);
  expect(settled.length).toBeGreaterThan(20);
  for (const share of settled) expect(share).toBeLessThan(2 * OLD);
  for (const wait of waits.slice(20)) expect(wait).toBeLessThan(3 * LIMITS.sweepEveryMs);
});

test("a rest is no longer than the time between two sweeps, as when the machine's time was set forward", async () => {
  const { pace, part, rests } = createPace();
  pace.begin();
  await part(3_600_000);
  expect(rests).toEqual([60_000]);
});

test("no share is above all, and one that may not grow stays", async () => {
  const { pace, part, rests } = createPace({ sweepPercent: 100, sweepLatePercent: 50 });
  pace.begin();
  for (const ms of [100_000, 100_000]) await part(ms);
  expect(rests).toEqual([5, 5]);
});
