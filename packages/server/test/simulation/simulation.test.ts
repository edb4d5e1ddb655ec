import { expect, test } from "vitest";
import { simulate } from "./simulate.ts";

const SEEDS = 25;

/** With this seed alone: `SEED=7 npx vitest run simulation`. */
const seeds = process.env.SEED === undefined ? Array.from({ length: SEEDS }, (_, n) => n + 1) : [Number(process.env.SEED)];

test.each(seeds)("seed %i: nothing acknowledged is lost, nothing is sent early, everything ends", async (seed) => {
  const figures = await simulate(seed);
  expect(figures.acknowledged).toBeGreaterThan(0);
  expect(figures.posts).toBeGreaterThan(0);
});

test("the seeds together crash, repeat and retry: the simulation is not a walk in the park", async () => {
  let crashes = 0;
  let repeated = 0;
  for (const seed of [1, 2, 3, 4, 5]) {
    const figures = await simulate(seed);
    crashes += figures.crashes;
    repeated += figures.repeated;
  }
  expect(crashes).toBeGreaterThan(5);
  expect(repeated).toBeGreaterThan(20);
});

test("a seed repeats itself", async () => {
  expect(await simulate(3)).toEqual(await simulate(3));
});
