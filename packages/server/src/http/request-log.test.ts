import { expect, test, vi } from "vitest";
import { type Log, logRequest, type RequestLogLine } from "./request-log.ts";

const LINE: RequestLogLine = {
  requestId: "req_1",
  method: "GET",
  path: "/console/deliveries",
  status: 200,
  ms: 1,
  account: "acct_1",
  error: undefined,
  replayOf: undefined,
};

test.each<[string, Partial<RequestLogLine>, keyof Log]>([
  ["looking at the console", {}, "debug"],
  ["looking at the clock", { path: "/v1/test_helpers/clock" }, "debug"],
  ["turning it", { method: "POST", path: "/v1/test_helpers/clock/advance" }, "info"],
  ["looking at it in vain", { status: 404 }, "info"],
  ["changing something there", { method: "POST" }, "info"],
  ["a call of Stripe's API", { path: "/v1/events" }, "info"],
])("%s is logged as it should be", (_, changed, level) => {
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  logRequest(log as unknown as Log, { ...LINE, ...changed });
  expect(Object.entries(log).flatMap(([name, { mock }]) => mock.calls.map(() => name))).toEqual([level]);
});
