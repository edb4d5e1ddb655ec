import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addKey, createKeyFile, dropKeys, keyOfText, keysOfFile, UnusableKeys } from "./key-file.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-keys-"));
  file = join(folder, "secrets.key");
});
afterEach(() => rmSync(folder, { recursive: true }));

const idsIn = (path = file) => {
  const { current, older } = keysOfFile(path, { make: false }).ring();
  return [current, ...older].map(({ id }) => id);
};

test("a key file is its owner's alone, whatever the process makes files with", () => {
  const umask = process.umask(0);
  try {
    createKeyFile(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    process.umask(0o777);
    addKey(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  } finally {
    process.umask(umask);
  }
});

test("a new key goes before the others; those that are no longer needed go; nothing else is left in the folder", () => {
  const first = createKeyFile(file);
  const second = addKey(file);
  const third = addKey(file);
  expect(idsIn()).toEqual([third, second, first]);
  dropKeys(file, [first, third]);
  expect(idsIn()).toEqual([third, second]);
  expect(readdirSync(folder)).toEqual(["secrets.key"]);
});

test("files that a killed process left beside the file are removed at the next change, and nothing else is", () => {
  createKeyFile(file);
  writeFileSync(`${file}.0123456789ab`, "keys that were retired");
  writeFileSync(`${file}.bak`, "a backup");
  addKey(file);
  expect(readdirSync(folder).sort()).toEqual(["secrets.key", "secrets.key.bak"]);
});

test("a link to the file stays a link, and a backup of its target has the new key", () => {
  const real = join(folder, "real.key");
  createKeyFile(real);
  symlinkSync(real, file);
  const added = addKey(file);
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
  expect(idsIn(real)[0]).toBe(added);
});

test("the file keeps its owner, whoever changes it", () => {
  createKeyFile(file);
  // Only the superuser can change a file's owner.
  const owner = process.getuid?.() === 0 ? [12_345, 12_346] : [statSync(file).uid, statSync(file).gid];
  chownSync(file, owner[0] as number, owner[1] as number);
  addKey(file);
  const { uid, gid, mode } = statSync(file);
  expect([uid, gid, mode & 0o777]).toEqual([...owner, 0o600]);
});

test("a file that is there is not written over", () => {
  const id = createKeyFile(file);
  expect(() => createKeyFile(file)).toThrow("already exists");
  expect(idsIn()).toEqual([id]);
  expect(readdirSync(folder)).toEqual(["secrets.key"]);
});

test("a key that is made for a new store is in the file once the store keeps something, and not before", () => {
  const made: string[] = [];
  const keys = keysOfFile(file, { make: true, onMade: (path) => void made.push(path) });
  expect([existsSync(file), made]).toEqual([false, []]);
  expect(keys.from).toContain("as there is none");
  keys.keep();
  keys.keep();
  expect(made).toEqual([file]);
  expect(idsIn()).toEqual([keys.ring().current.id]);
});

test("of two that make a key for the same file the second is refused", () => {
  const [one, other] = [keysOfFile(file, { make: true }), keysOfFile(file, { make: true })];
  one.keep();
  expect(() => other.keep()).toThrow(UnusableKeys);
  expect(idsIn()).toEqual([one.ring().current.id]);
});

test("keys are read again when the file has changed; a damaged file does not change them", () => {
  createKeyFile(file);
  const keys = keysOfFile(file, { make: false });
  const before = keys.ring();
  keys.reload();
  expect(keys.ring()).toBe(before);
  const added = addKey(file);
  keys.reload();
  expect(keys.ring().current.id).toBe(added);
  writeFileSync(file, "{");
  keys.reload();
  expect(keys.ring().current.id).toBe(added);
  rmSync(file);
  keys.reload();
  expect(keys.ring().current.id).toBe(added);
});

const KEY = Buffer.alloc(32, 7).toString("base64");

test.each([
  ["nothing", "", "is not a key file"],
  ["no JSON", `{"keys": [${KEY}`, "is not a key file"],
  ["other JSON", `["${KEY}"]`, "is not a key file"],
  ["no keys", '{"keys": []}', "contains no keys"],
  ["a short key", `{"keys": [{"id": "x", "key": "${KEY.slice(8)}"}]}`, "32 bytes"],
  ["a key under another's id", `{"keys": [{"id": "0123456789ab", "key": "${KEY}"}]}`, "edited by hand"],
])("a key file with %s is refused, and nothing of it is told", (_, text, says) => {
  writeFileSync(file, text);
  let thrown: unknown;
  try {
    keysOfFile(file, { make: true });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(UnusableKeys);
  expect((thrown as Error).message).toContain(says);
  expect(inspect(thrown, { depth: null })).not.toContain(KEY.slice(8, 24));
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("the error for a file that is missing, or cannot be read or written, says what to do", () => {
  const told = (says: string, remedy: string) =>
    expect.objectContaining({ message: expect.stringContaining(says), remedy: expect.stringContaining(remedy) });
  expect(() => keysOfFile(file, { make: false })).toThrow(told("There is no key file", `carabiner secrets create-key ${file}`));
  expect(() => createKeyFile(join(folder, "nowhere", "secrets.key"))).toThrow(
    told("cannot be written: there is no such file or folder (ENOENT)", "who may write its folder"),
  );
  expect(() => createKeyFile(file.padEnd(300, "x"))).toThrow(told("cannot be written: its name is too long (ENAMETOOLONG)", "folder"));
  writeFileSync(file, "");
  expect(() => createKeyFile(join(file, "secrets.key"))).toThrow(
    told("cannot be written: a part of its path is not a folder (ENOTDIR)", "folder"),
  );
  expect(() => keysOfFile(folder, { make: false })).toThrow(told("cannot be read: it is a folder (EISDIR)", "Name the file in it"));
});

test.each([
  ["base64", KEY],
  ["base64url without padding", Buffer.alloc(32, 7).toString("base64url")],
  ["hexadecimal", "07".repeat(32)],
])("a key may be text in %s", (_, text) => {
  expect(keyOfText(text, "CARABINER_KEY").id).toBe(keyOfText(KEY, "CARABINER_KEY").id);
});

test.each(["", "short", "g".repeat(64), `${KEY}AAAA`])("%j is no key, and is not told", (text) => {
  expect(() => keyOfText(text, "CARABINER_KEY")).toThrow(/^CARABINER_KEY must hold keys of 32 bytes, each in base64 or in hexadecimal\.$/);
});

test("a key does not show when it is printed", () => {
  createKeyFile(file);
  chmodSync(file, 0o600);
  const [first] = (JSON.parse(readFileSync(file, "utf8")) as { keys: { key: string }[] }).keys;
  const keys = keysOfFile(file, { make: false });
  const bytes = Buffer.from(first?.key ?? "", "base64");
  const shown = inspect([keys, keys.ring()], { depth: null, showHidden: true }) + JSON.stringify(keys.ring());
  for (const form of [bytes.toString("base64"), bytes.toString("hex"), bytes.toString("hex").replace(/..(?!$)/g, "$& ")])
    expect(shown).not.toContain(form);
});
