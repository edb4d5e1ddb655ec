import { expect, test } from "vitest";
import { bannedNames } from "./banned-names.ts";

test.each([
  "packages/server/src/utils/sleep.ts",
  "packages/server/src/helpers.ts",
  "packages/server/src/api/types.ts",
  "packages/server/src/lib/index.ts",
  "packages/cli/src/string-utils.test.ts",
  "scripts/event-manager.ts",
  "examples/common/run.ts",
])("%s says nothing", (path) => {
  expect(bannedNames([path])).toHaveLength(1);
});

test("names that say something pass, also where a banned word is part of one", () => {
  expect(
    bannedNames([
      "packages/protocol/src/event-types.ts",
      "packages/server/src/resources/test-helpers.ts",
      "packages/server/src/api/mask-key.ts",
      ".ci/lib",
    ]),
  ).toEqual([]);
});
