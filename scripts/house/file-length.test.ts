import { expect, test } from "vitest";
import { fileLength } from "./file-length.ts";
import { parseSource } from "./source-file.ts";

test("a file is split when it is a line too long", () => {
  const file = (lines: number) => parseSource("a.ts", "export {};\n".repeat(lines));
  expect(fileLength([file(10)], 10)).toEqual([]);
  expect(fileLength([file(11)], 10)).toEqual([{ path: "a.ts", line: 10, says: "11 lines; 10 is the most: split it" }]);
});
