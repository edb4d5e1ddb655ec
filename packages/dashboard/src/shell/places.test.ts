import { expect, test } from "vitest";
import { withoutLive } from "./places.ts";

test("an address that names live mode as others name test mode leads to its page", () => {
  expect(withoutLive("/dashboard/live/events", "/dashboard")).toBe("/dashboard/events");
  expect(withoutLive("/dashboard/live/live", "/dashboard")).toBe("/dashboard/live");
  expect(withoutLive("/sub/dashboard/live/accounts/acct_1", "/sub/dashboard")).toBe("/sub/dashboard/accounts/acct_1");
});

test("every other address stays", () => {
  for (const path of ["/dashboard/live", "/dashboard/live/evt_1", "/dashboard/test/live/events", "/dashboard/events", "/dashboard/"])
    expect(withoutLive(path, "/dashboard")).toBe(path);
});
