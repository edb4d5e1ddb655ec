import { expect, test } from "vitest";
import { losesCommits } from "./sqlite-version.ts";

test.each(["3.7.0", "3.43.2", "3.44.5", "3.45.0", "3.50.6", "3.51.2", "3.52.0"])("%s loses commits", (version) => {
  expect(losesCommits(version)).toBe(true);
});

test.each(["3.44.6", "3.50.7", "3.51.3", "3.53.0", "3.53.4", "3.60.0", "4.0.0"])("%s keeps them", (version) => {
  expect(losesCommits(version)).toBe(false);
});
