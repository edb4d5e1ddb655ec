import { type accessSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assertUsableFile } from "./assert-usable-file.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-usable-"));
  file = join(folder, "carabiner.db");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As for a user who may do everything, but for one path. */
const refusing =
  (refused: string, code: string): typeof accessSync =>
  (path) => {
    if (path === refused) throw Object.assign(new Error(code), { code });
  };
const unusable = (says: string, remedy: string) => ({
  name: "UnusableFile",
  message: expect.stringContaining(says),
  remedy: expect.stringContaining(remedy),
});
const thrown = (...args: Parameters<typeof assertUsableFile>): unknown => {
  try {
    assertUsableFile(...args);
    return null;
  } catch (error) {
    return error;
  }
};

test("an existing file, and a file that will be created, are usable", () => {
  expect(thrown(file)).toBeNull();
  writeFileSync(file, "");
  expect(thrown(file)).toBeNull();
});

test("one that may not be read and written is not, nor its log, nor a folder in which no log can be made", () => {
  for (const path of [file, `${file}-wal`, `${file}-journal`, `${file}-underway`]) {
    writeFileSync(path, "");
    expect(thrown(file, refusing(path, "EACCES")), path).toMatchObject(
      unusable(`This process may not read and write ${path}: permission denied.`, `chmod u+rwX ${path}`),
    );
    rmSync(path);
  }
  expect(thrown(file, refusing(folder, "EACCES"))).toMatchObject(unusable(`may not make files in ${folder}`, folder));
});

test("a file system that is mounted read-only is named as such", () => {
  expect(thrown(file, refusing(folder, "EROFS"))).toMatchObject(unusable("mounted read-only", "Mount it"));
});

test("a folder in the place of a file, a missing folder and a link that leads nowhere are reported", () => {
  expect(thrown(join(folder, "nowhere", "carabiner.db"))).toMatchObject(unusable("There is no folder", "mount the disk"));
  mkdirSync(`${file}-wal`);
  expect(thrown(file)).toMatchObject(unusable(`${file}-wal is a folder`, "Move it away"));
  rmSync(`${file}-wal`, { recursive: true });
  mkdirSync(file);
  expect(thrown(file)).toMatchObject(unusable(`${file} is a folder`, "Move it away"));
  rmSync(file, { recursive: true });
  symlinkSync(join(folder, "away.db"), file);
  expect(thrown(file)).toMatchObject(unusable(`${file} is a link`, "Mount the disk"));
});

test("a full disk is reported before anything is created on it", () => {
  expect(
    thrown(
      file,
      () => undefined,
      () => 0,
    ),
  ).toMatchObject(unusable(`The disk that ${folder} is on is full`, "Make room"));
  expect(
    thrown(
      file,
      () => undefined,
      () => 1,
    ),
  ).toBeNull();
});

test("what goes wrong otherwise is no fault of the file", () => {
  expect(thrown(file, refusing(folder, "EIO"))).toMatchObject({ code: "EIO" });
});
