import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isThere } from "./is-there.ts";

const folder = mkdtempSync(join(tmpdir(), "carabiner-is-there-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "file");
writeFileSync(file, "");
symlinkSync(join(folder, "nowhere"), join(folder, "link"));
symlinkSync(join(folder, "circle"), join(folder, "circle"));

test.each([
  ["file", true, true],
  ["none", false, false],
  ["file/below", false, false],
  ["link", true, false],
])("%s is there: %s, and where it leads: %s", (name, itself, where) => {
  expect([isThere(join(folder, name)), isThere(join(folder, name), statSync)]).toEqual([itself, where]);
});

test("a path that cannot be checked counts neither as existing nor as missing", () => {
  expect(() => isThere(join(folder, "circle/below"))).toThrow(
    `Cannot look at ${join(folder, "circle/below")}: its links lead in a circle (ELOOP).`,
  );
  // The superuser may look everywhere.
  const forbidden = () => {
    throw Object.assign(new Error("EACCES"), { code: "EACCES" });
  };
  expect(() => isThere(file, forbidden as never)).toThrow(`Not allowed to look into ${folder}.`);
});
