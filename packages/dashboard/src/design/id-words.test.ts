import { expect, test } from "vitest";
import { looksLikeId, pageOfId, shortId, shortPath } from "./id-words.ts";

test("an id shortens in its middle, and a short one stays", () => {
  expect(shortId("evt_0VcN35wD06SXCdEwmkdjmSE3")).toBe("evt_0V…mSE3");
  expect(shortId("acct_12345678")).toBe("acct_12345678");
  expect(shortId("whsec_test_0123456789abcdef")).toBe("whsec_test_01…cdef");
});

test("an id leads to the page that shows it, and nothing else leads anywhere", () => {
  expect(pageOfId("evt_1")).toBe("/events/evt_1");
  expect(pageOfId("we_1Ab")).toBe("/endpoints/we_1Ab");
  for (const text of ["po_1", "evt_", "evt_1/../../x", "javascript:alert(1)", "evt_1?x=1"]) expect(pageOfId(text), text).toBeNull();
});

test("ids are distinguished from words", () => {
  expect(["acct_0VcN35wD06SX", "ba_0VcN35uK032jCA", "req_0VcN35uK032jCA"].every(looksLikeId)).toBe(true);
  expect(["account_updated", "hello", "<script>", "charge", "pending_verification", "us_bank"].some(looksLikeId)).toBe(false);
});

test("ids in a path are shortened, and its words are not", () => {
  expect(shortPath("/v1/accounts/acct_0VcQNDtQ01XZoocE/external_accounts")).toBe("/v1/accounts/acct_0V…oocE/external_accounts");
  expect(shortPath("/v1/test_helpers/accounts/acct_0VcQNDtQ01XZoocE/complete_onboarding")).toContain("/complete_onboarding");
});
