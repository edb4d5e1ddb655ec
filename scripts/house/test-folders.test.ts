import { expect, test } from "vitest";
import { testFolders } from "./test-folders.ts";

const SRC = "packages/server/src/deliveries/engine.ts";

test("a folder of tests that src has not is refused", () => {
  expect(testFolders([SRC, "packages/server/test/sending/engine.test.ts"])).toMatchObject([
    { path: "packages/server/test/sending/engine.test.ts" },
  ]);
});

test("folders that mirror src, suites of the whole server and files beside them pass", () => {
  expect(
    testFolders([
      SRC,
      "packages/server/test/deliveries/engine.test.ts",
      "packages/server/test/simulation/main.ts",
      "packages/server/test/spine.test.ts",
    ]),
  ).toEqual([]);
});
