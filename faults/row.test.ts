import { expect, test } from "vitest";
import { resultOf } from "./row.ts";

test("a row that breaks off does not hold, and says where", async () => {
  const { breaches, figures } = await resultOf(() => Promise.reject(new Error("a node ended early")));
  expect(breaches).toEqual([expect.stringMatching(/^it broke off: Error: a node ended early\n +at .*row\.test\.ts/)]);
  expect(figures).toEqual({});
});
