import { expect, test } from "vitest";
import { simulate } from "./simulate.ts";

test("a seed repeats itself", async () => {
  expect(await simulate(8)).toEqual(await simulate(8));
});
