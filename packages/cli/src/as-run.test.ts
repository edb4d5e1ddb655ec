import { expect, test } from "vitest";
import { asRun, nextCommand, programName } from "./as-run.ts";

const NPX = { npm_lifecycle_event: "npx", npm_command: "exec" };
const REPOSITORY = { npm_lifecycle_event: "start", npm_command: "start", npm_package_name: "carabiner-workspace" };
const OWN_SCRIPT = { npm_lifecycle_event: "dev", npm_command: "run-script", npm_package_name: "shop" };

test.each([
  [{}, "carabiner"],
  [NPX, "npx carabiner"],
  [OWN_SCRIPT, "npx carabiner"],
  [REPOSITORY, "npx carabiner"],
])("with %j of npm's in the environment it is run as %s", (env, name) => {
  expect(programName(env)).toBe(name);
});

test("commands in a text are named as they are run, and nothing else is touched", () => {
  expect(asRun("Start one with `carabiner dev`, or see carabiner --help.", REPOSITORY)).toBe(
    "Start one with `npx carabiner dev`, or see carabiner --help.",
  );
  expect(asRun("carabiner clock show; /var/carabiner data", NPX)).toBe("npx carabiner clock show; /var/carabiner data");
});

test("a command to run next keeps the server, the mode and the account", () => {
  expect(nextCommand("deliveries list", { url: "http://h:1", live: true, account: "acct_1" }, {})).toBe(
    "carabiner deliveries list --url http://h:1 --live --account acct_1",
  );
  expect(nextCommand("deliveries list", {}, NPX)).toBe("npx carabiner deliveries list");
});
