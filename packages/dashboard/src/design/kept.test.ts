import { afterEach, expect, test, vi } from "vitest";
import { keep, kept } from "./kept.ts";

afterEach(() => vi.unstubAllGlobals());

test("values that the browser does not let a page store are kept until the page is closed", () => {
  const refuse = (): never => {
    throw new DOMException("Access is denied for this document.", "SecurityError");
  };
  vi.stubGlobal("sessionStorage", { getItem: refuse, setItem: refuse, removeItem: refuse });
  expect(kept("sessionStorage", "platform")).toBeNull();
  keep("sessionStorage", "platform", "acct_1");
  expect(kept("sessionStorage", "platform")).toBe("acct_1");
  keep("sessionStorage", "platform", null);
  expect(kept("sessionStorage", "platform")).toBeNull();
});
