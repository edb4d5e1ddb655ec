import { expect, test } from "vitest";
import { pathTo } from "./path-to.ts";

test("a value is one part of the path, whatever it contains", () => {
  expect(pathTo`/console/events/${"evt_1"}/figures`).toBe("/console/events/evt_1/figures");
  expect(pathTo`/console/events/${"a/b?c#d%e ü"}`).toBe("/console/events/a%2Fb%3Fc%23d%25e%20%C3%BC");
});
