import { DEFAULT_RETRY_POLICY, RETRY_POLICIES as OF_SERVER } from "@carabiner/server";
import { expect, test } from "vitest";
import { RETRY_POLICIES } from "./listen-options.ts";

test("the retry policies to choose from are the server's, its default first", () => {
  expect([...RETRY_POLICIES].sort()).toEqual(Object.keys(OF_SERVER).sort());
  expect(RETRY_POLICIES[0]).toBe(DEFAULT_RETRY_POLICY);
});
