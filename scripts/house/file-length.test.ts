import { expect, test } from "vitest";
import { fileLength } from "./file-length.ts";
import { parseSource } from "./source-file.ts";

const PATH = "packages/a/src/a.ts";
const file = (lines: number, path = PATH) => parseSource(path, "export {};\n".repeat(lines));
const exceptions = new Map<string, string>();

test("a file is split when it is a line too long, and sooner when it is published", () => {
  const options = { longest: 10, elsewhere: 20, exceptions };
  expect(fileLength([file(10), file(20, "packages/a/src/a.test.ts"), file(20, "scripts/a.ts")], options)).toEqual([]);
  expect(fileLength([file(11), file(21, "scripts/a.ts")], options)).toEqual([
    { path: PATH, line: 10, says: "11 lines; 10 is the most: split it" },
    { path: "scripts/a.ts", line: 20, says: "21 lines; 20 is the most: split it" },
  ]);
});

test("an exception has a reason, and may not outlive it", () => {
  const options = { longest: 10, exceptions: new Map([[PATH, "a list"]]) };
  expect(fileLength([file(11)], options)).toEqual([]);
  expect(fileLength([file(10)], options)).toEqual([
    { path: "scripts/house/file-length.ts", line: 1, says: `nothing needs the exception ${PATH} (a list): delete it` },
  ]);
});
