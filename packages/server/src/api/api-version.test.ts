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

test("a preview is answered as the release of its date", () => {
  expect(requestedVersion("2025-11-17.preview")).toBe("2025-11-17.clover");
  expect(requestedVersion("2026-10-28.preview; x_beta=v1")).toBe("2026-10-28.endive");
  for (const unknown of ["2025-11-18.preview", "2024-06-20.preview", ".preview"])
    expect(() => requestedVersion(unknown), unknown).toThrow(expect.objectContaining({ error: "api_version_invalid" }));
});

test("betas after a version change nothing, known or unknown", () => {
  for (const betas of ["; x_beta=v1", ";x_beta=v1", "; x_beta=v1; y_beta=v12"])
    expect(requestedVersion(`2023-10-16${betas}`)).toBe("2023-10-16");
  for (const wrong of [
    "2023-10-16;",
    "2023-10-16; x_beta",
    "2023-10-17; x_beta=v1",
    "2023-10-16; x beta=v1",
    `2023-10-16${"; x=v1".repeat(21)}`,
  ])
    expect(() => requestedVersion(wrong), wrong).toThrow(expect.objectContaining({ error: "api_version_invalid" }));
});

test("an account's version is its own, or the latest when this server does not know it", () => {
  expect(defaultVersion("2024-06-20")).toBe("2024-06-20");
  expect(defaultVersion("2999-01-01")).toBe(LATEST_API_VERSION);
});
