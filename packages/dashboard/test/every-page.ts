import type { PlatformWithHistory } from "./platform-with-history.ts";

/** Every page of the dashboard on a platform with a history, and a text that it shows once it has its data. */
export const everyPage = (platform: PlatformWithHistory): readonly (readonly [path: string, text: string])[] => [
  ["/test/live", "payout.failed"],
  ["/test/events", "payout.failed"],
  [`/test/events/${platform.hostile}`, "The object"],
  ["/test/deliveries", "payout.failed"],
  [`/test/deliveries/${platform.failing}`, "Attempt 1"],
  ["/test/endpoints", "/broken"],
  [`/test/endpoints/${platform.broken}`, "It has failed since"],
  ["/test/accounts", "Tiny Bakery"],
  [`/test/accounts/${platform.florist}`, "Capabilities"],
  ["/test/requests", "/v1/payouts"],
  ["/test/publish", "The object, as JSON"],
  ["/test/clock", "What falls due"],
  ["/test/system", "Limits in force"],
  ["/test/nothing", "There is no such page"],
  ["/live", "Nothing has happened yet"],
];
