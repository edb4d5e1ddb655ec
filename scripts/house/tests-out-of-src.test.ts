import { expect, test } from "vitest";
import { parseSource } from "./source-file.ts";
import { testsOutOfSrc } from "./tests-out-of-src.ts";

const SAYS = "only tests import it: move it to the package's test/, which mirrors src/";

function files(texts: Record<string, string>) {
  return Object.entries(texts).map(([path, text]) => parseSource(path, text));
}

test("a file in src that only tests import is in the wrong place, also when others like it import it", () => {
  const sources = files({
    "packages/a/src/index.ts": 'export { used } from "./used.ts";\n',
    "packages/a/src/used.ts": 'export const used = import("./later.ts");\n',
    "packages/a/src/later.ts": "export {};\n",
    "packages/a/src/fixture.ts": 'import "./deeper.ts";\nimport "./used.ts";\n',
    "packages/a/src/deeper.ts": "export {};\n",
    "packages/a/src/used.test.ts": 'import "./fixture.ts";\n',
    "packages/a/test/fixture.ts": "export {};\n",
  });
  expect(testsOutOfSrc(sources, ["packages/a/src/index.ts"])).toEqual([
    { path: "packages/a/src/fixture.ts", line: 1, says: SAYS },
    { path: "packages/a/src/deeper.ts", line: 1, says: SAYS },
  ]);
});

test("what a package's command starts is not only for tests", () => {
  const sources = files({ "packages/a/src/main.ts": 'import "./run.ts";\n', "packages/a/src/run.ts": "export {};\n" });
  expect(testsOutOfSrc(sources, ["packages/a/src/main.ts"])).toEqual([]);
  expect(testsOutOfSrc(sources, [])).toHaveLength(2);
});
