import { expect, test } from "vitest";
import { SABOTAGES, type Sabotage } from "./sabotage.ts";
import { simulate } from "./simulate.ts";

/** Within so many seeds each must be caught. The same seeds hold without sabotage. */
const SEEDS = 20;

test.each(Object.entries<Sabotage>(SABOTAGES))("%s: caught", async (_, sabotage) => {
  let caught: string | null = null;
  for (let seed = 1; seed <= SEEDS && caught === null; seed++)
    caught = await simulate(seed, sabotage).then(
      () => null,
      (error: Error) => error.message,
    );
  expect(caught).not.toBeNull();
  expect(sabotage.caughtBy).toContain(caught?.split(":")[0]);
});
