import { LATEST_API_VERSION } from "@carabiner/protocol";
import { afterEach, expect, test, vi } from "vitest";
import { createClient } from "./client.ts";

afterEach(() => vi.restoreAllMocks());

test("the v2 API is asked in the latest version, whose words the page knows", async () => {
  const sent = vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json({}));
  await createClient("test").get("/v2/core/accounts/acct_1");
  expect(new Headers(sent.mock.calls[0]?.[1]?.headers).get("stripe-version")).toBe(LATEST_API_VERSION);
});
