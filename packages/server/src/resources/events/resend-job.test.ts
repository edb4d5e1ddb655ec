import { expect, test } from "vitest";
import { progressOf, type ResendJob } from "./resend-job.ts";

const HOUR = 3_600_000;
const filter = { state: "undelivered", since: 0, until: 24 * HOUR, endpoint: null, account: null, type: null } as const;
const progress = (job: Partial<ResendJob>): number =>
  progressOf({ status: "running", filter, first: null, reached: null, ...job } as ResendJob);

test("a job has come as far as its walk, from its first delivery on", () => {
  expect(progress({})).toBe(0);
  expect(progress({ first: 22 * HOUR, reached: 22 * HOUR })).toBe(0);
  expect(progress({ first: 22 * HOUR, reached: 23 * HOUR })).toBe(0.5);
});

test("one of an earlier version, which did not note its first delivery, goes by its own beginning", () => {
  const { first: _, ...job } = { filter, first: null, reached: 12 * HOUR };
  expect(progress(job)).toBe(0.5);
});

test("only one that has done all is through, also when all was made at once", () => {
  expect(progress({ first: 24 * HOUR - 1, reached: 24 * HOUR })).toBeLessThan(1);
  expect(progress({ first: 24 * HOUR, reached: 24 * HOUR })).toBeLessThan(1);
  expect(progress({ status: "succeeded", reached: 3 * HOUR })).toBe(1);
});
