import { expect, test } from "vitest";
import { capturedTerminal } from "../test/captured-terminal.ts";
import { activityOptions, createJsonLog, createReadableLog } from "./server-log.ts";

test("a request takes one line a person can read; what its fields say is not said twice", () => {
  const terminal = capturedTerminal();
  const log = createReadableLog("info", terminal);
  log.info(
    {
      code: "request",
      requestId: "req_1",
      method: "POST",
      path: "/v1/accounts",
      status: 400,
      ms: 1.5,
      account: "acct_1",
      error: "parameter_missing",
    },
    "request",
  );
  expect(terminal.told).toHaveLength(1);
  expect(terminal.told[0]).toMatch(/^\[\d\d:\d\d:\d\d\] 400 POST {3}\/v1\/accounts parameter_missing {2}1\.5 ms {2}req_1 {2}acct_1$/);
});

test("anything else says its message and its fields, and nothing steers the terminal", () => {
  const terminal = capturedTerminal();
  const log = createReadableLog("warn", terminal);
  log.info("not asked for");
  log.error({ code: "request.failed", requestId: "req_1", failure: { message: "disk full" } }, "it broke \u001b[2J");
  expect(terminal.told).toHaveLength(1);
  expect(terminal.told[0]).toContain('ERROR: it broke \\u001b[2J req_1 {"failure":{"message":"disk full"}}');
});

test("that the Stripe CLI has connected takes one line, which names the command once", () => {
  const terminal = capturedTerminal();
  createReadableLog("info", terminal).info(
    { code: "stripe_cli.listens", account: "acct_1", feature: "webhooks" },
    "`stripe listen` has connected",
  );
  expect(terminal.told[0]).toMatch(/INFO: `stripe listen` has connected$/);
});

test("colours appear where they are wanted", () => {
  const terminal = capturedTerminal({ colours: true });
  createReadableLog("info", terminal).info({ method: "GET", path: "/", status: 200, ms: 1 }, "request");
  expect(terminal.told[0]).toContain("\u001b[32m200");
});

test.each([
  ["info", "all"],
  ["warn", "failures"],
  ["error", undefined],
  ["silent", undefined],
] as const)("for a log from %s on, a server tells %s of its activities", (level, activities) => {
  const terminal = capturedTerminal();
  const options = activityOptions(createJsonLog(level, terminal));
  expect(options.activities).toBe(activities);
  expect(options.onActivity === undefined).toBe(activities === undefined);
  options.onActivity?.({ kind: "event", at: 0, event: "evt_1", type: "account.updated", account: "acct_1", livemode: false, owedTo: 1 });
  options.onActivity?.({
    ...{ kind: "cancelled", at: 0, delivery: "dlv_1", deliveryKind: "automatic", event: "evt_1", type: "account.updated" },
    ...{ account: "acct_1", livemode: false, endpoint: "we_1", url: "http://127.0.0.1/" },
  });
  expect(terminal.told).toHaveLength(activities === "all" ? 2 : activities === "failures" ? 1 : 0);
});
