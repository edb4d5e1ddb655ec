import { expect, test } from "vitest";
import { lockfile } from "./lockfile.ts";

const says = (packages: Record<string, object>): string[] => lockfile(JSON.stringify({ packages })).map((violation) => violation.says);

test("download addresses and missing checksums are found", () => {
  expect(says({ "node_modules/a": { resolved: "https://mirror.example/a.tgz", integrity: "sha512-x" } })).toEqual([
    expect.stringContaining("node_modules/a has a download address"),
  ]);
  expect(says({ "node_modules/a": { version: "1.0.0" } })).toEqual(["node_modules/a has no checksum"]);
});

test("our own folders and the links to them need neither", () => {
  expect(
    says({
      "": {},
      "packages/cli": {},
      "node_modules/carabiner": { resolved: "packages/cli", link: true },
      "node_modules/a": { integrity: "sha512-x" },
    }),
  ).toEqual([]);
});
