import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

test("the demo plays to its end, and everything it shows has happened", async () => {
  // Rejects unless it ends with 0. A pipe, not a terminal: no colours.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN], { env: { ...process.env, FORCE_COLOR: undefined } });
  expect(stderr).toBe("");
  expect(stdout).not.toContain("\u001b");

  const lines = stdout.split("\n").map((line) => line.trim().replaceAll(/ +/g, " "));
  for (const line of [
    "← /connect account.application.authorized test bakery 200",
    "← /connect account.application.authorized test florist 200",
    "← /connect account.application.authorized test courier 200",
    "← /connect account.updated test florist 200",
    "← /own customer.created test platform 200",
    "← /connect customer.created test courier 200",
    "← /own order.shipped test platform 200",
    "← /live account.updated live tailor 500",
    "← /live account.updated live tailor 200",
    "← /connect payout.failed test grocer 200",
    "← /connect account.external_account.updated test grocer 200",
    "failure_code: account_closed",
    "status: errored",
    "currently_due: external_account",
    "← /connect account.application.deauthorized test bakery 200",
    "account.updated tailor /live true 3 succeeded",
    "account.updated tailor /live true 10 exhausted",
    "account.application.deauthorized bakery /connect false 1 succeeded",
  ]) {
    expect(lines).toContain(line);
  }
  expect(stdout).toMatch(/previous_attributes: \{.*"business_profile":\{"name":"florist"\}/);
  expect(stdout).toMatch(/tried at once 500, [45]m \d+s 500, 3\dm( \d+s)? 200/);
  expect(stdout).toMatch(/exhausted after 10 attempts: 3 days of retries in /);
  expect(stdout).toMatch(/403 account_invalid: .* does not have access to account 'acct_/);
  expect(stdout).toMatch(/400 payouts_not_allowed: .*status is 'errored'/);
  expect(stdout).toMatch(/28 events, 28 deliveries, 39 attempts, ten days: /);
});
