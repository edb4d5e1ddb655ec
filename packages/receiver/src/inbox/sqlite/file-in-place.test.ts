import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { InboxUnavailable } from "../inbox.ts";
import { FileInPlace } from "./file-in-place.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-in-place-"));
  path = join(folder, "app.db");
  writeFileSync(path, "");
});
afterEach(() => rmSync(folder, { recursive: true }));

const says = (inPlace: FileInPlace): unknown => {
  try {
    inPlace.mustBe();
    return null;
  } catch (error) {
    return error;
  }
};

test("a log that is made later belongs to the file, and is missed from then on", () => {
  const inPlace = new FileInPlace(path);
  inPlace.remember();
  expect(says(inPlace)).toBeNull();
  writeFileSync(`${path}-wal`, "");
  expect(says(inPlace)).toBeNull();
  rmSync(`${path}-wal`);
  expect(says(inPlace)).toBeInstanceOf(InboxUnavailable);
});

test("where the path is a link, both the link and the log beside its target are looked at", () => {
  const [link, other] = [join(folder, "link.db"), join(folder, "other.db")];
  symlinkSync(path, link);
  writeFileSync(`${path}-wal`, "");
  const inPlace = new FileInPlace(link);
  inPlace.remember();
  expect(says(inPlace)).toBeNull();
  renameSync(`${path}-wal`, join(folder, "away"));
  expect(says(inPlace)).toMatchObject({ message: expect.stringContaining(`${path}-wal was removed or replaced`) });
  renameSync(join(folder, "away"), `${path}-wal`);
  writeFileSync(other, "");
  rmSync(link);
  symlinkSync(other, link);
  expect(says(inPlace)).toMatchObject({ message: expect.stringContaining(`${link} was removed or replaced`) });
});

test("a path that cannot be looked at counts as away", () => {
  const inner = join(folder, "inner");
  mkdirSync(inner);
  writeFileSync(join(inner, "app.db"), "");
  const inPlace = new FileInPlace(join(inner, "app.db"));
  inPlace.remember();
  rmSync(inner, { recursive: true });
  // A link that leads to itself.
  symlinkSync(inner, inner);
  expect(says(inPlace)).toMatchObject({ name: "InboxUnavailable", message: expect.stringContaining("ELOOP") });
});
