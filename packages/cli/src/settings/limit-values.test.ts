import { DEFAULT_LIMITS, type LimitName } from "@carabiner/server/limits";
import { expect, test } from "vitest";
import { LIMIT_VARIABLES, limitVariable, parseLimit, parseLimitValue } from "./limit-values.ts";

test("each limit has its own variable", () => {
  expect(limitVariable("eventsKeptMs")).toBe("CARABINER_LIMIT_EVENTS_KEPT_MS");
  expect([...LIMIT_VARIABLES.values()]).toEqual(Object.keys(DEFAULT_LIMITS));
});

test.each<[LimitName, string, number]>([
  ["eventsKeptMs", "90d", 90 * 86_400_000],
  ["drainMs", "1.5s", 1_500],
  ["drainMs", "250", 250],
  ["requestBodyBytes", "2MB", 2_000_000],
  ["requestBodyBytes", "1MiB", 1_048_576],
  ["apiConnections", " 64 ", 64],
  ["requestsPerSecondPerKey", "0.5", 0.5],
])("%s=%s is %d", (name, text, value) => {
  expect(parseLimitValue(name, text)).toBe(value);
  expect(parseLimit(`${name}=${text}`)).toEqual({ [name]: value });
});

test.each<[LimitName, string]>([
  ["eventsKeptMs", "90 moons"],
  ["eventsKeptMs", "-1"],
  ["eventsKeptMs", "0.0001s"],
  ["requestBodyBytes", "1d"],
  ["apiConnections", "10k"],
  ["apiConnections", "1.5"],
  ["apiConnections", "NaN"],
  ["requestsPerSecondPerKey", "5/s"],
])("%s=%s is refused", (name, text) => {
  expect(() => parseLimitValue(name, text)).toThrow("It must be a number such as");
});

test.each<LimitName>(["requestBodyBytes", "databaseConnections", "sweptAtOnce", "listItems"])("nothing works with no %s", (name) => {
  expect(() => parseLimitValue(name, "0")).toThrow("It must be at least 1.");
});

test.each<LimitName>(["auditKeptMs", "requestsPerSecondPerKey", "breakerFailures", "failuresLoggedPerMinute"])("%s may be 0", (name) => {
  expect(parseLimitValue(name, "0")).toBe(0);
});

test("an unknown name is refused with the one that was meant", () => {
  expect(() => parseLimit("eventKeptMs=90d")).toThrow("There is no such limit. Did you mean eventsKeptMs?");
  expect(() => parseLimit("eventsKeptMs")).toThrow("It must be a name and a value");
});
