import { expect, test } from "vitest";
import { threadOptions } from "./start-thread.ts";

test("a thread inherits the options of its process", () => {
  expect(threadOptions([])).toEqual({});
  expect(threadOptions(["--use-system-ca", "--stack-trace-limit=10"])).toEqual({});
});

test("but for how --eval is read", () => {
  expect(threadOptions(["--use-system-ca", "--input-type=module", "--eval"])).toEqual({ execArgv: ["--use-system-ca", "--eval"] });
});
