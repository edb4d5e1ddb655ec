import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { fileFault } from "./file-fault.ts";

const folder = mkdtempSync(join(tmpdir(), "carabiner-file-fault-"));
afterAll(() => rmSync(folder, { recursive: true }));
symlinkSync(join(folder, "circle"), join(folder, "circle"));

function faultOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return fileFault(error);
  }
  throw new Error("nothing was wrong");
}

test.each([
  ["none", "there is no such file or folder (ENOENT)"],
  ["", "it is a folder (EISDIR)"],
  ["circle", "its links lead in a circle (ELOOP)"],
  ["n".repeat(300), "its name is too long (ENAMETOOLONG)"],
])("%s cannot be read, for a reason in words", (name, words) => {
  expect(faultOf(() => readFileSync(join(folder, name)))).toBe(words);
});

test("a code without words is told as it is, and what is no error of the system in its own words", () => {
  expect(fileFault(Object.assign(new Error("odd"), { code: "EODD" }))).toBe("EODD");
  expect(fileFault(Object.assign(new Error("odd"), { code: "toString" }))).toBe("toString");
  expect(fileFault(new TypeError("not a path"))).toBe("TypeError: not a path");
});
