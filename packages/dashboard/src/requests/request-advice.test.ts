import { expect, test } from "vitest";
import { requestAdvice } from "./request-advice.ts";

test("a refusal about an account that is out of reach speaks of the account, not of the key's permissions", () => {
  const error = { name: "account_invalid", type: "invalid_request_error", code: "account_invalid", param: null, message: "" };
  expect(requestAdvice({ status: 403, error })).toContain("connected");
  expect(requestAdvice({ status: 403, error: { ...error, code: null } })).toContain("permissions");
});
