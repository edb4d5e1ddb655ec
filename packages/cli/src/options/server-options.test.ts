import { expect, test } from "vitest";
import { CommandFailure } from "../command-failure.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { targetOf } from "./server-options.ts";

test("options override the environment, and the environment overrides the defaults", () => {
  expect(targetOf({}, {})).toEqual({ url: "http://127.0.0.1:12111", key: "sk_test_carabinerForLocalTesting", account: null });
  const env = { CARABINER_URL: "https://a.example/", CARABINER_API_KEY: "sk_test_1", CARABINER_LIVE_API_KEY: "sk_live_1" };
  expect(targetOf({ account: "acct_1" }, env)).toEqual({ url: "https://a.example", key: "sk_test_1", account: "acct_1" });
  expect(targetOf({ url: "http://b", live: true }, env)).toEqual({ url: "http://b", key: "sk_live_1", account: null });
  expect(targetOf({ live: true }, { CARABINER_API_KEY: "sk_test_1" }).key).toBe("sk_live_carabinerForLocalTesting");
});

test.each(["localhost:5", "ftp://a", "nowhere"])("%s is refused as the address of a server", (url) => {
  try {
    targetOf({ url }, {});
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(CommandFailure);
    expect((error as CommandFailure).exitCode).toBe(EXIT_CODES.usage);
  }
});
