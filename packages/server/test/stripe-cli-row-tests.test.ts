import { expect, test } from "vitest";
import { noteCommand, notGiven } from "./stripe-cli-row-tests.ts";

test("a row whose command or flag its test does not give to the CLI is named", () => {
  const row = { commands: ["logs tail"], flags: ["--format", "--filter-source"], happens: "" };
  expect(notGiven(row, [["logs", "tail", "--format=json"]])).toEqual(["--filter-source"]);
  expect(notGiven(row, [["listen", "--format", "json", "--filter-source", "API"]])).toEqual(["logs tail"]);
  expect(notGiven(row, [["logs", "tail", "--format", "json", "--filter-source", "API"]])).toEqual([]);
});

test("a test that runs the CLI and belongs to no row is refused", () => {
  expect(() => noteCommand(["listen"])).toThrow("no row of stripe-cli-rows.ts is shown by: stripe listen");
});
