import { LATEST_API_VERSION } from "@carabiner/protocol";
import { expect, test } from "vitest";
import { defaultVersion, requestedVersion } from "./api-version.ts";

test("a header asks for a published version, or for none", () => {
  expect(requestedVersion("2024-06-20")).toBe("2024-06-20");
  expect(requestedVersion(undefined)).toBeNull();
  expect(requestedVersion("")).toBeNull();
  for (const unknown of ["2024-06-21", "latest", "2024-06-20 ", "toString"]) {
    expect(() => requestedVersion(unknown)).toThrow(expect.objectContaining({ error: "api_version_invalid", status: 400 }));
  }
});

test("an account's version is its own, or the latest when this server does not know it", () => {
  expect(defaultVersion("2024-06-20")).toBe("2024-06-20");
  expect(defaultVersion("2999-01-01")).toBe(LATEST_API_VERSION);
});
