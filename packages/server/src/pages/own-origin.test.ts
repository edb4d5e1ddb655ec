import { expect, test } from "vitest";
import { isFromOwnPage } from "./own-origin.ts";

const PUBLIC = "https://connect.example.com/base";

test.each<[origin: string | undefined, fetchSite: string | undefined, own: boolean]>([
  ["https://connect.example.com", "same-origin", true],
  ["https://connect.example.com", undefined, true],
  [undefined, "same-origin", true],
  [undefined, "none", true],
  [undefined, undefined, true],
  ["https://evil.example.com", "same-site", false],
  ["https://evil.example", "cross-site", false],
  ["https://evil.example", undefined, false],
  [undefined, "same-site", false],
  [undefined, "cross-site", false],
  [undefined, "nonsense", false],
  // A foreign name that leads here: the browser tells the truth.
  ["https://rebound.example", "same-origin", false],
  ["null", "same-origin", false],
  ["", undefined, false],
  ["http://connect.example.com", "same-origin", false],
  ["https://connect.example.com:8443", undefined, false],
  ["https://connect.example.com, https://evil.example", undefined, false],
])("a form with Origin %s and Sec-Fetch-Site %s", (origin, fetchSite, own) => {
  expect(isFromOwnPage({ origin, fetchSite }, PUBLIC)).toBe(own);
});

test("on this machine all of its names are one", () => {
  for (const origin of ["http://localhost:12111", "http://127.0.0.1:12111", "http://[::1]:12111"])
    expect(isFromOwnPage({ origin, fetchSite: "same-origin" }, "http://127.0.0.1:12111")).toBe(true);
  for (const origin of ["http://localhost:12112", "https://localhost:12111", "http://localhost.example:12111"])
    expect(isFromOwnPage({ origin, fetchSite: "same-origin" }, "http://127.0.0.1:12111")).toBe(false);
});
