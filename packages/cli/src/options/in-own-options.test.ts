import { Command } from "commander";
import { expect, test } from "vitest";
import { inOwnOptions } from "./in-own-options.ts";

const command = new Command()
  .option("--keep-events <time>", "")
  .option("--expires-in <time>", "")
  .option("--permissions <names>", "")
  .option("--events <types>", "")
  .option("--rate <count>", "")
  .option("--since <time>", "");

test.each([
  ["events_kept_seconds", "Invalid events_kept_seconds: must be between 3600 and 2592000", "--keep-events: must be between 1h and 30d"],
  ["expires_in", "This value must be less than or equal to 3155760000.", "--expires-in: This value must be less than or equal to 36525d."],
  ["permissions[0]", "Invalid permissions[0]: no permission", "--permissions: no permission"],
  ["enabled_events", "Unknown type", "--events: Unknown type"],
  ["rate", "This value must be less than or equal to 1000.", "--rate: This value must be less than or equal to 1000."],
  ["created[gte]", "Invalid created[gte]: 1764443825", "--since: 1764443825"],
])("a refusal of %s names the option, and times have units", (param, message, words) => {
  expect(inOwnOptions(message, param, command)?.message).toBe(words);
});

test("a parameter that no option sets is named by the server alone", () => {
  expect(inOwnOptions("No such platform: 'acct_x'", "platform", command)).toBeNull();
});
